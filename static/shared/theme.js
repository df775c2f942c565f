// "Layar terik": black on white, thick lines, whatever the phone's own theme; for pages that are used outdoors.
//
//   offerSun($("#sun"))     a button with aria-pressed; the choice is kept on this phone, for all its pages
//
// The looks are tokens of base.css alone: `data-theme="sun"` on the root chooses them.

const KEPT = "kt.sun";

function kept() {
  try { return localStorage.getItem(KEPT) === "1"; } catch (error) { return false; }
}

function keep(on) {
  try { localStorage.setItem(KEPT, on ? "1" : "0"); } catch (error) { /* Private mode: it lasts as long as the page. */ }
}

function look(button, on) {
  if (on) document.documentElement.dataset.theme = "sun";
  else delete document.documentElement.dataset.theme;
  button.setAttribute("aria-pressed", String(on));
}

export function offerSun(button) {
  let on = kept();
  look(button, on);
  button.addEventListener("click", () => {
    on = !on;
    look(button, on);
    keep(on);
  });
  // Another page of this phone, or this phone's frames in the demo.
  window.addEventListener("storage", (event) => {
    if (event.key !== KEPT) return;
    on = kept();
    look(button, on);
  });
}
