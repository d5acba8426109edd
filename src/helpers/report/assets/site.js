// What the pages do beyond reading: theme, folding code, filters, moving weights.
// Everything works without it; it asks nothing of the network.
"use strict";

const memory = {
  // a browser may refuse storage to files; then nothing is remembered
  get(name) { try { return localStorage.getItem(name); } catch { return null; } },
  set(name, value) { try { localStorage.setItem(name, value); } catch { /* not remembered */ } },
};

const SMALLEST_FORMULA = 14; // pixels

const THEMES = ["system", "light", "dark"];

function applyTheme(theme) {
  document.documentElement.style.colorScheme = theme === "system" ? "" : theme;
}

applyTheme(memory.get("theme") ?? "system");

document.addEventListener("DOMContentLoaded", () => {
  startTheme();
  startFolding();
  document.querySelectorAll("form[data-filter]").forEach(startFilter);
  startScrolling();
  startPrinting();
  document.addEventListener("click", keepState);
  document.querySelectorAll("[data-explorer]").forEach(startExplorer);
});

// A link to a place of the page takes away nothing of what the address says of the page's state.
function keepState(event) {
  const link = event.target.closest?.('a[href^="#"]');
  if (!link || !location.hash.includes("=") || link.hash.includes("=")) return;
  const place = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!place) return;
  event.preventDefault();
  place.scrollIntoView();
  if (place.tabIndex < 0) place.setAttribute("tabindex", "-1");
  place.focus({ preventScroll: true });
}

function startTheme() {
  const button = document.getElementById("theme");
  let theme = THEMES.includes(memory.get("theme")) ? memory.get("theme") : "system";
  const show = () => {
    button.querySelector("[data-theme]").textContent = theme;
  };
  button.addEventListener("click", () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    memory.set("theme", theme);
    applyTheme(theme);
    show();
  });
  show();
  button.hidden = false;
}

function startFolding() {
  const button = document.querySelector("[data-all-code]");
  const folds = [...document.querySelectorAll("details.code")];
  if (button && folds.length) {
    const set = (open) => {
      folds.forEach((fold) => { fold.open = open; });
      button.setAttribute("aria-pressed", String(open));
      button.textContent = open ? "Hide all code" : "Show all code";
    };
    button.addEventListener("click", () => {
      const open = button.getAttribute("aria-pressed") !== "true";
      set(open);
      memory.set("all-code", open ? "yes" : "no");
    });
    set(memory.get("all-code") === "yes");
    button.hidden = false;
  }
  // a link to a cell unfolds its code
  const unfold = () => {
    const cell = target();
    const fold = cell?.querySelector("details.code") ?? cell?.closest("details");
    if (fold) {
      fold.open = true;
      cell.scrollIntoView();
    }
  };
  window.addEventListener("hashchange", unfold);
  unfold();
}

// Paper opens nothing: what is folded is printed, but for code, hints and answers.
function startPrinting() {
  let opened = [];
  window.addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open], .code, .contents-here, .text-cell details)")];
    opened.forEach((fold) => { fold.open = true; });
  });
  window.addEventListener("afterprint", () => { opened.forEach((fold) => { fold.open = false; }); });
}

// Only what is wider or higher than its place, and so scrolls, is a stop of the tab key.
function startScrolling() {
  const parts = document.querySelectorAll("main [tabindex='0']:is(pre, .formula, .table-scroll)");
  if (typeof ResizeObserver !== "function") return;
  const seen = new ResizeObserver((changes) => changes.forEach(({ target: part }) => {
    if (part.matches(".formula")) fit(part);
    if (part.matches(".table-scroll")) measure(part);
    const scrolls = part.scrollWidth > part.clientWidth + 1 || part.scrollHeight > part.clientHeight + 1;
    part.tabIndex = scrolls ? 0 : -1;
  }));
  parts.forEach((part) => seen.observe(part));
}

// A table whose first column others scroll under, one that is hardly higher than its place, and one that goes on below.
function measure(part) {
  // a first column that is set narrower is measured without it
  part.classList.remove("wide", "nearly", "tall");
  part.classList.toggle("wide", part.scrollWidth > part.clientWidth + 1);
  const ratio = part.scrollHeight / part.clientHeight;
  part.classList.toggle("nearly", ratio < 1.35);
  part.classList.toggle("tall", ratio >= 1.35);
  const follow = () => part.classList.toggle("ended", part.scrollTop + part.clientHeight > part.scrollHeight - 40);
  part.onscroll = follow;
  follow();
}

