const ROOT = new URL("../../../", import.meta.url);
const ROOTS = { "/static/": new URL("static/", ROOT), "/client/": new URL("clients/js/", ROOT) };

const PAGE_WORDS = /^\/static\/words\/[a-z]+\/([a-z]{2}\.js)$/; // a page's part: here the whole file

export async function resolve(specifier, context, next) {
  const words = PAGE_WORDS.exec(specifier);
  if (words) specifier = `/static/words/${words[1]}`;
  for (const [prefix, base] of Object.entries(ROOTS)) {
    if (specifier.startsWith(prefix)) return { url: new URL(specifier.slice(prefix.length), base).href, format: "module", shortCircuit: true };
  }
  const found = await next(specifier, context);
  return found.url.endsWith(".js") ? { ...found, format: "module" } : found;
}
