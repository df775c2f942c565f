// A page's copy for flight mode; each page has a worker of its own. The hub puts one line before this
// text (hub/shell.py): const SHELL = {page, address, version, words, files: {address: tag}}.
//
// - A copy is one version, whole or not at all. It holds files of the page, never `/v1`: nothing that a
//   hub answered or a person wrote.
// - The page comes from the copy, at once and on any network. After a deploy the first load shows the
//   copy of before and fetches the new one; the next load shows that.
// - A page that is open keeps the version it was opened with: what it loads later fits what it has.
/* global SHELL */

const OURS = `kentongan-${SHELL.page}-`;
const COPY = OURS + SHELL.version;
const PINS = "/pins"; // no address of the hub: {client: name of the older copy that it was opened from}
const OPENED = `/opened/${SHELL.page}/`; // nor this, with a client behind it: when it was opened from this copy
const FILES = /^\/(?:static|client)\/.+\.(?:js|css|svg|geojson)$/;

const TRIES = 4;
const AGAIN_MS = 1000;
const OPENING_MS = 60000; // a page is open to `matchAll` once it has loaded: this long at most

let pins = null;
let takenOver = null;
const activated = new Promise((done) => { takenOver = done; });
const mine = new Map(); // client -> whether it is this page

self.addEventListener("install", (event) => event.waitUntil(fill().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(takeOver().finally(takenOver)));

self.addEventListener("fetch", (event) => {
  const { request, clientId } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (pathname === SHELL.address) event.respondWith(opened(event));
  } else if (clientId && FILES.test(pathname)) {
    event.respondWith(part(event, pathname));
  }
});

async function fill() {
  const copy = await caches.open(COPY);
  try {
    await Promise.all(Object.entries(SHELL.files).map(([address, tag]) => take(copy, address, tag)));
  } catch (error) {
    await caches.delete(COPY);
    throw error; // the browser tries again at the next load; until then the older copy stands
  }
  await Promise.all((await chosenWords()).map((address) => take(copy, address, "").catch(() => {})));
}

/** One file from the hub. In the middle of a deploy it may be of another version than this worker: then not. */
async function take(copy, address, tag) {
  const answer = await fetched(address);
  const said = answer.headers.get("ETag");
  if (!answer.ok || (tag && said && !said.includes(tag))) throw new Error(`${address} is of another version`);
  await copy.put(address, answer);
}

/** On a bad network one file of fifty is lost: that is no reason to begin anew at the next visit. */
async function fetched(address) {
  for (let left = TRIES; ; left -= 1) {
    try {
      const answer = await fetch(address, { cache: "no-cache" });
      if (answer.status < 500 || left === 1) return answer;
    } catch (error) {
      if (left === 1) throw error;
    }
    await pause(AGAIN_MS);
  }
}

const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });

const copies = async () => (await caches.keys()).filter((name) => name.startsWith(OURS) && name !== COPY);

/** A language that somebody chose here goes on in the new copy. */
async function chosenWords() {
  const found = new Set();
  for (const name of await copies()) {
    for (const { url } of await (await caches.open(name)).keys()) {
      const { pathname } = new URL(url);
      if (pathname.startsWith(SHELL.words) && !(pathname in SHELL.files)) found.add(pathname);
    }
  }
  return [...found];
}

/** Copies that no open page was opened from go. */
async function takeOver() {
  const older = await copies();
  const before = older[older.length - 1];
  const kept = {};
  if (before) {
    const known = await pinsOf(before);
    for (const id of await opening(before)) kept[id] = before;
    for (const { id } of await self.clients.matchAll()) kept[id] = known[id] || before;
  }
  const wanted = new Set(Object.values(kept));
  for (const name of older) if (!wanted.has(name)) await caches.delete(name);
  await (await caches.open(COPY)).put(PINS, new Response(JSON.stringify(kept)));
  pins = kept;
  await self.clients.claim();
}

/** The pins, once they are written: a browser may ask for parts while this worker still takes over. */
async function settled() {
  if (self.serviceWorker && self.serviceWorker.state !== "activated") await activated;
  return pins || pinsOf(COPY);
}

async function pinsOf(name) {
  const found = await caches.match(PINS, { cacheName: name });
  return found ? found.json() : {};
}

async function opened(event) {
  const { request, resultingClientId: id } = event;
  const page = await caches.match(SHELL.address, { cacheName: COPY });
  if (!page) return fetch(request);
  if (id) {
    mine.set(id, true);
    event.waitUntil(noted(id));
  }
  return page;
}