// An equation that is wider than its column is set smaller, down to what can be read well, and scrolls then.
function fit(formula) {
  const drawn = [...formula.querySelectorAll(":scope > math")];
  const set = (size) => drawn.forEach((each) => { each.style.fontSize = size; });
  set("");
  const wide = formula.scrollWidth / formula.clientWidth;
  if (!drawn.length || !(wide > 1)) return;
  const size = parseFloat(getComputedStyle(drawn[0]).fontSize);
  set(`${Math.min(size, Math.max((0.98 * size) / wide, SMALLEST_FORMULA))}px`);
}

function target() {
  let name = location.hash.slice(1);
  try { name = decodeURIComponent(name); } catch { /* use it as it stands */ }
  return name ? document.getElementById(name) : null;
}

function startFilter(form) {
  const place = document.querySelector(form.dataset.filter);
  if (!place) return;
  const items = [...place.querySelectorAll("[data-item]")];
  // what the heading of its group says is said of an item too
  const heading = (item) => item.closest("[data-group]")?.querySelector("h2")?.textContent ?? "";
  const texts = items.map((item) => fold(`${heading(item)} ${item.textContent}`));
  const groups = [...place.querySelectorAll("[data-group]")];
  const output = form.querySelector("output");
  const nothing = document.querySelector(".nothing");
  const selects = [...form.querySelectorAll("select")];

  const apply = () => {
    const words = fold(form.elements.words.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    items.forEach((item, i) => {
      const fits = selects.every((s) => !s.value || item.dataset[s.name] === s.value)
        && words.every((word) => texts[i].includes(word));
      item.hidden = !fits;
      shown += fits;
    });
    groups.forEach((group) => { group.hidden = !group.querySelector("[data-item]:not([hidden])"); });
    const name = items.length === 1 ? output.dataset.singular : output.dataset.plural;
    output.textContent = shown === items.length ? `${shown} ${name}` : `${shown} of ${items.length} ${name}`;
    if (nothing) nothing.hidden = shown > 0;
    document.dispatchEvent(new Event("filtered"));
  };
  const remember = () => {
    const chosen = new URLSearchParams();
    for (const field of [...selects, form.elements.words]) if (field.value) chosen.set(field.name, field.value);
    history.replaceState(null, "", `#${chosen}`);
  };
  const recall = () => {
    if (!location.hash.includes("=")) return false;
    const chosen = new URLSearchParams(location.hash.slice(1));
    for (const field of [...selects, form.elements.words]) field.value = chosen.get(field.name) ?? "";
    return true;
  };
  // what an address asks for is seen without scrolling there by hand
  const follow = () => {
    const asked = recall();
    apply();
    form.hidden = false;
    if (asked) form.scrollIntoView();
  };
  form.addEventListener("input", () => { apply(); remember(); });
  form.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("hashchange", follow);
  follow();
}

function fold(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

function button(text, action) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "quiet";
  made.textContent = text;
  made.addEventListener("click", action);
  return made;
}

// Scores nearer than this are one score: the values on the page are rounded.
const TIE = 1e-9;

// The explorer of section 31 as JupyterLab has it (helpers/priorities/explorer.py).
function startExplorer(place) {
  const { zones, values, weights } = JSON.parse(place.dataset.explorer);
  const rows = [...place.querySelectorAll(".swings tbody tr")];
  const body = place.querySelector(".ranked tbody");
  const said = place.querySelector("[role=status]");
  const many = body.rows.length;
  const first = ranked(scores(values, weights)).ranks;
  const shares = rows.map((row) => row.querySelector("[data-weight]"));
  const sliders = rows.map((row) => slider(row));
  const start = sliders.map((each) => each.value), fields = rows.map((row) => row.querySelector("[type=number]"));
  const before = dominators(values);
  const open = zones.length <= 1000 ? zones.filter((_, i) => !before(i).length).length : null;
  const free = open === null ? "" : `For ${open} of ${zones.length} zones no other is at least as good by every criterion and better by one.`;
  const draw = () => {
    const swings = fields.map((each) => Math.min(100, Math.max(0, Number(each.value) || 0)));
    const sum = swings.reduce((a, b) => a + b, 0);
    said.textContent = sum ? free : "Every swing is 0: give at least one criterion a swing.";
    if (!sum) {
      shares.forEach((share) => { share.textContent = "–"; });
      body.replaceChildren();
      return;
    }
    // swings are rounded: where none was moved the weights in use stand
    const moved = fields.some((each, i) => each.value !== start[i]);
    const found = moved ? swings.map((swing) => swing / sum) : weights;
    shares.forEach((share, i) => { share.textContent = found[i].toFixed(3); });
    const score = scores(values, found);
    const { order, ranks } = ranked(score);
    body.replaceChildren(...order.slice(0, many).map(
      (i) => zoneRow(ranks[i], zones[i], score[i], first[i] - ranks[i], behind(before(i), ranks, zones)),
    ));
  };
  const reset = button("Back to the start", () => {
    sliders.forEach((each, i) => { each.value = fields[i].value = start[i]; });
    draw();
  });
  place.querySelector(".swings").after(reset);
  // a slider moves by whole numbers, its field takes any
  sliders.forEach((each, i) => {
    each.addEventListener("input", () => { fields[i].value = each.value; draw(); });
    fields[i].addEventListener("input", () => { each.value = fields[i].value; draw(); });
  });
  place.querySelectorAll("[hidden]").forEach((part) => { part.hidden = false; });
  place.classList.add("moving");
  draw();
}

function slider(row) {
  const place = row.querySelector("[data-swing]"), name = `Swing of ${row.cells[0].textContent}`;
  const [made, field] = ["range", "number"].map((type) => {
    const input = document.createElement("input");
    Object.assign(input, { type, min: 0, max: 100, value: place.textContent, autocomplete: "off" });
    input.setAttribute("aria-label", type === "range" ? name : `${name}, as a number`);
    return input;
  });
  field.step = "any";
  place.replaceChildren(made, field);
  return made;
}

function scores(values, weights) {
  return values.map((row) => row.reduce((sum, value, i) => sum + value * weights[i], 0));
}

// Zones that are at least as good as one by every criterion and better by one of them: no weights
// put it before them.  Found once each, for weights change nothing in it.
function dominators(values) {
  const known = new Map();
  const beats = (a, b) => a.every((value, k) => value >= b[k]) && a.some((value, k) => value > b[k]);
  return (i) => {
    if (!known.has(i)) known.set(i, values.flatMap((row, j) => (beats(row, values[i]) ? [j] : [])));
    return known.get(i);
  };
}

function behind(found, ranks, zones) {
  if (!found.length) return "";
  const leader = found.reduce((a, b) => (ranks[b] < ranks[a] ? b : a)), rest = found.length - 1;
  return `${zones[leader]}${rest ? ` and ${rest} more` : ""}`;
}

// Zones of equal score share the better rank and keep the order in which they are listed.
function ranked(score) {
  const order = score.map((_, i) => i).sort((a, b) => score[b] - score[a] || a - b);
  const ranks = new Array(score.length);
  order.forEach((zone, place) => {
    const before = order[place - 1];
    ranks[zone] = place && score[before] - score[zone] <= TIE ? ranks[before] : place + 1;
  });
  return { order, ranks };
}

function zoneRow(rank, name, score, moved, before) {
  const row = document.createElement("tr");
  const head = document.createElement("th");
  head.scope = "row";
  head.textContent = name;
  if (before) {
    const after = document.createElement("span");
    after.className = "after";
    after.textContent = `never before ${before}`;
    head.append(" ", after);
  }
  const drawn = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const bar = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  drawn.setAttribute("class", "bar");
  drawn.setAttribute("viewBox", "0 0 100 8");
  drawn.setAttribute("preserveAspectRatio", "none");
  drawn.setAttribute("aria-hidden", "true");
  bar.setAttribute("width", (100 * score).toFixed(1));
  bar.setAttribute("height", "8");
  drawn.append(bar);
  const sign = moved > 0 ? `▲ ${moved}` : moved < 0 ? `▼ ${-moved}` : "";
  row.append(cell(rank, "number"), head, cell(` ${score.toFixed(3)}`), cell(sign, "number"));
  row.cells[2].prepend(drawn);
  return row;
}

function cell(words, style = "") {
  const made = document.createElement("td");
  made.textContent = words;
  made.className = style;
  return made;
}
