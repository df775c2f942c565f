import assert from "node:assert/strict";
import test from "node:test";

import { connected, settle } from "./world.mjs";

test("A command is repeated with the same id over a reconnect until its answer.", async () => {
  const { clock, made, kt } = connected();
  kt.join("city");
  await settle();
  made[0].welcome();
  const reply = kt.call("order.place", { shop: "s" }, { id: "id-1" });
  assert.deepEqual([made[0].last("call").id, made[0].last("call").age_ms], ["id-1", 0]);
  made[0].drop(1006);
  await clock.pass(150);
  made[1].welcome();
  await clock.pass(0);
  const again = made[1].last("call");
  assert.deepEqual([again.id, again.data], ["id-1", { shop: "s" }]);
  assert.equal(again.age_ms, 150);
  made[1].hear({ t: "reply", ref: again.ref, ok: true, data: { order: "o" } });
  assert.deepEqual((await reply).data, { order: "o" });
});

test("A refusal that is final resolves at once; one that is not is tried again after `after_ms`.", async () => {
  const { clock, made, kt } = connected();
  kt.join("city");
  await settle();
  made[0].welcome();
  const tried = [];
  const reply = kt.call("order.cancel", {}, { onTry: ({ code }) => tried.push(code) });
  made[0].hear({ t: "reply", ref: made[0].last("call").ref, ok: false, code: "too_many", retry: true, data: { after_ms: 2500 } });
  await clock.pass(2400);
  made[0].hear({ t: "beat", at: 1, heads: {} });
  assert.equal(made[0].sent.filter((frame) => frame.t === "call").length, 1);
  await clock.pass(200);
  made[0].hear({ t: "reply", ref: made[0].last("call").ref, ok: false, code: "illegal_step", retry: false });
  assert.equal((await reply).code, "illegal_step");
  assert.deepEqual(tried, ["too_many"]);
});

test("A medic call goes through both doors at once: socket where it is up, POST where it is not.", async () => {
  const { made, asked, kt } = connected(({ url }) => (url.startsWith("http://help") ? { status: 200, body: { ok: true, data: { request: "r" } } } : null));
  kt.join("city");
  await settle();
  made[0].welcome();
  const reply = await kt.call("medic.call", { for: "me" }, { id: "id-2" });
  assert.deepEqual(reply.data, { request: "r" });
  assert.equal(made[0].last("call").id, "id-2");
  const [post] = asked;
  assert.deepEqual([post.url, post.body.id, post.body.cmd], ["http://help/v1/commands", "id-2", "medic.call"]);
});

test("An unproven answer outweighs a refused connection, and the first ok wins over both.", async () => {
  let help = null;
  const { clock, kt } = connected(({ url }) => (url.startsWith("http://help") ? help : null));
  help = { status: 503, body: { ok: false, code: "unconfirmed", message: "", retry: true } };
  const tried = [];
  const reply = kt.call("medic.call", {}, { deadline_ms: 60000, onTry: ({ code }) => tried.push(code) });
  await clock.pass(0);
  assert.equal(tried[tried.length - 1], "unconfirmed");
  await clock.pass(3000);
  assert.equal(tried[tried.length - 1], "unconfirmed");
  help = { status: 200, body: { ok: true, data: { request: "r" } } };
  await clock.pass(6000);
  assert.equal((await reply).ok, true);
});

test("At the deadline the last answer is given, and a command that never left says `unsent`.", async () => {
  const { clock, kt } = connected();
  const reply = kt.call("order.place", {}, { deadline_ms: 5000 });
  await clock.pass(6000);
  assert.deepEqual([(await reply).code, (await reply).retry], ["unsent", true]);
});

test("A second run with an id that is under way shares its answer and takes the newer data.", async () => {
  const { clock, made, kt } = connected();
  kt.join("city");
  await settle();
  made[0].welcome();
  const one = kt.call("order.place", { n: 1 }, { id: "same" });
  const two = kt.call("order.place", { n: 1, confirmed: true }, { id: "same" });
  await clock.pass(0);
  assert.equal(made[0].last("call").data.confirmed, true);
  made[0].hear({ t: "reply", ref: made[0].last("call").ref, ok: true, data: {} });
  assert.deepEqual([(await one).ok, (await two).ok], [true, true]);
});

test("An expired cookie is replaced and the tap repeated by itself.", async () => {
  let posts = 0;
  const { asked, kt } = connected(({ url }) => {
    if (url.endsWith("/v1/sessions")) return { status: 201, body: { person: "p1", role: "resident" } };
    if (!url.startsWith("http://help")) return null;
    posts += 1;
    if (posts > 1) return { status: 200, body: { ok: true, data: {} } };
    return { status: 401, body: { ok: false, code: "not_signed_in", message: "", retry: false } };
  }, { device: "d" });
  assert.equal((await kt.call("medic.call", {}, { id: "x" })).ok, true);
  assert.deepEqual(asked.filter(({ url }) => url === "http://help/v1/commands").map(({ body }) => body.id), ["x", "x"]);
});
