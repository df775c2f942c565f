// The first thing that runs: the red button works before the rest has come.
// With what this file imports, page and style it stays under 20 KB compressed.

import { $, put, sheet, show } from "/static/shared/dom.js";
import { offerSun } from "/static/shared/theme.js";
import { deviceSecret, savedConfig } from "./device.js";
import { holdable } from "./hold.js";
import { keep } from "./outbox.js";
import { knock, newRecord, sendBare } from "./tap.js";

const SHEET_BLIND_MS = 450; // what has just come under a finger was not meant by it

const words = { title: $("#sheet-title").textContent, text: "", yes: $("#sheet-yes").textContent };
const first = { record: null, call: callAlone, warm: () => {}, tried: triedAlone, ask, words };
const dialog = sheet($("#sheet"));
let asked = null;

document.documentElement.classList.remove("no-js");
offerSun($("#sun"));
deviceSecret();
holdable($("#call"), {
  onStart: () => {
    knock(known());
    first.warm();
  },
  onHeld: (point) => first.call({}, point),
  onShort: () => ask({}, first.words),
});
$("#sheet-yes").addEventListener("click", (event) => {
  if (event.detail !== 0 && Date.now() - asked.at < SHEET_BLIND_MS) return;
  dialog.close();
  first.call(asked.data, event.detail === 0 ? null : { x: event.clientX, y: event.clientY });
});
$("#sheet-no").addEventListener("click", () => dialog.close());
load(0);

/** Two large targets: nothing is sent before "YA". */
function ask(data, { title, text, yes }) {
  asked = { data, at: Date.now() };
  knock(known());
  put($("#sheet-title"), title);
  put($("#sheet-text"), text);
  show($("#sheet-text"), Boolean(text));
  put($("#sheet-yes"), yes);
  $("#sheet-yes").className = data.drill || data.urgency ? "go target" : "danger target";
  dialog.open($("#sheet-yes"));
}

/** Who calls, and what an earlier visit learned of the hubs. */
function known() {
  return { device: deviceSecret(), config: savedConfig() };
}

function callAlone(data, finger) {
  const record = (first.record = newRecord(data, finger));
  show($("#home"), false);
  show($("#emergency"), true);
  $("#status").dataset.tone = "alarm";
  $("#headline").focus();
  const send = () => sendBare(record, record.data, known(), (reply) => first.tried(record, reply));
  // A disk that hangs must not hold an emergency back.
  Promise.race([keep(record), new Promise((resolve) => { setTimeout(resolve, 250); })]).then(send);
}

/** Until page.js is here: say only what is proven. Returns whether to try again. */
function triedAlone(record, reply) {
  if (!reply.ok) return reply.retry && record.status === "sending";
  if (record.status === "stored") return false;
  const { request, candidates, existing, city = null } = reply.data;
  Object.assign(record, { status: "stored", request, candidates, existing: Boolean(existing), city });
  keep(record);
  $("#status").dataset.tone = candidates === 0 ? "alarm" : "wait";
  $("#emergency").classList.toggle("fill", candidates === 0);
  put($("#headline"), $("#headline").dataset.stored);
  put($("#detail"), "");
  return false;
}

async function load(attempt) {
  let page;
  try {
    // A module that failed to load is not asked for again under the same name.
    page = await import(`./page.js${attempt ? `?${attempt}` : ""}`);
  } catch (error) {
    setTimeout(() => load(attempt + 1), Math.min(10000, 1000 * 2 ** attempt));
    return;
  }
  page.start(first);
}
