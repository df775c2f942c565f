// The calls of this device, kept in IndexedDB before they are sent, until they
// have ended. Where there is no IndexedDB (private mode) memory has to do.
//
// A record: {id, cmd data in `data`, acted_at (device clock), status, code?, maybe?,
// request?, candidates?, existing?, view?, finger?, cancelled_at?}.

const NAME = "kentongan";
const STORE = "calls";
const memory = new Map();
let opening = null;

function open() {
  if (!opening) {
    opening = new Promise((resolve, reject) => {
      const request = indexedDB.open(NAME, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "id" });
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
      request.onblocked = () => reject(new Error("blocked"));
    });
    opening.catch(() => { opening = null; });
  }
  return opening;
}

async function run(mode, act) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(STORE, mode);
    const request = act(transaction.objectStore(STORE));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}

/** Keep a record. Resolves to whether it is on this device's disk. */
export async function keep(record) {
  memory.set(record.id, record);
  try {
    await run("readwrite", (store) => store.put(record));
    return true;
  } catch (error) {
    return false;
  }
}

export async function forget(id) {
  memory.delete(id);
  try { await run("readwrite", (store) => store.delete(id)); } catch (error) { /* It was only in memory. */ }
}

/** All kept records, newest act first. */
export async function kept() {
  let records;
  try {
    records = await run("readonly", (store) => store.getAll());
  } catch (error) {
    records = [...memory.values()];
  }
  return records.sort((a, b) => b.acted_at - a.acted_at);
}
