// Enlarges a map: by buttons, by two fingers, and one finger (or the mouse beside the shapes) shifts it.
"use strict";

const planZoom = (svg, { held, changed }) => {
  const MOST = 16, { x: left, y: top, width, height } = svg.viewBox.baseVal, whole = { x: left, y: top, width, height };
  let view = { ...whole }, fingers = null;

  // The part that is shown stays inside the map and keeps its shape.
  function show(next) {
    const wide = Math.min(whole.width, Math.max(whole.width / MOST, next.width)), tall = (wide * whole.height) / whole.width;
    const inside = (value, low, room) => Math.min(Math.max(value, low), low + room);
    view = { x: inside(next.x, whole.x, whole.width - wide), y: inside(next.y, whole.y, whole.height - tall), width: wide, height: tall };
    put(view);
    changed();
  }

  function put({ x, y, width: wide, height: tall }) {
    svg.setAttribute("viewBox", [x, y, wide, tall].map((v) => v.toFixed(3)).join(" "));
    svg.style.setProperty("--thin", Math.sqrt(wide / whole.width));
  }

  function at(clientX, clientY) {
    const box = svg.getBoundingClientRect();
    return { x: view.x + ((clientX - box.left) / box.width) * view.width, y: view.y + ((clientY - box.top) / box.height) * view.height };
  }

  // Enlarges by a factor; the place `about` stays where it is, or comes to the middle.
  function by(factor, about, { centred = false } = {}) {
    const wide = Math.min(whole.width, Math.max(whole.width / MOST, view.width / factor)), tall = (wide * whole.height) / whole.width;
    const [u, v] = centred ? [0.5, 0.5] : [(about.x - view.x) / view.width, (about.y - view.y) / view.height];
    show({ x: about.x - u * wide, y: about.y - v * tall, width: wide });
  }

  function shift(from, to) {
    const box = svg.getBoundingClientRect();
    show({ ...view, x: view.x - ((to.clientX - from.clientX) / box.width) * view.width, y: view.y - ((to.clientY - from.clientY) / box.height) * view.height });
  }

  const spread = ([a, b]) => Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
  const middle = ([a, b]) => ({ clientX: (a.clientX + b.clientX) / 2, clientY: (a.clientY + b.clientY) / 2 });
  const kept = (touches) => [...touches].map(({ clientX, clientY }) => ({ clientX, clientY }));

  svg.addEventListener("touchstart", (event) => { fingers = kept(event.touches); }, { passive: true });
  svg.addEventListener("touchmove", (event) => {
    const now = kept(event.touches), pair = now.length === 2 && fingers?.length === 2;
    if (!pair && (now.length !== 1 || fingers?.length !== 1 || !enlarged() || held())) { fingers = now; return; }
    event.preventDefault();
    if (pair) {
      const [from, to] = [middle(fingers), middle(now)];
      shift(from, to);
      by(spread(now) / Math.max(1, spread(fingers)), at(to.clientX, to.clientY));
    } else shift(fingers[0], now[0]);
    fingers = now;
  }, { passive: false });
  for (const name of ["touchend", "touchcancel"]) svg.addEventListener(name, (event) => { fingers = kept(event.touches); });

  svg.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "mouse" || event.target !== svg || !enlarged()) return;
    let from = event;
    const follow = (to) => { shift(from, to); from = to; };
    const stop = () => { window.removeEventListener("pointermove", follow); window.removeEventListener("pointerup", stop); };
    window.addEventListener("pointermove", follow);
    window.addEventListener("pointerup", stop);
  });

  function enlarged() { return view.width < whole.width * 0.999; }
  return {
    by, enlarged,
    all: () => show(whole),
    centre: () => ({ x: view.x + view.width / 2, y: view.y + view.height / 2 }),
    holds: ({ x, y }) => x >= view.x && x <= view.x + view.width && y >= view.y && y <= view.y + view.height,
    pinching: () => (fingers?.length ?? 0) > 1,
    // paper has the whole map
    paper: (printed) => put(printed ? whole : view),
  };
};
