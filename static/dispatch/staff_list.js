// "Dari daftar": the desk's own people from a CSV file, and a link for each.
// The links stand in the open sheet and in the file that is saved from it, and nowhere else.

import { h, isOff, put, refill, show, turnOff } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";
import { Field, judge } from "/static/dispatch/fields.js";

const MOST_BYTES = 128 * 1024;
const COLUMNS = new Set(["name", "role", "shop", "van", "desk", "vehicle"]);
const EXAMPLE = "nama;peran;toko;mobil;meja;kendaraan";

export class ListSheet {
  /** `part`: hub, panel, said(reply), changed(). */
  constructor(part) { this.part = part; }

  open() {
    this.file = new Field(h("input", { name: "list", type: "file", accept: ".csv,text/csv,text/plain" }), "staff.list_file");
    this.why = h("p", { class: "error", role: "status" });
    this.send = h("button", { type: "submit", class: "big go", data: { act: "staff.list" } }, word("staff.list_yes"));
    this.result = h("div", { class: "staff-listed", hidden: true });
    const form = h("form", { class: "desk-form", novalidate: true, data: { form: "staff_list" } },
      h("p", {}, word("staff.list_told")), h("pre", { class: "staff-columns" }, EXAMPLE), this.file.element,
      h("p", { class: "told" }, word("staff.add_told")), this.send, this.why);
    form.addEventListener("submit", (event) => { event.preventDefault(); this._send(); });
    this.part.panel.open(word("staff.list_heading"), [form, this.result], { closing: word("staff.close") });
    this.file.control.focus();
  }

  async _send() {
    const [file] = this.file.control.files;
    const wrong = !file ? word("staff.list_none") : file.size > MOST_BYTES ? word("staff.list_long") : null;
    if (isOff(this.send) || !judge([this.file], { list: wrong })) return;
    turnOff(this.send, true);
    put(this.why, word("staff.sending"));
    const reply = await this.part.hub.list(await file.arrayBuffer());
    turnOff(this.send, false);
    put(this.why, "");
    this.part.changed();
    if (reply.rows !== undefined) this._done(reply);
    else put(this.why, reply.code === "bad_data" ? word("staff.list_bad") : this.part.said(reply));
  }

  /** What became of each row; the links can be saved until the sheet is closed. */
  _done({ enrolled, same, errors, links }) {
    const save = h("a", { class: "big", href: address(links), download: word("staff.list_saved_as"), data: { act: "staff.list_save" } }, word("staff.list_save"));
    refill(this.result,
      h("p", { role: "status", data: { state: errors.length ? "partly" : "done" } }, word("staff.list_done", { n: enrolled, same, wrong: errors.length })),
      links.length ? [save, h("p", { class: "told" }, word("staff.made_once"))] : null,
      h("ul", { class: "staff-faults" }, errors.map((fault) => h("li", { data: { line: fault.line } }, sentence(fault)))));
    show(this.result, true);
  }
}

function sentence({ line, column, expected, got }) {
  const first = /stands in line (\d+)/.exec(expected);
  const why = first ? word("staff.list_twice", { line: first[1] }) : word(`staff.list_wrong_${COLUMNS.has(column) ? column : "row"}`);
  return `${word("staff.list_line", { line })}: ${why}${got ? ` (${got})` : ""}`;
}

/** The links as a file's address: nothing that a spreadsheet would reckon with begins a cell. */
function address(links) {
  const cell = (text) => `"${(/^[=+@\t-]/.test(text) ? `'${text}` : text).replace(/"/g, '""')}"`;
  const rows = [["nama", "peran", "tautan"], ...links.map(({ name, role, link }) => [name, role, link])];
  const text = rows.map((row) => row.map(cell).join(",")).join("\r\n");
  return `data:text/csv;charset=utf-8,${encodeURIComponent(`\uFEFF${text}\r\n`)}`;
}
