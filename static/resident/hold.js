// The red button. Held for 1.5 s: `onHeld(point)`. Released earlier, clicked by
// Enter, a switch or a screen reader: nothing is sent, `onShort(point | null)`.

export const HOLD_MS = 1500;

export function holdable(button, { onStart, onHeld, onShort }) {
  let timer = null;
  let pointer = null;
  let point = null;
  let by_pointer_at = 0;

  const rest = () => {
    clearTimeout(timer);
    timer = null;
    button.classList.remove("holding");
  };

  const release = (event) => {
    if (event.pointerId !== pointer) return;
    pointer = null;
    by_pointer_at = Date.now();
    if (timer === null) return;
    rest();
    onShort(point);
  };

  button.addEventListener("pointerdown", (event) => {
    if (pointer !== null || (event.pointerType === "mouse" && event.button !== 0)) return;
    pointer = event.pointerId;
    point = { x: event.clientX, y: event.clientY };
    button.classList.add("holding");
    if (onStart) onStart();
    timer = setTimeout(() => {
      rest();
      by_pointer_at = Date.now();
      if (navigator.vibrate) navigator.vibrate(60);
      onHeld(point);
    }, HOLD_MS);
    try { button.setPointerCapture(pointer); } catch (error) { /* A made-up pointer has no capture. */ }
  });
  button.addEventListener("pointerup", release);
  button.addEventListener("pointercancel", release);
  button.addEventListener("lostpointercapture", release);
  // A finger's click comes after its release and would meet the sheet that is under it by then.
  button.addEventListener("touchend", (event) => { if (event.cancelable) event.preventDefault(); });
  button.addEventListener("contextmenu", (event) => event.preventDefault());
  button.addEventListener("click", () => {
    if (Date.now() - by_pointer_at < 700) return;
    rest();
    onShort(null);
  });
}
