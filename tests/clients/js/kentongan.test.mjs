import assert from "node:assert/strict";
import test from "node:test";

import { doorOf } from "/client/kentongan.js";
import { CONFIG, connected as world, settle } from "./world.mjs";

const snapshot = (socket, things = {}, more = {}) => {
  const { ref, topic } = socket.last("join");
  socket.hear({ t: "state", ref, topic, epoch: "e", offset: 5, things, fixes: {}, part: 0, last: true, ...more });
};

test("Help topics and dispatch belong to the help hub, warnings to any, the rest to the public one.", () => {
  assert.equal(doorOf("help/p1"), "help");
  assert.equal(doorOf("dispatch"), "help");
  for (const topic of ["dispatch/market", "city", "roster", "person/p1", "shops/miji"]) assert.equal(doorOf(topic), "public", topic);
  assert.equal(doorOf("warnings"), "any");
});

test("The help socket opens when a help topic is wanted and closes some time after the last one is left.", async () => {
  const { clock, made, kt } = world();
  kt.join("city");
  await settle();
  assert.deepEqual(made.map((socket) => socket.url), [CONFIG.live]);
  made[0].welcome();
  const handle = kt.join("help/<me>");
  await settle();
  assert.equal(made[1].url, CONFIG.help);
  made[1].welcome();
  assert.equal(made[1].last("join").topic, "help/p1");
  handle.leave();
  assert.equal(made[1].last("leave").topic, "help/p1");
  await clock.pass(25000);
  assert.equal(kt.state.help, "closed");
  assert.notEqual(kt.state.public, "closed");
});

test("The role travels in the address, hello is the first frame, and the token only in it.", async () => {
  const { made, kt } = world(() => null, { as: "medic", token: "k1.x" });
  kt.join("roster");
  await settle();
  assert.equal(made[0].url, `${CONFIG.live}?as=medic`);
  made[0].open();
  assert.deepEqual(made[0].sent, [{ t: "hello", client: "kentongan.js/1", token: "k1.x" }]);
});

test("A guest of another city names it in every address, with that city's token and no device.", async () => {
  const { made, asked, kt } = world(() => ({ status: 200, body: { ok: true, data: {} } }), { device: "d" });
  const guest = kt.guest({ code: "35.99", token: "k1.35.99.x" });
  guest.join("help/p9");
  await settle();
  assert.equal(made[0].url, `${CONFIG.help}?city=35.99`);
  made[0].open();
  assert.equal(made[0].sent[0].token, "k1.35.99.x");
  guest.call("order.cancel", {});
  await settle();
  assert.equal(asked[0].url, "http://public/v1/commands?city=35.99");
  assert.equal(asked[0].headers.Authorization, "Bearer k1.35.99.x");
  guest.close();
});

test("A lost socket comes back with full jitter and joins again with `since`.", async () => {
  const { clock, made, kt } = world();
  const heard = [];
  const topic = kt.join("city", { onChange: (changes) => heard.push(...changes.map((each) => each.id)) });
  await settle();
  made[0].welcome();
  assert.equal(made[0].last("join").since, undefined);
  snapshot(made[0], { a: { n: 1 } });
  assert.equal(topic.synced, true);
  made[0].drop(1006);
  await clock.pass(125);
  made[1].welcome();
  const { ref, since } = made[1].last("join");
  assert.deepEqual(since, { epoch: "e", offset: 5 });
  made[1].hear({ t: "resumed", ref, topic: "city", epoch: "e", offset: 6, changes: [{ prev: 5, offset: 6, id: "b", kind: "k", view: { n: 2 } }] });
  assert.deepEqual(heard, ["a", "b"]);
});

test("`bye` says when to come back.", async () => {
  const { clock, made, kt } = world();
  kt.join("city");
  await settle();
  made[0].welcome();
  made[0].hear({ t: "bye", code: 4000, reconnect: true, after_ms: 7000 });
  made[0].drop(4000);
  await clock.pass(6900);
  assert.equal(made.length, 1);
  await clock.pass(200);
  assert.equal(made.length, 2);
});

test("A hub that signs out staff is not asked again until restart.", async () => {
  const { clock, made, kt } = world(() => null, { as: "medic" });
  kt.join("roster");
  await settle();
  made[0].open();
  made[0].drop(4501);
  await clock.pass(60000);
  assert.equal(made.length, 1);
  assert.deepEqual([kt.state.public, kt.state.signed_in], ["stopped", false]);
  kt.restart();
  await settle();
  assert.equal(made.length, 2);
});

test("An attempt with the credentials of before is not waited for: its refusal would sign out who just came in.", async () => {
  const { made, kt } = world(() => null, { as: "medic" });
  kt.join("roster");
  await settle();
  made[0].open(); // On its way without a cookie when the link's code is redeemed.
  kt.restart();
  await settle();
  assert.equal(made.length, 2);
  made[0].drop(4501);
  made[1].welcome();
  assert.deepEqual([kt.state.public, kt.state.signed_in], ["live", true]);
});

