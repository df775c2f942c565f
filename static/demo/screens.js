// The frames as phones: each page keeps its own width and is scaled to its
// device; on a small screen the tabs bring one device at a time.

const SMALL = window.matchMedia("(max-width: 699px)");

/** Keep every frame scaled to its device. The page inside always sees `data-width` pixels. */
export function fitScreens(screens) {
  const fit = (screen) => {
    const frame = screen.firstElementChild;
    const scale = SMALL.matches ? 1 : screen.clientWidth / Number(screen.dataset.width);
    frame.style.width = `${screen.clientWidth / scale}px`;
    frame.style.height = `${screen.clientHeight / scale}px`;
    frame.style.transform = scale === 1 ? "" : `scale(${scale})`;
  };
  const observer = new ResizeObserver((entries) => entries.forEach((entry) => fit(entry.target)));
  screens.forEach((screen) => observer.observe(screen));
}

/** Wire the tabs to the devices: a tap shows one, a swipe moves the mark. */
export function bindTabs(tabs, devices) {
  const mark = (name) => {
    for (const tab of tabs) tab.setAttribute("aria-pressed", String(tab.dataset.show === name));
  };
  for (const tab of tabs) {
    tab.addEventListener("click", () => {
      const device = devices.find((each) => each.dataset.frame === tab.dataset.show);
      device.scrollIntoView({ inline: "start", block: "nearest" });
      mark(tab.dataset.show);
    });
  }
  const observer = new IntersectionObserver((entries) => {
    const shown = entries.find((entry) => entry.isIntersecting);
    if (shown) mark(shown.target.dataset.frame);
  }, { threshold: 0.6 });
  devices.forEach((device) => observer.observe(device));
}
