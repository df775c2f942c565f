// The demo's first tap: it signs the staff frames in, unlocks the sound, counts
// as their ring test and puts the visitor's medic on duty.

import { newId } from "/client/kentongan.js";
import { ask } from "/client/http.js";
import { $, $$, isOff, put, turnOff } from "/static/shared/dom.js";
import { offerTongues } from "/static/shared/tongues.js";
import { fillWords, loadWords, useWords, word } from "/static/shared/words.js";
import { followRinging } from "/static/demo/ringing.js";
import { bindTabs, fitScreens } from "/static/demo/screens.js";
import indonesian from "/static/words/demo/id.js";

useWords("demo", indonesian);

const devices = $$(".device");
const frames = devices.map((device) => $("iframe", device));
const tabs = $$(".tabs button");
const AGAIN_MS = 2000;
let told = null; // what the frames were told, for a frame that loads again

/** Fresh people for this visitor, their cookies set. Null when something failed. */
async function signInFrames() {
  const { status, body } = await ask("/v1/demo", { method: "POST", body: {} });
  if (status !== 201) return null;
  const signedIn = await Promise.all(Object.values(body.codes).map((code) => ask("/v1/sessions", { method: "POST", body: { code } })));
  return signedIn.every((answer) => answer.status === 201) ? body : null;
}

function tell(frame) {
  frame.contentWindow.postMessage(told, window.location.origin);
}

function isLoaded(frame) {
  const page = frame.contentDocument;
  return page !== null && page.readyState === "complete" && page.URL !== "about:blank";
}

/** A visitor who leaves takes their medic off duty: the next caller must not wait for a phone that is gone. */
function goOffDuty() {
  if (!told) return;
  const body = JSON.stringify({ id: newId(), cmd: "medic.duty", data: { on: false } });
  const headers = { "Content-Type": "application/json" };
  fetch("/v1/commands?as=medic", { method: "POST", keepalive: true, headers, body });
}

async function start(button) {
  if (isOff(button)) return;
  const tested_at = Date.now();
  turnOff(button, true);
  button.setAttribute("aria-busy", "true");
  put(button, word("demo.starting"));
  const visit = await signInFrames();
  if (!visit) {
    turnOff(button, false);
    button.removeAttribute("aria-busy");
    put(button, word("demo.start"));
    put($("#hint"), word("demo.failed"));
    return;
  }
  const { place, medic_place } = visit;
  told = { kt: "go", tested_at, place, medic_place, duty: true };
  const ready = frames.filter(isLoaded);
  ready.forEach(tell);
  // A handshake without the cookie may have been on its way: its refusal comes after our word.
  setTimeout(() => ready.slice(1).forEach(tell), AGAIN_MS);
  document.body.dataset.state = "running";
  closed(false);
  frames[0].focus();
}

/** Another language was chosen: ours at once, each frame's as it loads again. Nothing has begun yet. */
function translated() {
  fillWords();
  for (const frame of frames) frame.contentWindow.location.reload();
}

/** Behind its curtain the stage is out of reach; before Chrome 102 and Safari 15.5 out of sight as well. */
function closed(on) {
  const stage = $("#stage");
  if ("inert" in stage) stage.inert = on;
  else stage.style.visibility = on ? "hidden" : "";
}

async function main() {
  await loadWords();
  fillWords();
  offerTongues($("#tongues"), translated);
  fitScreens($$(".screen"));
  bindTabs(tabs, devices);
  for (const device of devices) followRinging(device, tabs.find((tab) => tab.dataset.show === device.dataset.frame));
  for (const frame of frames) frame.addEventListener("load", () => told && tell(frame));
  closed(true);
  window.addEventListener("pagehide", goOffDuty);
  $("#start").addEventListener("click", (event) => start(event.currentTarget));
  $("#start").focus();
}

main();
