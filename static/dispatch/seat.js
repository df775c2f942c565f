// Who sits here: desks, roles that are a desk of their own, and whose cookie this
// page comes in with.

export const DISPATCHER = "dispatcher";
const DESKS = new Set(["medic", "market", "van", "city"]);
const ROLES = new Set(["plut"]);
const KEPT = "kt.dispatch_as";
const CAME = /(?:^|; )kt_as=([a-z]+)/.exec(document.cookie); // said once, by the hub that let somebody in by the city's account

if (CAME) {
  document.cookie = "kt_as=; path=/dispatch; max-age=0";
  keepRole(CAME[1]);
}

/** The role that signed in here last. */
export function signedInAs() {
  try { return localStorage.getItem(KEPT) || DISPATCHER; } catch (error) { return DISPATCHER; }
}

export function keepRole(role) {
  try { localStorage.setItem(KEPT, role || DISPATCHER); } catch (error) { /* Private mode: a dispatcher at the next visit. */ }
}

/** The desk that a welcome names; undefined when it names none. */
export function seatOf({ desk, role }) {
  if (DESKS.has(desk)) return desk;
  return ROLES.has(role) ? role : undefined;
}
