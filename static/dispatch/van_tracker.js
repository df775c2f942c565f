// The key of a van's tracker: made with one tap, shown once, with what a phone needs.

import { h, put } from "/static/shared/dom.js";
import { word } from "/static/shared/words.js";

const PATH = "/v1/trackers/osmand";

/** OsmAnd fills in the braces itself. Its speed is left out: it counts in other units than the hub reads there. */
export const osmandUrl = (base, key) => `${base}${PATH}?id=${encodeURIComponent(key)}&lat={0}&lon={1}&timestamp={2}&bearing={6}`;
export const traccarUrl = (base) => base + PATH;

/** A value to copy. Where the clipboard is closed the text is marked, so that it can be copied by hand. */
function copied(name, label, value) {
  const text = h("input", { name, readonly: true, value, id: `tracker-${name}` });
  const said = h("p", { class: "soft", role: "status" });
  const button = h("button", { type: "button", class: "small strong", data: { copy: name }, "aria-label": `${word("van_desk.copy")}: ${label}` }, word("van_desk.copy"));
  button.addEventListener("click", async () => {
    const done = await copy(text);
    button.dataset.state = done ? "copied" : "marked";
    put(said, word(done ? "van_desk.copied" : "van_desk.copy_by_hand"));
  });
  return h("div", { class: "field key" }, h("label", { for: text.id }, label), h("div", { class: "key-row" }, text, button), said);
}

/** Copy a field's text; false where the person must do it by hand (it is marked then). */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text.value);
    return true;
  } catch (error) {
    text.focus();
    text.select();
    try { return document.execCommand("copy"); } catch (refused) { return false; }
  }
}

/** Show a key that was just made. It stands nowhere else: closing the sheet is the end of it. */
export function showKey(sheet, { van, name, key, base, home }) {
  sheet.open(word("van_desk.key_heading", { van: name }), [
    h("p", { class: "note told", data: { type: "tracker", id: van, state: "made" } }, word("van_desk.key_old_dead")),
    h("p", {}, word("van_desk.key_once")),
    h("h3", {}, "OsmAnd"), h("p", { class: "soft" }, word("van_desk.osmand_how")), copied("osmand", word("van_desk.osmand_url"), osmandUrl(base, key)),
    h("h3", {}, "Traccar Client"), h("p", { class: "soft" }, word("van_desk.traccar_how")), copied("traccar", word("van_desk.traccar_url"), traccarUrl(base)), copied("key", word("van_desk.traccar_id"), key),
  ], { closing: word("van_desk.key_close"), home });
}
