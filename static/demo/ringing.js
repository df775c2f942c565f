// Which device has something to say: a card that waits for an answer makes its
// device glow. The frames are of this origin, so their cards can be looked at;
// the sound and the answer stay with the pages themselves.

const WAITING = {
  medic: '[data-type="offer"][data-state="open"]',
  seller: '[data-type="order"][data-state="placed"]',
  dispatcher: '[data-type="alarm"][data-state="ringing"]',
};

/** Mark `device` and its `tab` with `data-ringing` as long as a card of its page waits. */
export function followRinging(device, tab) {
  const selector = WAITING[device.dataset.frame];
  const frame = device.querySelector("iframe");
  if (!selector) return;
  const follow = () => {
    const page = frame.contentDocument;
    const look = () => {
      const ringing = String(page.querySelector(selector) !== null);
      device.dataset.ringing = ringing;
      tab.dataset.ringing = ringing;
    };
    const observer = new MutationObserver(look);
    observer.observe(page.documentElement, { subtree: true, childList: true, attributeFilter: ["data-state"] });
    look();
  };
  frame.addEventListener("load", follow);
  if (frame.contentDocument && frame.contentDocument.readyState === "complete") follow();
}
