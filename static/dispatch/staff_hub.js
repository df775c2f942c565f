// What the "Petugas" part asks of the hub: the list, a new link, and signing out.
// Every answer is a value; a network that is gone is one too.

import { ask } from "/client/http.js";

const SHOPS = 10;

export class StaffHub {
  constructor(kt) { this.kt = kt; }

  _ask(path, options) {
    const { as } = this.kt.options;
    return ask(`${this.kt.base}${path}${path.includes("?") ? "&" : "?"}as=${encodeURIComponent(as)}`, options);
  }

  /** `{people, more, may, at}`, or `{code}` of why not. */
  async people(shop) {
    const { status, body } = await this._ask(`/v1/staff${shop ? `?shop=${encodeURIComponent(shop)}` : ""}`);
    return status === 200 ? body : { code: codeOf(status, body) };
  }

  /** The link that was made, or `{code, message}`. The code travels in the body alone. */
  async enrol(wanted) {
    const { status, body, late } = await this._ask("/v1/enrolments", { method: "POST", body: wanted });
    return status === 201 ? body : { code: codeOf(status, body, late), message: (body && body.message) || "" };
  }

  /** People from the bytes of a CSV file: `{rows, enrolled, same, errors, links}`, or `{code, message}`. */
  async list(bytes) {
    try {
      const answer = await fetch(`${this.kt.base}/v1/staff/list?as=${encodeURIComponent(this.kt.options.as)}`, {
        method: "POST", headers: { "Content-Type": "text/csv" }, body: bytes, credentials: "include", cache: "no-store",
      });
      const body = await answer.json().catch(() => null);
      return answer.status === 200 ? body : { code: codeOf(answer.status, body), message: (body && body.message) || "" };
    } catch (error) {
      return { code: "unsure", message: "" };
    }
  }

  /** `{revoked}`, or `{code}`. Asked twice it is the same. */
  async revoke(person, session) {
    const path = `/v1/staff/${encodeURIComponent(person)}/sessions/${encodeURIComponent(session)}`;
    const { status, body, late } = await this._ask(path, { method: "DELETE" });
    return status === 200 ? body : { code: codeOf(status, body, late), message: (body && body.message) || "" };
  }

  /** The city's vans as `[{id, name}]`, null when they cannot be asked for. */
  async vans() {
    const { status, body } = await ask(`${this.kt.base}/v1/topics/vans`);
    return status === 200 ? Object.values(body.things).map(({ id, name }) => ({ id, name })).sort((a, b) => a.name.localeCompare(b.name)) : null;
  }

  /** Shops by words of their names, null when they cannot be asked for. */
  async shops(words) {
    const { status, body } = await ask(`${this.kt.base}/v1/shops?limit=${SHOPS}&q=${encodeURIComponent(words)}`);
    return status === 200 ? body.shops.map(({ id, name, kelurahan }) => ({ id, name, kelurahan })) : null;
  }
}

/** A refusal's code; `unsent` when nobody answered, `unsure` when it may have been done all the same. */
function codeOf(status, body, late) {
  if (body && body.code) return body.code === "unconfirmed" ? "unsure" : body.code;
  if (late) return "unsure";
  return status === 0 ? "unsent" : "unavailable";
}
