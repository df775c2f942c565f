// Lets node import the pages' modules by the addresses that browsers use.
import { register } from "node:module";

register("./resolve.mjs", import.meta.url);

const { useWords } = await import("/static/shared/words.js");
useWords("resident", (await import("/static/words/id.js")).default);
