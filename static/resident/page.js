// All of the resident's page but the button: what is on the screen, the client,
// the parts that load on touch. main.js is first, and starts it.

import { loadConfig } from "/client/http.js";
import { ago } from "/static/shared/ages.js";
import { $, attribute, h, icon, put, putIcon, refill, setData, show } from "/static/shared/dom.js";
import { offerTongues } from "/static/shared/tongues.js";
import { fillWords, language, loadWords, shownTongue, tongueOf, useWords, word } from "/static/shared/words.js";
import { CallView } from "./call_view.js";
import { Calling } from "./calling.js";
import { deviceSecret, saveConfig, savedConfig, storage } from "./device.js";
import { Place } from "./place.js";
import { situation } from "./situation.js";
import { Strip } from "./strip.js";
import indonesian from "/static/words/resident/id.js";

useWords("resident", indonesian);
const wordsLoaded = loadWords();

const OFFLINE_AFTER_MS = 4000;
const LINE_MS = 5000;
const SLOW_MS = 600; // a page that takes longer says that it is coming
const LIVED = ["kt.van", "kt.ordered_at", "kt.queued_at"]; // what an earlier visit left to follow
const PAGES = { "#cari": "./shops.js", "#mobil": "./vans.js", "#info": "./info.js" };
const TITLES = { cari: "resident.search", mobil: "resident.vans", info: "resident.info" };

const app = {
  kt: null,
  config: savedConfig(),
  strip: new Strip(),
  city_now: () => (app.kt ? app.kt.now() : Date.now()),
};
app.place = new Place({ demo: () => Boolean(app.config && app.config.demo), city_now: app.city_now });
app.calling = new Calling({ device: deviceSecret(), config: () => app.config, place: app.place, onChange: () => draw() });
let view;
let mounted = null;

/** Take over from main.js: `first` is {record, ask(kind, data), call(data, finger), warm(), tried(record, reply)}. */
export function start(first) {
  fillWords();
  band();
  standing();
  view = new CallView({ calling: app.calling, city_now: app.city_now, leave: () => go("#") });
  Object.assign(first, { call, warm: () => app.place.warm(), tried: (record, reply) => app.calling.tried(record, reply) });
  $("#visit").addEventListener("click", () => openSheet(first, "visit", { urgency: "visit" }));
  $("#drill").addEventListener("click", () => openSheet(first, "drill", { drill: true }));
  window.addEventListener("hashchange", draw);
  window.addEventListener("popstate", draw);
  window.addEventListener("message", stage);
  document.addEventListener("visibilitychange", () => { if (app.kt && storage.get("kt.wakes")) app.kt.answerHere(); });
  if (first.record) {
    app.calling.adopt(first.record);
    go("#panggilan");
  }
  app.calling.restore().then((record) => {
    if (record && !location.hash) go("#panggilan");
    draw();
  });
  draw();
  setInterval(() => line(app.calling.current), LINE_MS);
  loadClient();
  const redraw = offerTongues($("#tongues"), () => reword(first));
  wordsLoaded.then(() => {
    redraw();
    reword(first);
  });
  later();
}

/** All that is on the screen, in the language that has come; a call that runs goes on. */
function reword(first) {
  fillWords();
  first.words = sheetWords("call");
  band();
  standing();
  view.reword();
  draw();
  document.dispatchEvent(new Event("kt-words"));
}

function openSheet(first, kind, data) {
  first.ask(data, sheetWords(kind));
}

function sheetWords(kind) {
  return { title: word(`resident.sheet_${kind}`), text: word(`resident.sheet_${kind}_why`), yes: word(`resident.sheet_${kind}_yes`) };
}

function call(data, finger) {
  app.calling.begin(data, finger);
  go("#panggilan");
  draw();
  $("#headline").focus({ preventScroll: true });
}

function go(hash) {
  if (hash === "#") history.pushState(null, "", "/");
  else if (location.hash !== hash) history.pushState(null, "", hash);
  draw();
}

// -- what is on the screen ------------------------------------------------------------

function draw() {
  const record = app.calling.current;
  const where = location.hash === "#panggilan" && !record ? "" : location.hash;
  const emergency = where === "#panggilan";
  const door = where.split("/")[0]; // what follows is the page's own matter
  const page = PAGES[door] ? door : null;
  const was = document.body.dataset.view;
  const is = emergency ? "emergency" : page ? page.slice(1) : "home";
  document.body.dataset.view = is;
  show($("#emergency"), emergency);
  show($("#page"), Boolean(page));
  show($("#home"), !emergency && !page);
  if (emergency && view) view.open(record);
  if (page !== (mounted && mounted.page)) mount(page);
  line(record);
  if (is !== was) lead(was, is);
}

/** What had the focus is hidden now: it goes to where the new screen begins, or back to what led away. */
function lead(from, to) {
  const home = from === "emergency" ? "#lines [data-type='request'], #call" : `#door-${from}`;
  const target = $(to === "emergency" ? "#headline" : to === "home" ? home : "#page");
  if (target) target.focus({ preventScroll: true });
}

/** The running call's line in the strip leads back to it. */
function line(record) {
  if (!record) return app.strip.set("request", null);
  const said = situation(record, record.view || null, { now: Date.now(), city_now: app.city_now() });
  const text = word(`resident.${said.headline[0]}`, said.headline[1]);
  const drill = record.data.drill ? `${word("resident.drill_short")} · ` : "";
  return app.strip.set("request", {
    type: "request", id: record.request || record.id, state: record.view ? record.view.state : record.status,
    text: drill + text + (said.unsent_ms === null ? "" : ` · ${ago(said.unsent_ms)}`), href: "/#panggilan", at: record.acted_at + 1e12,
  });
}

