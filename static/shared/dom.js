// Making and changing the page's elements. Nothing here knows a service.
//
//   h("button", {class: "go", data: {act: "medic.accept"}, on: {click}}, "Terima")
//   svg("circle", {cx: 1, cy: 2, r: 3})
//   $("#id"), $$(".card")           put(el, "text") writes only what differs
//   refill(el, child, [more])       these children and no others
//   keyed(list, items, (item) => item.id, make, update)   same order, elements kept by key
//   announce("text") / announce("text", true)   polite / assertive live region
//   sheet(el) -> {open(), close(), shown}   a dialog with focus kept inside, Escape closes
//   icon("van")                     a drawing of pictograms.svg; words stand beside it, so it is not for the ear

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => Array.from(root.querySelectorAll(selector));

const SVG = "http://www.w3.org/2000/svg";

/** An element. `data` sets data-*, `on` listeners, `text` textContent; null attributes are left out. */
export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

export const icon = (name) => svg("svg", { class: "icon", "aria-hidden": "true" }, svg("use", { href: `/static/shared/pictograms.svg#${name}` }));

/** Another drawing in the same place. */
export const putIcon = (drawing, name) => attribute(drawing.firstElementChild, "href", `/static/shared/pictograms.svg#${name}`);

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "data") setData(element, value);
    else if (name === "on") for (const [event, act] of Object.entries(value)) element.addEventListener(event, act);
    else if (name === "text") element.textContent = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children.flat(3)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child);
  }
}

export function setData(element, data) {
  for (const [name, value] of Object.entries(data)) {
    if (value === null || value === undefined) delete element.dataset[name];
    else if (element.dataset[name] !== String(value)) element.dataset[name] = value;
  }
}

/** Give an element these children and no others (`replaceChildren` is missing before Chrome 86). */
export function refill(element, ...children) {
  element.textContent = "";
  append(element, children);
}

/** Write text only when it differs: a live region then speaks only what is new. */
export function put(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}

export function show(element, shown) {
  if (element && element.hidden === Boolean(shown)) element.hidden = !shown;
}

/** Set `disabled`, or any attribute, only when it differs. */
export function attribute(element, name, value) {
  if (value === null || value === undefined || value === false) { if (element.hasAttribute(name)) element.removeAttribute(name); }
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

/** Say that a button does nothing now; who acts on its click asks `isOff`. `disabled` would take the focus away. */
export const turnOff = (button, off) => attribute(button, "aria-disabled", off ? "true" : null);
export const isOff = (button) => button.getAttribute("aria-disabled") === "true";
/** What a tap does, unless its button is off. */
export const unlessOff = (act) => (event) => { if (!isOff(event.currentTarget)) act(event); };

/**
 * Make `list` show `items` in order; an element stays the same for the same key.
 * What holds the focus is never moved, the others are moved around it: moving an
 * element takes its focus away.
 */
export function keyed(list, items, keyOf, make, update) {
  const old = new Map(Array.from(list.children, (child) => [child.dataset.key, child]));
  const elements = items.map((item) => {
    const key = String(keyOf(item));
    const element = old.get(key) || make(item);
    if (element.dataset.key !== key) element.dataset.key = key;
    old.delete(key);
    if (update) update(element, item);
    return element;
  });
  for (const gone of old.values()) if (gone.parentNode === list) gone.remove();
  const focused = elements.findIndex((element) => element.parentNode === list && element.contains(document.activeElement));
  if (focused > 0) place(list, elements.slice(0, focused), list.firstElementChild);
  if (focused < 0) place(list, elements, list.firstElementChild);
  else place(list, elements.slice(focused + 1), elements[focused].nextElementSibling);
}

/** Put these in a row, from `at` on. */
function place(list, elements, at) {
  for (const element of elements) {
    if (element === at) at = at.nextElementSibling;
    else list.insertBefore(element, at);
  }
}

/** Say something to a screen reader. */
export function announce(text, now = false) {
  const id = now ? "say-now" : "say";
  let region = document.getElementById(id);
  if (!region) {
    region = h("div", { id, class: "unseen", role: now ? "alert" : "status", "aria-live": now ? "assertive" : "polite" });
    document.body.append(region);
  }
  region.textContent = "";
  setTimeout(() => { region.textContent = text; }, 50);
}

const FOCUSABLE = "button:not([disabled]), a[href], input, select, textarea, [tabindex='0']";

/** Turn a hidden `<div class="sheet" role="dialog" aria-labelledby=..>` into a modal. */
export function sheet(element, { onClose } = {}) {
  let back = null;
  const inside = () => $$(FOCUSABLE, element).filter((each) => each.offsetParent !== null);
  const self = {
    get shown() { return !element.hidden; },
    open(first) {
      if (self.shown) return;
      back = document.activeElement;
      element.hidden = false;
      (first || inside()[0] || element).focus();
    },
    close() {
      if (!self.shown) return;
      element.hidden = true;
      if (back && back.isConnected) back.focus();
      if (onClose) onClose();
    },
  };
  element.setAttribute("aria-modal", "true");
  element.addEventListener("keydown", (event) => {
    if (event.key === "Escape") self.close();
    if (event.key !== "Tab") return;
    const all = inside();
    const edge = event.shiftKey ? all[0] : all[all.length - 1];
    if (document.activeElement !== edge) return;
    event.preventDefault();
    (event.shiftKey ? all[all.length - 1] : all[0]).focus();
  });
  return self;
}
