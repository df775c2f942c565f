// "Layar terik": black on white and thick lines, whatever the phone's own theme; kept on this phone.

const KEPT = "kt.van.sun";

export class Sun {
  constructor(button) {
    let on = false;
    try {
      on = localStorage.getItem(KEPT) === "1";
    } catch (error) { /* Private mode: it lasts as long as the page. */ }
    this._set(button, on);
    button.addEventListener("click", () => this._set(button, !this.on));
  }

  _set(button, on) {
    this.on = on;
    if (on) document.documentElement.dataset.sun = "";
    else delete document.documentElement.dataset.sun;
    button.setAttribute("aria-pressed", String(on));
    try {
      localStorage.setItem(KEPT, on ? "1" : "0");
    } catch (error) { /* As above. */ }
  }
}
