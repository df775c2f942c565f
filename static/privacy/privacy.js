// What the city keeps of people, and of whoever holds this phone: read, taken away, erased.

import { ask } from "/client/http.js";
import { $, announce, h, put, refill, sheet, show } from "/static/shared/dom.js";
import { offerSun } from "/static/shared/theme.js";
import { offerTongues } from "/static/shared/tongues.js";
import { fillWords, loadWords, shownTongue, useWords, word, words } from "/static/shared/words.js";
import indonesian from "/static/words/privacy/id.js";

useWords("privacy", indonesian);

const PATIENCE_MS = 15000; // a look at the whole store
const OWN = "kt.";
const ZONE = "Asia/Jakarta";
const dialog = sheet($("#sheet"));
let busy = false;

/** A word that is put together; what a newer hub names and no file has is said by its own name. */
const named = (prefix, name, values) => (words(`privacy.${prefix}_${name}`) === undefined ? name : word(`privacy.${prefix}_${name}`, values));

function clock(at) {
  const told = { timeZone: ZONE, day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" };
  return new Date(at).toLocaleString(shownTongue() === "en" ? "en-GB" : "id-ID", told);
}

function howLong(days) {
  return days ? word("privacy.days", { n: days }) : word("privacy.days_none");
}

function kindCard({ kind, days, services }) {
  return h("li", { class: "card", data: { kind } },
    h("h3", { text: named("kind", kind) }),
    h("span", { class: "pill", text: howLong(days) }),
    h("p", { text: named("why", kind) }),
    h("p", { class: "soft", text: word("privacy.used_in", { services: services.map((one) => named("service", one)).join(", ") }) }));
}

async function drawKept() {
  const { status, body } = await ask("/v1/privacy");
  show($("#failed"), status !== 200);
  if (status !== 200) return;
  refill($("#kinds"), ...body.kinds.map(kindCard));
  put($("#ended"), word("privacy.ended", body.ended_h));
}

function lookRow({ at, role, name, thing }) {
  const who = [named("role", role), name].filter(Boolean).join(" ");
  const what = named("thing", thing.split("/")[0]);
  return h("li", { data: { thing } }, h("b", { text: who }), h("span", { class: "soft", text: `${what}, ${clock(at)}` }));
}

/** What stands of this phone's person; nobody is signed in before a first visit to the page. */
async function drawMine() {
  const { status, body } = await ask("/v1/privacy/mine", { patience_ms: PATIENCE_MS });
  const known = status === 200 && (body.sealed || body.looks.length || Object.keys(body.kept).length > 0);
  show($("#acts"), known);
  show($("#seen"), status === 200);
  refill($("#kept"), ...(status === 200 ? Object.entries(body.kept).map(([type, n]) => h("li", { text: named("kept", type, { n }) })) : []));
  if (status === 200) {
    put($("#standing"), word(known ? "privacy.known" : "privacy.nothing"));
    refill($("#looks"), ...body.looks.map(lookRow));
    show($("#no-looks"), !body.looks.length);
  } else {
    put($("#standing"), word(status === 401 ? "privacy.nothing" : "privacy.mine_failed"));
  }
  document.body.dataset.state = status === 200 ? (known ? "known" : "nothing") : status === 401 ? "nothing" : "failed";
}

/** Gone from this phone, too: it makes itself a new secret at the next visit. */
function forgetHere() {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(OWN) && key !== "kt.lang") localStorage.removeItem(key);
  } catch (error) { /* Nothing is kept here. */ }
}

async function erase() {
  if (busy) return;
  busy = true;
  dialog.close();
  put($("#standing"), word("privacy.erasing"));
  const { status, body } = await ask("/v1/privacy/erase", { method: "POST", body: { sure: true }, patience_ms: PATIENCE_MS });
  busy = false;
  const done = status === 200 || (body && body.code === "not_found");
  if (done) {
    forgetHere();
    for (const part of ["#acts", "#seen"]) show($(part), false);
    refill($("#kept"));
    document.body.dataset.state = "erased";
  }
  const why = done ? "erased" : body && body.code === "illegal_step" ? "under_way" : "erase_failed";
  if (!done) document.body.dataset.state = why === "under_way" ? "under-way" : "failed";
  put($("#standing"), word(`privacy.${why}`));
  announce(word(`privacy.${why}`), true);
  $("#standing").focus();
}

async function start() {
  await loadWords();
  fillWords();
  offerTongues($("#tongues"));
  offerSun($("#sun"));
  $("#erase").addEventListener("click", () => dialog.open($("#no")));
  $("#yes").addEventListener("click", erase);
  $("#no").addEventListener("click", () => dialog.close());
  await Promise.all([drawKept(), drawMine()]);
}

start();
