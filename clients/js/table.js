// One topic's table on this side of the wire (PROTOCOL 1). Pure: no clock, no socket.
//
// After the frame with `offset` n the table *is* the topic's table at commit n:
//
//   offset <= mine          skip
//   prev <= mine < offset   apply, mine = offset
//   prev > mine             a hole: the caller joins again with `since`
//
// Changes of one commit (`more: true` on all but the last) are collected and
// applied together. A snapshot in parts is put up whole with its last part.
// While a join is awaited, changes that overtake its answer are kept and judged
// by the same rule afterwards.

const MAX_WAITING = 2000;

export class Table {
  constructor(topic) {
    this.topic = topic;
    this.epoch = null;
    this.offset = 0;
    this.things = new Map();
    this.fixes = new Map();
    this.joining = false;
    this._reset();
  }

  _reset() {
    this._parts = null;
    this._group = null;
    this._waiting = [];
  }

  /** What a join says of us: nothing for a first join. */
  get since() {
    return this.epoch === null ? undefined : { epoch: this.epoch, offset: this.offset };
  }

  /** A join was sent: half-heard groups and snapshots of before are void. */
  joinSent() {
    this.joining = true;
    this._reset();
  }

  /** The socket is gone: what was half heard is void. */
  connectionLost() {
    this.joining = false;
    this._reset();
  }

  /**
   * Take one frame (`state`, `resumed`, `change`, `folded`, `moved`).
   *
   * Returns `{did, changes}`; did is "skip", "wait" (part of something larger),
   * "applied", "moved" or "hole". `changes` lists `{id, kind, view, before, at}`
   * in order, empty unless applied.
   */
  receive(frame) {
    switch (frame.t) {
      case "state": return this._state(frame);
      case "resumed": return this._resumed(frame);
      case "moved": return this._moved(frame);
      case "change":
      case "folded":
        if (!this.joining) return frame.t === "change" ? this._change(frame) : this._folded(frame);
        if (this._waiting.length >= MAX_WAITING) return hole();
        this._waiting.push(frame);
        return wait();
      default: return skip();
    }
  }

  _state(frame) {
    if (!this._parts || frame.part === 0 || frame.part === undefined) {
      this._parts = { things: new Map(), fixes: new Map() };
    }
    for (const [id, view] of entries(frame.things)) this._parts.things.set(id, view);
    for (const [id, fix] of entries(frame.fixes)) this._parts.fixes.set(id, fix);
    if (frame.last === false) return wait();
    const { things, fixes } = this._parts;
    this._parts = null;
    this.joining = false;
    if (frame.epoch === this.epoch && frame.offset < this.offset) return this._overtaken(skip());
    const changes = [];
    for (const [id, before] of this.things) {
      if (!things.has(id)) changes.push({ id, kind: "state", view: null, before, at: undefined });
    }
    for (const [id, view] of things) {
      changes.push({ id, kind: "state", view, before: this.things.get(id) || null, at: view.at });
    }
    const older = frame.epoch === this.epoch ? this.fixes : new Map();
    this.things = things;
    this.fixes = new Map();
    for (const id of things.keys()) {
      const fix = newer(fixes.get(id), older.get(id));
      if (fix) this.fixes.set(id, fix);
    }
    this.epoch = frame.epoch;
    this.offset = frame.offset;
    return this._overtaken(applied(changes));
  }

  _resumed(frame) {
    this.joining = false;
    if (frame.epoch !== this.epoch) {
      this.epoch = null;
      this.offset = 0;
      return hole();
    }
    const changes = [];
    for (const change of frame.changes || []) {
      const result = this._change(change);
      if (result.did === "hole") return { did: "hole", changes };
      changes.push(...result.changes);
    }
    this._group = null;
    if (frame.offset > this.offset) this.offset = frame.offset;
    return this._overtaken(applied(changes));
  }

  /** Judge what came between the join and its answer. */
  _overtaken(result) {
    const waiting = this._waiting;
    this._waiting = [];
    const changes = [...result.changes];
    for (const frame of waiting) {
      const next = this.receive(frame);
      if (next.did === "hole") return { did: "hole", changes };
      changes.push(...next.changes);
    }
    return { did: result.did === "skip" && changes.length ? "applied" : result.did, changes };
  }

  _change(frame) {
    const group = this._group;
    if (group && group.offset !== frame.offset) {
      // The rest of that commit never came.
      this._group = null;
      return frame.offset <= this.offset ? skip() : hole();
    }
    if (frame.offset <= this.offset) return skip();
    if (frame.prev > this.offset) return hole();
    if (frame.more) {
      if (group) group.frames.push(frame);
      else this._group = { offset: frame.offset, frames: [frame] };
      return wait();
    }
    const frames = group ? [...group.frames, frame] : [frame];
    this._group = null;
    const changes = frames.map((each) => this._put(each.id, each.view, each.kind, each.at));
    this.offset = frame.offset;
    return applied(changes);
  }

  _folded(frame) {
    this._group = null;
    if (frame.offset <= this.offset) return skip();
    if (frame.prev > this.offset) return hole();
    const changes = [];
    for (const [id, view] of entries(frame.things)) {
      changes.push(this._put(id, view, "folded", view ? view.at : undefined));
    }
    this.offset = frame.offset;
    return applied(changes);
  }

  _put(id, view, kind, at) {
    const before = this.things.get(id) || null;
    if (view === null || view === undefined) {
      this.things.delete(id);
      this.fixes.delete(id);
      return { id, kind, view: null, before, at };
    }
    this.things.set(id, view);
    return { id, kind, view, before, at };
  }

  _moved(frame) {
    if (!this.things.has(frame.id)) return skip();
    const mine = this.fixes.get(frame.id);
    if (mine && mine.fix_at >= frame.fix.fix_at) return skip();
    this.fixes.set(frame.id, frame.fix);
    return { did: "moved", changes: [] };
  }
}

const skip = () => ({ did: "skip", changes: [] });
const wait = () => ({ did: "wait", changes: [] });
const hole = () => ({ did: "hole", changes: [] });
const applied = (changes) => ({ did: "applied", changes });
const entries = (map) => Object.entries(map || {});

function newer(a, b) {
  if (!a || !b) return a || b;
  return b.fix_at > a.fix_at ? b : a;
}