/** For a worker that takes over while this page loads: its parts are of this copy. */
async function noted(id) {
  const copy = await caches.open(COPY);
  await copy.put(OPENED + id, new Response(String(Date.now())));
  const still = await opening(COPY);
  for (const { url } of await copy.keys()) {
    const { pathname } = new URL(url);
    if (pathname.startsWith(OPENED) && !still.includes(pathname.slice(OPENED.length))) await copy.delete(url);
  }
}

/** Who was opened from a copy a moment ago. */
async function opening(name) {
  const found = [];
  const copy = await caches.open(name);
  for (const { url } of await copy.keys()) {
    const { pathname } = new URL(url);
    if (!pathname.startsWith(OPENED)) continue;
    const at = Number(await (await copy.match(url)).text());
    if (Date.now() - at < OPENING_MS) found.push(pathname.slice(OPENED.length));
  }
  return found;
}

async function part(event, path) {
  const { request, clientId } = event;
  if (!(await isMine(clientId))) return fetch(request);
  if (!pins) pins = await settled();
  const found = await caches.match(path, { cacheName: pins[clientId] || COPY });
  if (found) return found;
  const answer = await fetch(request);
  if (answer.ok && path.startsWith(SHELL.words)) {
    const chosen = answer.clone();
    event.waitUntil(caches.open(COPY).then((copy) => copy.put(path, chosen)));
  }
  return answer;
}

/** The scope `/` holds all addresses: another page without a worker yet gets its files from the hub, all of one version. */
async function isMine(id) {
  if (!mine.has(id)) {
    const client = await self.clients.get(id);
    if (!client) return Boolean(await caches.match(OPENED + id));
    mine.set(id, new URL(client.url).pathname === SHELL.address);
  }
  return mine.get(id);
}

// -- waking ------------------------------------------------------------------------------------------
//
// A push says a kind and an id, nothing else (hub/PROTOCOL.md, section 9). The words, in the page's language, who is
// signed in and where a tap leads are the page's: `static/shared/waking.js` keeps them beside the copy. The hub is told
// that it was received once it is on the screen; what that means, it knows.

const SAID = `said-${SHELL.page}`;
const SHAKING = [300, 100, 300, 100, 300, 100, 300, 500, 300, 100, 300, 100, 300, 100, 300];
const LOOK = "#lihat=";

self.addEventListener("push", (event) => event.waitUntil(woken(event.data)));
self.addEventListener("notificationclick", (event) => event.waitUntil(touched(event.notification)));
self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(subscribed()));

async function woken(data) {
  let note = {};
  try { note = data.json(); } catch (error) { /* Not ours; a browser wants to see a notification all the same. */ }
  const { title, body } = (await said()).words[note.kind] || { title: "Kentongan", body: "" };
  await self.registration.showNotification(title, {
    body, tag: `${note.kind}.${note.id}`, renotify: true, requireInteraction: true, vibrate: SHAKING,
    icon: `/static/icons/${SHELL.page}-192.png`, badge: "/static/icons/badge-96.png", data: { kind: note.kind, id: note.id },
  });
  await received(note);
}

async function said() {
  const found = await caches.match("/said", { cacheName: SAID });
  return { as: SHELL.page, words: {}, opens: {}, ...(found ? await found.json() : {}) };
}

async function received({ kind, id }) {
  if (!kind || !id) return;
  const body = JSON.stringify({ id: fresh(), kind, of: id });
  const address = `/v1/push/received?as=${(await said()).as}`;
  for (let left = TRIES; left > 0; left -= 1) {
    const answer = await post(address, body).catch(() => null);
    if (answer && answer.status < 500 && answer.status !== 429) return;
    await pause(AGAIN_MS);
  }
}

const post = (address, body) => fetch(address, { method: "POST", body, headers: { "Content-Type": "application/json" }, keepalive: true });

/** A command's id, as `newId` of `clients/js/http.js`: a worker loads no modules. */
function fresh() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** A tap leads to the page, to its card: the one that is open, or a new one. */
async function touched(notification) {
  notification.close();
  const { kind, id } = notification.data || {};
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const page = windows.find(({ url, frameType }) => frameType === "top-level" && new URL(url).pathname === SHELL.address);
  if (!page) {
    await self.clients.openWindow(`${SHELL.address}${(await said()).opens[kind] || `${LOOK}${id}`}`);
    return;
  }
  page.postMessage({ kt: "look", kind, id });
  await page.focus();
}

/** The browser gave this device another address: the hub must know it. */
async function subscribed() {
  const { as } = await said();
  const answer = await fetch(`/v1/push?as=${as}`, { cache: "no-store" });
  const { key } = await answer.json();
  const one = await self.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  await post(`/v1/push/subscriptions?as=${as}`, JSON.stringify(one));
}
