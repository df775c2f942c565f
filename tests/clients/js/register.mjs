// Lets node import the pages' modules by the addresses that browsers use.
import { register } from "node:module";

register("./resolve.mjs", import.meta.url);
