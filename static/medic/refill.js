// `element.replaceChildren(...)` for browsers before 2020-10 (Chrome 86, Safari 14).

export function refill(element, ...children) {
  element.textContent = "";
  element.append(...children);
}
