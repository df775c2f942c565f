// What this device keeps: its secret, and the config of its last visit.

const DEVICE = "kt.device";
const CONFIG = "kt.config";

/** Read or write this device's storage; without one (private mode) the page still works. */
export const storage = {
  get(key) {
    try { return JSON.parse(localStorage.getItem(key)); } catch (error) { return null; }
  },
  set(key, value) {
    try { localStorage.setItem(key, JSON.stringify(value)); } catch (error) { /* Kept for this visit only. */ }
  },
};

/** 256 bits that this device made itself, at the first page load. */
export function deviceSecret() {
  const known = storage.get(DEVICE);
  if (typeof known === "string" && /^[0-9a-f]{64}$/.test(known)) return known;
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  const made = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  storage.set(DEVICE, made);
  return made;
}

export const savedConfig = () => storage.get(CONFIG);
/** How many are on duty is of the moment it was said: a later visit asks anew. */
export const saveConfig = (config) => storage.set(CONFIG, { ...config, medics_on_duty: null });
