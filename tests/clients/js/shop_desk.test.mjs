import assert from "node:assert/strict";
import test from "node:test";

import { Desk, WANT_RING_MS } from "/static/shop/desk.js";

const put = (view) => ({ id: view.id, view });
const order = (more) => put({ type: "order", id: "o1", state: "placed", ring: "ring", placed_at: 0, at: 0, ...more });
const want = (more) => put({ type: "want", id: "w1", state: "open", at: 1000, posted_at: 1000, until: 900000, words: "nasi campur", front: [], rest_at: 11000, full: false, ...more });

function open() {
  const desk = new Desk();
  desk.receive([put({ type: "shop", id: "s1", state: "open" })]);
  return desk;
}

test("An order rings until it is touched here or decided anywhere.", () => {
  const desk = open();
  assert.equal(desk.receive([order()]).fresh.length, 1);
  assert.equal(desk.ringing.length, 1);
  desk.touch("o1");
  assert.equal(desk.ringing.length, 0);
  desk.receive([order({ ring: "loud" })]);
  assert.equal(desk.ringing.length, 0, "louder does not ring anew where somebody touched it");
});

test("An order for later does not ring before its ladder begins.", () => {
  const desk = open();
  desk.receive([order({ later: true, ring: "off" })]);
  assert.equal(desk.ringing.length, 0);
  desk.receive([order({ later: true, ring: "ring" })]);
  assert.equal(desk.ringing.length, 1);
});

test("What another phone accepts is told; what this one accepts is not.", () => {
  const desk = open();
  desk.receive([order(), order({ id: "o2" })]);
  desk.accepted("o2", true);
  const { taken } = desk.receive([order({ state: "accepted" }), order({ id: "o2", state: "accepted" })]);
  assert.deepEqual(taken.map((each) => each.id), ["o1"]);
});

test("A want rings two rounds: at once in front, at the end of the head start for the others.", () => {
  const front = open();
  front.receiveWants([want({ front: ["s1"] })]);
  assert.equal(front.wantsRinging(1000).length, 1);
  assert.equal(front.wantsRinging(1000 + WANT_RING_MS).length, 0);
  const rest = open();
  rest.receiveWants([want()]);
  assert.equal(rest.wantsRinging(10999).length, 0);
  assert.equal(rest.wantsRinging(11000).length, 1);
});

test("A want does not ring when it is old news, full, over, answered, touched, or the shop is closed.", () => {
  const quiet = (change) => {
    const desk = open();
    desk.receiveWants([want({ front: ["s1"] })]);
    change(desk);
    return desk.wantsRinging(2000).length;
  };
  assert.equal(quiet(() => {}), 1);
  assert.equal(quiet((desk) => desk.touch("w1")), 0);
  assert.equal(quiet((desk) => desk.receiveWants([want({ front: ["s1"], full: true })])), 0);
  assert.equal(quiet((desk) => desk.receiveWants([want({ front: ["s1"], until: 1500 })])), 0);
  assert.equal(quiet((desk) => desk.receive([put({ type: "answer", id: "want.w1", want: "w1", state: "open", at: 1500 })])), 0);
  assert.equal(quiet((desk) => desk.receive([put({ type: "shop", id: "s1", state: "closed" })])), 0);
  assert.equal(quiet((desk) => desk.receiveWants([want({ front: ["s1"], at: -60000 })])), 0);
});

test("A want's words find the product whose price answers in one tap.", () => {
  const desk = open();
  const goods = [["p1", "Rawon", "available"], ["p2", "Nasi campur", "available"], ["p3", "Nasi campur komplit", "sold_out"]];
  desk.receive(goods.map(([id, name, state]) => put({ type: "product", id, name, state, price: 1 })));
  assert.equal(desk.suggestion({ words: "2 nasi Campur pedas" }).id, "p2");
  assert.equal(desk.suggestion({ words: "es teh" }), null);
});

test("An answer takes the want's place; a won one is an order; thanks go by themselves.", () => {
  const desk = open();
  const answer = (state) => put({ type: "answer", id: "want.w1", want: "w1", state, at: 2000 });
  desk.receiveWants([want()]);
  assert.deepEqual(desk.wantsShown(2000).map((each) => each.type), ["want"]);
  desk.receive([answer("open")]);
  assert.deepEqual(desk.wantsShown(2000).map((each) => each.type), ["answer"]);
  desk.receive([answer("won")]);
  assert.equal(desk.wantsShown(2000).length, 0);
  desk.receive([answer("thanked")]);
  assert.equal(desk.wantsShown(3000).length, 1);
  assert.equal(desk.wantsShown(2000 + 11 * 60000).length, 0);
});
