// Who listens to which topic. Several parts of a page may join the same one; it
// is joined once, and left when the last of them leaves.

/** The address of a topic's hub: "help", "public" or "any". */
export function doorOf(topic) {
  if (topic === "dispatch" || topic.startsWith("help/")) return "help";
  return topic === "warnings" ? "any" : "public";
}

export class Topics {
  /** `linkOf(door)` gives the link; `onLeft()` hears when a topic was left. */
  constructor(linkOf, onLeft) {
    this._linkOf = linkOf;
    this._onLeft = onLeft;
    this._entries = new Map(); // topic -> {topic, link, table, listeners}
    this._pending = []; // joins of `<me>` before we know who that is
    this._person = null;
  }

  join(name, listener) {
    const handle = new Handle(this, name, listener);
    if (name.includes("<me>") && !this._person) {
      this._pending.push(handle);
      this._linkOf(doorOf(name)).open();
    } else {
      this._enter(handle);
    }
    return handle;
  }

  /** We know who we are: joins of `<me>` go out, those of somebody before us are over. */
  signedIn(person) {
    if (this._person === person) return;
    const old = [...this._entries.values()].flatMap((entry) => [...entry.listeners]).filter((handle) => handle.name.includes("<me>"));
    for (const handle of old) this.leave(handle);
    const joins = [...this._pending, ...old];
    this._pending = [];
    this._person = person;
    for (const handle of joins) this._enter(handle);
  }

  /** Every link that has something to follow, stopped ones too. */
  openAll() {
    for (const entry of this._entries.values()) entry.link.open();
    for (const handle of this._pending) this._linkOf(doorOf(handle.name)).open();
  }

  wants(door) {
    return this._pending.some((handle) => doorOf(handle.name) === door)
      || [...this._entries.keys()].some((topic) => doorOf(topic) === door);
  }

  leave(handle) {
    this._pending = this._pending.filter((each) => each !== handle);
    const entry = handle._entry;
    handle._entry = null;
    if (!entry) return;
    entry.listeners.delete(handle);
    if (entry.listeners.size) return;
    this._entries.delete(entry.topic);
    entry.link.leave(entry.topic);
    this._onLeft();
  }

  _enter(handle) {
    const topic = handle.name.replace("<me>", this._person);
    handle.topic = topic;
    let entry = this._entries.get(topic);
    if (!entry) {
      const link = this._linkOf(doorOf(topic));
      entry = { topic, link, listeners: new Set(), table: null };
      this._entries.set(topic, entry);
      entry.table = link.join(topic, (news) => notify(entry, news));
      link.open();
    }
    entry.listeners.add(handle);
    handle._entry = entry;
    if (entry.table.epoch !== null) handle._catchUp();
  }
}

function notify(entry, { changes, moved, refused, live }) {
  for (const handle of [...entry.listeners]) {
    const { onChange, onMoved, onRefused } = handle.listener;
    if (refused) { if (onRefused) onRefused(refused); }
    else if (moved !== undefined) { if (onMoved) onMoved(moved, entry.table.fixes.get(moved), handle); }
    else if (onChange) onChange(changes, handle, live);
  }
}

/** One listener's hold on a topic. */
class Handle {
  constructor(topics, name, listener) {
    this.name = name;
    this.topic = name;
    this.listener = listener;
    this._topics = topics;
    this._entry = null;
  }

  get things() { return this._entry ? this._entry.table.things : new Map(); }
  get fixes() { return this._entry ? this._entry.table.fixes : new Map(); }
  get offset() { return this._entry ? this._entry.table.offset : 0; }
  get synced() { return Boolean(this._entry) && this._entry.table.epoch !== null; }
  leave() { this._topics.leave(this); }

  _catchUp() {
    const changes = [];
    for (const [id, view] of this.things) changes.push({ id, kind: "state", view, before: null, at: view.at });
    if (this.listener.onChange) this.listener.onChange(changes, this, false);
  }
}