async function mount(page) {
  if (mounted && mounted.leave) mounted.leave();
  const turn = { page, leave: null };
  mounted = page ? turn : null;
  const root = $("#page");
  refill(root);
  if (!page) return;
  setData(root, { page: page.slice(1) });
  const slow = setTimeout(() => mounted === turn && waiting(root, "standing_unknown", "common.opening"), SLOW_MS);
  try {
    const [module] = await Promise.all([import(PAGES[page]), clientLoaded, wordsLoaded]);
    clearTimeout(slow);
    if (mounted !== turn) return;
    refill(root);
    // Javanese knows the emergency alone: the rest is Indonesian, and says so to a screen reader.
    attribute(root, "lang", tongueOf("resident.search") === shownTongue() ? null : "id");
    turn.leave = module.mount(root, app);
  } catch (error) {
    clearTimeout(slow);
    if (mounted !== turn) return;
    const again = h("button", { type: "button", class: "big", on: { click: () => location.reload() } }, word("common.again"));
    waiting(root, "standing_offline", "resident.not_loaded", again);
    mounted = null;
  }
}

/** In the place of a page that is not there: why, and the way back. */
function waiting(root, drawing, why, act = null) {
  refill(root, h("div", { class: "page-head" }, h("a", { class: "page-back", href: "/#", "aria-label": word("common.back") }, icon("back")), h("h1", { text: word(TITLES[root.dataset.page]) })),
    h("div", { class: "empty", role: "status" }, icon(drawing), h("p", { class: "empty-title", text: word(why) }), act));
}

function band() {
  const demo = Boolean(app.config && app.config.demo);
  show($("#band"), demo);
  put($("#band"), demo ? word("common.demo_band") : "");
}

/** Before the tap a person knows whether anybody is there. */
function standing() {
  const element = $("#standing");
  const medics = app.medics;
  const n = medics ? medics.on_duty : app.config ? app.config.medics_on_duty : null;
  const offline = app.offline === true;
  const state = offline ? "offline" : n === null || n === undefined ? "unknown" : n > 0 ? "available" : "none";
  element.dataset.state = state;
  putIcon(element.firstElementChild, `standing_${state}`);
  put(element.lastElementChild, word(`resident.standing_${state}`, { n }));
}

// -- the client, after the button ---------------------------------------------------------

let clientReady;
const clientLoaded = new Promise((resolve) => { clientReady = resolve; });

async function loadClient(attempt = 0) {
  let module;
  const known = app.config ? null : firstConfig();
  try {
    module = await import(`/client/kentongan.js${attempt ? `?${attempt}` : ""}`);
    await known;
  } catch (error) {
    // A module that failed to load is not asked for again under the same name.
    setTimeout(() => loadClient(attempt + 1), Math.min(15000, 1000 * 2 ** attempt));
    return;
  }
  let since = Date.now();
  app.kt = module.connect({
    config: app.config,
    device: deviceSecret(),
    here: () => ({ visible: document.visibilityState === "visible", audible: false, push: Boolean(storage.get("kt.wakes")) }),
    onState: (state) => {
      if (state.public === "live") since = null;
      else if (since === null) since = Date.now();
      offline(since);
    },
  });
  offline(since);
  app.kt.join("city", {
    onChange: (changes, topic) => {
      app.medics = topic.things.get("medics") || null;
      standing();
      announced(changes);
    },
  });
  app.kt.join("warnings", { onChange: announced });
  app.calling.useClient(app.kt);
  clientReady(app.kt);
  if (!known) config();
}

/** What draws alerts comes with the first alert. */
function announced(changes) {
  if (!changes.some(({ view }) => view && view.type === "alert")) return;
  import("./alerts.js").then(({ follow }) => follow(app)).catch(() => {});
}

let offlineTimer;
function offline(since) {
  clearTimeout(offlineTimer);
  app.offline = since !== null && Date.now() - since >= OFFLINE_AFTER_MS;
  if (since !== null && !app.offline) offlineTimer = setTimeout(() => offline(since), OFFLINE_AFTER_MS);
  standing();
}

/** On a first visit, while the client is on its way: without it each of its doors would ask. */
async function firstConfig() {
  const fresh = await loadConfig(location.origin);
  if (fresh) configured(fresh);
}

/** The config of now, over the one of the last visit. */
async function config() {
  const fresh = await loadConfig(location.origin);
  if (!fresh) return void setTimeout(config, 15000);
  configured(fresh);
  app.kt.config = fresh;
  return undefined;
}

function configured(fresh) {
  app.config = fresh;
  saveConfig(fresh);
  band();
  standing();
}

/** The demo's stage gives this phone a place. */
function stage(event) {
  if (event.origin !== location.origin || event.source !== window.parent || event.source === window) return;
  if (!event.data || event.data.kt !== "go") return;
  if (event.data.place) app.place.give(event.data.place);
}

/** Looks of the later parts, what lives for me, and the copy for flight mode. */
function later() {
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet";
  sheet.href = "/static/resident/later.css";
  document.head.append(sheet);
  if (LIVED.some((key) => storage.get(key))) clientLoaded.then(() => import("./living.js")).then(({ follow }) => follow(app)).catch(() => {});
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker.register("/sw.js").catch(() => {});
  // The worker keeps a chosen language when it is asked for; what came before the worker did is asked for again.
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (language() !== "id") fetch(`/static/words/resident/${language()}.js`).catch(() => {});
  });
}
