// Figures: opened large, enlarged and moved; in the gallery a stop of the tab key for each section.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  startLightbox();
  document.querySelectorAll("[data-roving]").forEach(startRoving);
});

const STEP = 1.5; // from one size to the next
const LARGEST = 6; // times what fits

function startLightbox() {
  const links = [...document.querySelectorAll("a.zoom")];
  if (!links.length || typeof HTMLDialogElement !== "function") return;
  const make = (name, style) => Object.assign(document.createElement(name), { className: style });
  const box = make("dialog", "lightbox"), bar = make("div", "bar"), stage = make("div", "stage");
  const image = make("img", ""), said = make("p", "said"), count = make("span", ""), hint = make("p", "hint");
  box.setAttribute("aria-label", "Figure");
  stage.tabIndex = 0;
  stage.autofocus = true;
  count.setAttribute("aria-live", "polite");
  const sign = (drawn, words, action) => {
    const made = button(drawn, action);
    made.setAttribute("aria-label", words);
    made.title = words;
    return made;
  };
  const smaller = sign("−", "Smaller", () => scale(zoom / STEP)), larger = sign("+", "Larger", () => scale(zoom * STEP));
  bar.append(count, smaller, larger, sign("←", "Previous", () => go(-1)), sign("→", "Next", () => go(1)), button("Close", () => box.close()));
  stage.append(image);
  box.append(bar, stage, hint, said);
  document.body.append(box);
  let current = 0, shown = links, zoom = 1, held = null;

  function show(i) {
    current = (i + shown.length) % shown.length;
    const link = shown[current];
    image.src = link.href;
    image.alt = link.querySelector("img").alt;
    const title = document.createElement("strong");
    title.textContent = link.dataset.title ? `${link.dataset.title}${/[.?!]$/.test(link.dataset.title) ? "" : "."} ` : "";
    said.replaceChildren(title, link.dataset.caption || "");
    count.textContent = `${current + 1} of ${shown.length}`;
    hint.textContent = matchMedia("(pointer: coarse)").matches ? "+ or two taps enlarge it; then drag it." : "+ or two clicks enlarge it; then drag it.";
    image.decode().catch(() => {}).then(() => { if (link === shown[current]) begin(); });
  }

  function go(step) { show(current + step); }

  // Width at which all of the figure is seen, but no smaller than on the page.
  function whole() {
    const room = { width: stage.clientWidth, height: stage.clientHeight };
    const contained = Math.min(room.width, (room.height * image.naturalWidth) / (image.naturalHeight || 1));
    const link = shown[current].querySelector("img");
    return Math.max(contained, Math.min(link.clientWidth, room.width));
  }

  // All of it at first.
  function begin() {
    scale(1);
    stage.scrollTo(0, 0);
  }

  // What lies in the middle of the stage, or at a point of it, stays there.
  function scale(wanted, x = stage.clientWidth / 2, y = stage.clientHeight / 2) {
    const next = Math.min(LARGEST, Math.max(1, wanted)), old = image.clientWidth || 1;
    const at = [stage.scrollLeft + x, stage.scrollTop + y];
    zoom = next;
    image.style.width = `${whole() * zoom}px`;
    const times = image.clientWidth / old;
    stage.scrollTo({ left: at[0] * times - x, top: at[1] * times - y, behavior: "instant" });
    // a button that is disabled would take the keys with it
    smaller.setAttribute("aria-disabled", String(zoom === 1));
    larger.setAttribute("aria-disabled", String(zoom === LARGEST));
    stage.classList.toggle("moving", scrolls());
  }

  function scrolls() { return stage.scrollWidth > stage.clientWidth + 1 || stage.scrollHeight > stage.clientHeight + 1; }

  links.forEach((link) => link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    shown = links.filter((other) => other.offsetParent !== null);
    box.showModal();
    show(shown.indexOf(link));
  }));
  box.addEventListener("keydown", (event) => {
    const moves = event.target === stage && stage.scrollWidth > stage.clientWidth + 1;
    if (event.key === "ArrowRight" && !moves) go(1);
    else if (event.key === "ArrowLeft" && !moves) go(-1);
    else if (event.key === "+" || event.key === "=") scale(zoom * STEP);
    else if (event.key === "-") scale(zoom / STEP);
    else return;
    event.preventDefault();
  });
  box.addEventListener("click", (event) => { if (event.target === box || (event.target === stage && !scrolls())) box.close(); });
  image.addEventListener("dblclick", (event) => {
    const frame = stage.getBoundingClientRect();
    scale(zoom > 1 ? 1 : STEP ** 2, event.clientX - frame.left, event.clientY - frame.top);
  });
  // a mouse moves a large figure as a finger does
  image.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "mouse" || event.button !== 0 || !scrolls()) return;
    event.preventDefault();
    image.setPointerCapture(event.pointerId);
    held = { x: event.clientX + stage.scrollLeft, y: event.clientY + stage.scrollTop };
  });
  image.addEventListener("pointermove", (event) => {
    if (held) stage.scrollTo({ left: held.x - event.clientX, top: held.y - event.clientY, behavior: "instant" });
  });
  ["pointerup", "pointercancel"].forEach((name) => image.addEventListener(name, () => { held = null; }));
  // the reader comes back to the figure last looked at
  box.addEventListener("close", () => { image.removeAttribute("src"); shown[current].focus(); });
}

// Of a section's figures one is a stop of the tab key; the arrow keys go to the others.
function startRoving(group) {
  const links = [...group.querySelectorAll("a.zoom")];
  const stop = (chosen) => links.forEach((link) => { link.tabIndex = link === chosen ? 0 : -1; });
  const seen = () => links.filter((link) => link.offsetParent !== null);
  group.addEventListener("focusin", (event) => { if (links.includes(event.target)) stop(event.target); });
  group.addEventListener("keydown", (event) => {
    const shown = seen(), place = shown.indexOf(event.target);
    const to = { ArrowRight: place + 1, ArrowDown: place + 1, ArrowLeft: place - 1, ArrowUp: place - 1, Home: 0, End: shown.length - 1 }[event.key];
    if (place < 0 || to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    shown[Math.min(shown.length - 1, Math.max(0, to))].focus();
  });
  // what a filter hides is no stop
  const renew = () => { const shown = seen(); if (!shown.some((link) => link.tabIndex === 0)) stop(shown[0] ?? links[0]); };
  document.addEventListener("filtered", renew);
  stop(links[0]);
  renew();
}
