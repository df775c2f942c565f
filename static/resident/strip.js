// The strip on the first page: one line for each thing that lives for me.

import { $, h, keyed, put, setData } from "/static/shared/dom.js";

export class Strip {
  constructor() {
    this.lines = new Map();
  }

  /** `line`: {type, id, state, text, href, at}; null takes it away. */
  set(key, line) {
    if (line) this.lines.set(key, { ...line, key });
    else this.lines.delete(key);
    const rows = [...this.lines.values()].sort((a, b) => b.at - a.at);
    keyed($("#lines"), rows, (row) => row.key,
      () => h("li", {}, h("a", { class: "strip-line" }, h("span"))),
      (element, row) => {
        const link = element.firstChild;
        link.href = row.href;
        setData(link, { type: row.type, id: row.id, state: row.state });
        put(link.firstChild, row.text);
      });
  }
}
