// Which orders a person has touched on this phone: kept over a reload, so that
// what was touched does not ring again.

const KEPT = "kt.shop.touched";
const MOST = 200;

export class Touches {
  constructor() {
    this._ids = new Set();
    try {
      const kept = JSON.parse(localStorage.getItem(KEPT));
      if (Array.isArray(kept)) this._ids = new Set(kept);
    } catch (error) { /* Private mode, or nothing was kept: this page's own memory will do. */ }
  }

  has(id) { return this._ids.has(id); }

  add(id) {
    this._ids.add(id);
    try {
      localStorage.setItem(KEPT, JSON.stringify([...this._ids].slice(-MOST)));
    } catch (error) { /* As above. */ }
  }
}