test("A signed-out device signs in anew by itself, once.", async () => {
  const { clock, made, asked, kt } = world(() => ({ status: 201, body: { person: "p1", role: "resident" } }), { device: "d" });
  kt.join("city");
  await clock.pass(0);
  made[0].open();
  made[0].drop(4501);
  await clock.pass(0);
  assert.equal(made.length, 2);
  assert.equal(asked.filter(({ url }) => url.endsWith("/v1/sessions")).length, 2);
  made[1].drop(4501);
  await clock.pass(10000);
  assert.equal(made.length, 2);
});

test("Both links of a signed-out device come back with the one new session; refused again, they wait for the next turn.", async () => {
  const { clock, made, asked, kt } = world(() => ({ status: 201, body: { person: "p1", role: "resident" } }), { device: "d" });
  kt.join("city");
  kt.join("help/<me>");
  await clock.pass(0);
  for (const socket of [...made]) {
    socket.open();
    socket.drop(4501);
  }
  await clock.pass(0);
  assert.equal(made.length, 4);
  assert.equal(asked.filter(({ url }) => url.endsWith("/v1/sessions")).length, 2);
  made[2].drop(4501);
  made[3].welcome();
  await clock.pass(19000);
  assert.equal(made[2].readyState, 3);
  const before = made.length;
  await clock.pass(2000);
  assert.equal(made.length, before + 1);
});

test("Another person on the same page follows their own topics, not the last one's.", async () => {
  const { made, kt } = world();
  kt.join("help/<me>");
  await settle();
  made[0].welcome();
  assert.equal(made[0].last("join").topic, "help/p1");
  kt._known({ person: "p2", role: "resident" });
  assert.equal(made[0].last("leave").topic, "help/p1");
  assert.equal(made[0].last("join").topic, "help/p2");
});

test("Every beat is answered with `here`, and a head beyond ours is a loss: join again.", async () => {
  const { made, kt } = world(() => null, { here: () => ({ visible: true, audible: true, tested_at: 7 }) });
  kt.join("help/p1");
  await settle();
  made[0].welcome();
  snapshot(made[0]);
  made[0].hear({ t: "beat", at: 1, heads: { "help/p1": 5 } });
  assert.deepEqual(made[0].last("here"), { t: "here", visible: true, audible: true, tested_at: 7 });
  assert.equal(made[0].sent.filter((frame) => frame.t === "join").length, 1);
  made[0].hear({ t: "beat", at: 2, heads: { "help/p1": 6 } });
  assert.deepEqual(made[0].last("join").since, { epoch: "e", offset: 5 });
});

test("Silence of two and a half beats is a dead line.", async () => {
  const { clock, made, kt } = world();
  kt.join("city");
  await settle();
  made[0].welcome();
  await clock.pass(12500);
  assert.equal(made.length, 2);
});

test("A hole joins again at once.", async () => {
  const { made, kt } = world();
  kt.join("city");
  await settle();
  made[0].welcome();
  snapshot(made[0]);
  made[0].hear({ t: "change", topic: "city", prev: 8, offset: 9, id: "x", kind: "k", view: {} });
  assert.deepEqual(made[0].last("join").since, { epoch: "e", offset: 5 });
});

test("Two listeners share one join, and the later one hears what is there already.", async () => {
  const { made, kt } = world();
  kt.join("city");
  await settle();
  made[0].welcome();
  snapshot(made[0], { a: { n: 1 } });
  const heard = [];
  const second = kt.join("city", { onChange: (changes) => heard.push(...changes.map((each) => each.id)) });
  assert.deepEqual(heard, ["a"]);
  assert.equal(made[0].sent.filter((frame) => frame.t === "join").length, 1);
  second.leave();
  assert.equal(made[0].last("leave"), undefined);
});

test("A refused join is told to its listener and not repeated.", async () => {
  const { clock, made, kt } = world();
  const refused = [];
  kt.join("help/somebody", { onRefused: ({ code }) => refused.push(code) });
  await settle();
  made[0].welcome();
  made[0].hear({ t: "reply", ref: made[0].last("join").ref, ok: false, code: "not_allowed", retry: false });
  await clock.pass(5000);
  assert.deepEqual(refused, ["not_allowed"]);
  assert.equal(made[0].sent.filter((frame) => frame.t === "join").length, 1);
});

test("The city's clock is the hub's.", async () => {
  const { made, kt, clock } = world();
  kt.join("city");
  await settle();
  made[0].welcome({ at: clock.at + 90000 });
  assert.equal(kt.now(), clock.at + 90000);
});
