import assert from "node:assert/strict";
import test from "node:test";

import words from "/static/words/id.js";
import { useWords } from "/static/shared/words.js";
import { Acts } from "/static/medic/acts.js";

useWords("dispatch", words);
const CODES = ["bad_data", "busy", "id_reused", "illegal_step", "internal", "not_allowed", "not_found", "taken", "too_late", "too_many", "unknown_command"];

test("A refusal is a sentence of the page: never the hub's own, never its code.", () => {
  for (const section of ["medic", "dispatch"]) {
    const acts = new Acts(null, section);
    for (const code of CODES) {
      const text = acts.refusal({ code, message: "expected a value, got none" });
      assert.match(text, /^[A-Z].*\.$/);
      assert.doesNotMatch(text, /_|expected|\{/, `${section} ${code}`);
    }
  }
});

test("Who was first is named.", () => {
  const acts = new Acts(null, "medic");
  assert.equal(acts.refusal({ code: "taken", data: { winner: { name: "Rini" } } }), "Sudah diambil Rini.");
});

test("Whoever draws while a tap is on its way sees that it is.", async () => {
  const seen = [];
  const acts = new Acts({ call: async () => ({ ok: true }) }, "medic");
  await acts.run("medic.duty", {}, { key: "duty", onText: (text, state) => seen.push([state, acts.busy("duty")]) });
  assert.deepEqual(seen, [["sending", true], ["done", false]]);
});
