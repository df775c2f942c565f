// Keeps `/` for flight mode. The network first, with 2.5 s of patience; then the
// copy. Only the resident's page and what it draws with; never `/v1`.

const COPY = "kentongan-1";
const PATIENCE_MS = 2500;
const SHELL = [
  "/",
  "/client/calls.js", "/client/closing.js", "/client/http.js", "/client/kentongan.js", "/client/link.js", "/client/table.js",
  "/client/topics.js",
  "/static/data/mojokerto-kelurahan.geojson",
  "/static/resident/acts.js", "/static/resident/alert_band.js", "/static/resident/alerts.css", "/static/resident/alerts.js",
  "/static/resident/basket.js", "/static/resident/call_more.js", "/static/resident/call_view.js",
  "/static/resident/calling.js", "/static/resident/device.js", "/static/resident/found.js", "/static/resident/hold.js",
  "/static/resident/icon.svg", "/static/resident/info.js", "/static/resident/later.css", "/static/resident/listed.js",
  "/static/resident/living.js", "/static/resident/main.js", "/static/resident/manifest.json", "/static/resident/market.css",
  "/static/resident/market.js", "/static/resident/mine.js", "/static/resident/mine_list.js", "/static/resident/order_form.js",
  "/static/resident/order_view.js", "/static/resident/outbox.js", "/static/resident/page.js", "/static/resident/part.js", "/static/resident/pictograms.js",
  "/static/resident/place.js", "/static/resident/questions.js", "/static/resident/read_aloud.js", "/static/resident/resident.css", "/static/resident/search.js",
  "/static/resident/shop_view.js", "/static/resident/shops.js", "/static/resident/situation.js", "/static/resident/stepper.js",
  "/static/resident/strip.js", "/static/resident/tap.js", "/static/resident/van_ask.js", "/static/resident/van_cards.js",
  "/static/resident/van_city.js", "/static/resident/van_home.js", "/static/resident/van_list.js", "/static/resident/van_map.js",
  "/static/resident/van_mine.js", "/static/resident/van_place.js", "/static/resident/van_remind.js", "/static/resident/van_ring.css",
  "/static/resident/van_ring.js", "/static/resident/van_service.js", "/static/resident/van_stop.js", "/static/resident/van_words.js",
  "/static/resident/vans.css", "/static/resident/vans.js", "/static/resident/want_form.js",
  "/static/resident/want_view.js", "/static/resident/who.js",
  "/static/shared/ages.js", "/static/shared/alerts.css", "/static/shared/alerts.js", "/static/shared/base.css", "/static/shared/dom.js", "/static/shared/floor.css", "/static/shared/geo.js", "/static/shared/map.css", "/static/shared/small.css",
  "/static/shared/map.js", "/static/shared/ring.js", "/static/shared/tongues.js", "/static/shared/words.js",
  "/static/words/resident/id.js",
];
// Kept once they were asked for: whoever chose one has it in flight mode too, nobody else loads it.
const CHOSEN = ["/static/words/resident/en.js", "/static/words/resident/jv.js"];
const KEPT = new Set([...SHELL, ...CHOSEN]);

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(COPY).then((copy) => copy.addAll(SHELL)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith("kentongan-") && name !== COPY) await caches.delete(name);
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (!KEPT.has(url.pathname)) return;
  event.respondWith(freshOrKept(event.request, url.pathname, event));
});

async function freshOrKept(request, path, event) {
  const copy = await caches.open(COPY);
  const fresh = fetch(request).then((answer) => {
    if (answer.ok) event.waitUntil(copy.put(path, answer.clone()));
    return answer;
  });
  const patience = new Promise((resolve) => { setTimeout(resolve, PATIENCE_MS); });
  try {
    const answer = await Promise.race([fresh, patience]);
    if (answer && answer.ok) return answer;
  } catch (error) { /* No network: the copy. */ }
  return (await copy.match(path)) || fresh;
}
