// Close codes (PROTOCOL 5) and when to come back. Pure.

export const DONE = 1000;
export const SIGNED_OUT = 4501;
export const NOT_ALLOWED = 4503;
export const BAD_PROTOCOL = 4504;

export const FIRST_DELAY_MS = 250;
export const LAST_DELAY_MS = 15000;

/** 4500-4999 do not come back with the same credentials; all else does. */
export function mayReturn(code) {
  return !(code >= 4500 && code <= 4999);
}

/**
 * How long to wait before attempt number `attempt` (0 is the first): full
 * jitter, anything from nothing to 0.25 s, doubling to 15 s.
 */
export function backoff(attempt, random) {
  return random * Math.min(LAST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(attempt, 10));
}
