// The HTTP half of the protocol: config, session, and a command for a tap whose
// socket is down. Every answer is a value; a network that is gone is one too.

/** The code of a command that reached no hub, as far as a browser can know. */
export const UNSENT = "unsent";

const PATIENCE_MS = 4000;
const HEDGE_MS = 1200;

/** A fresh command id (RFC 9562). `crypto.randomUUID` is missing before Chrome 92 and off TLS. */
export function newId() {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** Ask with a deadline. Returns `{status, body}`; status 0 when nobody answered, `late` when it was the deadline. */
export async function ask(url, { method = "GET", body, token, patience_ms = PATIENCE_MS, fetch = globalThis.fetch } = {}) {
  const stop = new AbortController();
  let late = false;
  const timer = setTimeout(() => { late = true; stop.abort(); }, patience_ms);
  const headers = {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (token) headers.Authorization = `Bearer ${token}`;
  try {
    const answer = await fetch(url, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "include",
      cache: "no-store",
      signal: stop.signal,
    });
    let parsed = null;
    try { parsed = await answer.json(); } catch (error) { parsed = null; }
    return { status: answer.status, body: parsed };
  } catch (error) {
    return { status: 0, body: null, late };
  } finally {
    clearTimeout(timer);
  }
}

/** `GET /v1/config` of a hub, or null. */
export async function loadConfig(base, options) {
  const { status, body } = await ask(`${base}/v1/config`, options);
  return status === 200 ? body : null;
}

/**
 * `POST /v1/sessions` with `{device}` or `{code}`.
 *
 * The bases are asked in turn, the next one after 1.2 s without an answer: for a
 * device the same session comes from any. Returns the session (`{person, role,
 * token, expires_at}`) or `{code}` of the refusal.
 */
export async function signIn(bases, credentials, options = {}) {
  let done = false;
  const tries = bases.map(async (base, place) => {
    if (place) await new Promise((resolve) => { setTimeout(resolve, place * HEDGE_MS); });
    if (done) return null;
    const { status, body } = await ask(`${base}/v1/sessions`, { ...options, method: "POST", body: credentials });
    if (status === 201 || status === 200) return body;
    return status !== 0 && status < 500 ? { code: (body && body.code) || "not_signed_in" } : null;
  });
  const answer = await firstOf(tries);
  done = true;
  return answer || { code: UNSENT };
}

/** The first answer that is one; null when all are none. */
function firstOf(promises) {
  return new Promise((resolve) => {
    for (const promise of promises) promise.then((answer) => { if (answer) resolve(answer); });
    Promise.all(promises).then(() => resolve(null));
  });
}

/** Who asks: the page's role, and a city other than the host's. */
export function queryOf({ as, city } = {}) {
  const parts = [as && as !== "resident" ? `as=${as}` : "", city ? `city=${city}` : ""].filter(Boolean);
  return parts.length ? `?${parts.join("&")}` : "";
}

/**
 * Give one command by `POST /v1/commands`. Idempotent by `command.id`.
 *
 * Returns a reply as over the socket: `{ok: true, data}` or `{ok: false, code,
 * message, retry, data?}`. No answer in time is `unconfirmed`: it may have arrived.
 * A request that failed at once is `unsent`.
 */
export async function postCommand(base, command, { as, city, ...options } = {}) {
  const { status, body, late } = await ask(`${base}/v1/commands${queryOf({ as, city })}`, { ...options, method: "POST", body: command });
  if (body && typeof body.ok === "boolean") return body;
  if (late) return { ok: false, code: "unconfirmed", message: "no answer", retry: true };
  if (status === 0) return { ok: false, code: UNSENT, message: "no connection", retry: true };
  const retry = status >= 500 || status === 429;
  return { ok: false, code: retry ? "unavailable" : "internal", message: `HTTP ${status}`, retry };
}
