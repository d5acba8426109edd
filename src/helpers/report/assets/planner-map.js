// Draws the planner's map: quadrants by demand, territories, posts that can be dragged or moved by key.
"use strict";

const planMap = (() => {
  const CLASSES = 7, WIDE = 1000, MARGIN = 32, SHEET = 378; // the sheet's map is 100 mm wide
  const LAYERS = ["demand", "hover", "borders", "outline", "today", "names", "best", "posts", "frame"];
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

  function element(name, attributes = {}, ...inside) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...inside);
    return made;
  }

  function create(svg, model, act) {
    const { data } = model, [width, height] = data.cell;
    const around = [...data.outline.flat(), ...Array.from(model.x, (x, i) => [x, model.y[i]])];
    const [west, east] = ends(around.map((p) => p[0]), width), [south, north] = ends(around.map((p) => p[1]), height);
    const scale = (WIDE - 2 * MARGIN) / Math.max(east - west, 0.8 * (north - south));
    const tall = (north - south) * scale + 2 * MARGIN + 30, broad = (east - west) * scale + 2 * MARGIN;
    const px = (x) => round(MARGIN + (x - west) * scale), py = (y) => round(MARGIN + (north - y) * scale);
    const at = (i) => [px(model.x[i]), py(model.y[i])];
    const index = new Map(data.ix.map((ix, i) => [`${ix} ${data.iy[i]}`, i]));
    svg.setAttribute("viewBox", `0 0 ${round(broad)} ${round(tall)}`);
    const layers = Object.fromEntries(LAYERS.map((name) => [name, svg.appendChild(element("g", { class: name }))]));
    LAYERS.filter((name) => name !== "posts").forEach((name) => layers[name].setAttribute("aria-hidden", "true"));
    // a mouse beside the posts has the map itself under it, and shifts it; today's posts say their names
    LAYERS.filter((name) => !["posts", "today"].includes(name)).forEach((name) => layers[name].setAttribute("pointer-events", "none"));
    const ring = (corners) => `M${corners.map(([x, y]) => `${px(x)} ${py(y)}`).join("L")}Z`;
    layers.outline.append(element("path", { d: data.outline.map(ring).join("") }));
    let paper = false, dragging = false, held = -1, unit = 1, sites = [], markers = [], owner = [], shownLoad = null, last = null;
    const zoom = planZoom(svg, { held: () => dragging, changed: () => { if (last) draw(last); } });

    // A quadrant as a piece of a path.
    function box(i) {
      // a little wider than it is, that no seam shows
      const [x, y] = at(i), w = round(width * scale + 0.4), h = round(height * scale + 0.4);
      return `M${round(x - w / 2)} ${round(y - h / 2)}h${w}v${h}h${-w}z`;
    }

    function drawDemand(weight) {
      if (shownLoad === weight) return;
      shownLoad = weight;
      const most = weight.reduce((a, b) => Math.max(a, b), 0), paths = Array.from({ length: CLASSES + 1 }, () => []);
      weight.forEach((w, i) => paths[w > 0 ? 1 + Math.min(CLASSES - 1, Math.floor(CLASSES * Math.sqrt(w / most))) : 0].push(box(i)));
      layers.demand.replaceChildren(...paths.map((path, k) => element("path", { class: `d${k}`, d: path.join("") })));
    }

    // Lines between quadrants that different posts serve.
    function drawBorders() {
      const path = [], w = round(width * scale), h = round(height * scale);
      for (let i = 0; i < model.n; i += 1) {
        const [x, y] = at(i), right = index.get(`${data.ix[i] + 1} ${data.iy[i]}`), below = index.get(`${data.ix[i]} ${data.iy[i] - 1}`);
        if (right !== undefined && owner[right] !== owner[i]) path.push(`M${round(x + w / 2)} ${round(y - h / 2)}v${h}`);
        if (below !== undefined && owner[below] !== owner[i]) path.push(`M${round(x - w / 2)} ${round(y + h / 2)}h${w}`);
      }
      const d = path.join("");
      layers.borders.replaceChildren(element("path", { class: "halo", d }), element("path", { d }));
    }

    // The scale bar and the north arrow, at the foot of what is shown.
    function drawFrame() {
      const view = svg.viewBox.baseVal, part = view.width / broad, foot = view.y + view.height - 12 * part;
      const step = [1, 2, 5].flatMap((k) => [-1, 0, 1, 2, 3, 4, 5].map((e) => k * 10 ** e)).sort((a, b) => a - b);
      const long = step.filter((m) => m * scale <= view.width / 4).pop() ?? 1, y = round(foot), left = round(view.x + MARGIN * part);
      const words = element("text", { class: "words", x: round(left + long * scale + 8 * part), y: y + 1 });
      words.textContent = long >= 1000 ? `${long / 1000} km` : `${long} m`;
      const up = round(view.x + view.width - MARGIN * part), arrow = element("text", { class: "words", x: up, y: y + 1, "text-anchor": "end" });
      arrow.textContent = "north ↑";
      layers.frame.replaceChildren(element("path", { d: `M${left} ${round(y - 6 * part)}v${round(6 * part)}h${round(long * scale)}v${round(-6 * part)}` }), words, arrow);
    }

    function mark(k) {
      const made = element("g", { tabindex: "0", role: "button", class: "post", "aria-roledescription": "post" });
      const number = element("text", { "text-anchor": "middle", dy: "0.36em" });
      made.append(element("circle", { class: "touch" }), element("path", { class: "lock" }), element("circle", { class: "disc" }), number);
      made.addEventListener("keydown", (event) => {
        const way = ARROWS[event.key];
        if (way && model.live) step(k, model.next(sites[k], ...way));
        else if (event.key.toLowerCase() === "l" && model.live) act.lock(k);
        else return;
        event.preventDefault();
      });
      made.addEventListener("pointerdown", (event) => begin(event, k, made));
      for (const name of ["pointerenter", "focus"]) made.addEventListener(name, () => highlight(k));
      for (const name of ["pointerleave", "blur"]) made.addEventListener(name, () => highlight(-1));
      return made;
    }

    // Why a post cannot go to a node, if it cannot.
    function hindrance(k, node) {
      if (act.locked(k)) return "locked";
      if (node === sites[k]) return "edge";
      return sites.includes(node) ? "taken" : "";
    }

    function step(k, node) {
      const why = hindrance(k, node);
      if (why) act.refuse(k, why, sites.indexOf(node));
      else act.move(k, node);
    }

    // Dragging: the post jumps from node to node under the pointer; one step of undo for all of it.
    function begin(event, k, made) {
      if (!model.live || event.button > 0) return;
      event.preventDefault();
      made.focus();
      made.setPointerCapture(event.pointerId);
      dragging = true;
      act.begin();
      let moved = false;
      const follow = (to) => {
        const frame = svg.getScreenCTM().inverse(), spot = new DOMPoint(to.clientX, to.clientY).matrixTransform(frame);
        const node = model.nearest(west + (spot.x - MARGIN) / scale, north - (spot.y - MARGIN) / scale);
        if (node === sites[k]) return;
        const why = hindrance(k, node);
        if (why) {
          act.refuse(k, why, sites.indexOf(node));
          return;
        }
        moved = true;
        act.drag(k, node);
      };
      const stop = () => {
        dragging = false;
        made.removeEventListener("pointermove", follow);
        for (const name of ["pointerup", "pointercancel"]) made.removeEventListener(name, stop);
        act.end(moved);
      };
      made.addEventListener("pointermove", follow);
      for (const name of ["pointerup", "pointercancel"]) made.addEventListener(name, stop);
    }

    // The quadrants that a post serves, while it is pointed at.
    function highlight(k) {
      held = k;
      const path = k < 0 ? "" : Array.from(owner.keys()).filter((i) => owner[i] === k).map(box).join("");
      layers.hover.replaceChildren(element("path", { d: path }));
    }

    function place(made, [x, y]) { made.setAttribute("transform", `translate(${x} ${y})`); }

    function size() {
      const wide = paper ? SHEET : svg.getBoundingClientRect().width || WIDE;
      unit = svg.viewBox.baseVal.width / wide;
      svg.style.setProperty("--unit", `${unit}px`);
    }

    function draw(shown) {
      const { plan, best, figures, weight, today, names, places } = last = shown;
      size();
      drawFrame();
      drawDemand(weight);
      ({ owner } = figures ?? { owner: [] });
      sites = plan.sites;
      if (figures) drawBorders(); else layers.borders.replaceChildren();
      if (markers.length !== sites.length) {
        held = -1;
        markers = sites.map((_, k) => mark(k));
        layers.posts.replaceChildren(...markers);
      }
      markers.forEach((made, k) => {
        place(made, at(sites[k]));
        made.classList.toggle("locked", plan.locked.has(k));
        made.classList.toggle("moved", !best.includes(sites[k]));
        made.setAttribute("aria-label", names[k]);
        const disc = (sites.length > 14 ? 9 : 11) * unit, side = round(disc + 4 * unit);
        made.querySelector(".disc").setAttribute("r", round(disc));
        // a plate behind the disc: neither its colour nor the ring of the focus hides it
        made.querySelector(".lock").setAttribute("d", plan.locked.has(k) ? `M${-side} ${-side}H${side}V${side}H${-side}Z` : "");
        made.querySelector(".touch").setAttribute("r", round(20 * unit));
        made.lastChild.textContent = k + 1;
      });
      layers.best.replaceChildren(...best.filter((i) => !sites.includes(i)).map((i) => {
        const made = element("circle", { r: round(7 * unit) });
        place(made, at(i));
        return made;
      }));
      const outside = today ? data.today.xy.filter(([x, y]) => px(x) < 0 || px(x) > broad || py(y) < 0 || py(y) > tall).length : 0;
      layers.today.replaceChildren(...(today ? data.today.xy.map(([x, y], i) => {
        const s = round(6 * unit), title = element("title"), made = element("path", { d: `M0 ${-s}L${s} ${s}H${-s}Z`, class: data.today.own[i] ? "" : "beyond" }, title);
        title.textContent = data.today.names[i];
        place(made, [px(x), py(y)]);
        return made;
      }) : []));
      drawNames(today, places);
      highlight(held);
      return { outside };
    }

    // Names of today's posts, where they hide no post and no other name.  Those that say where a
    // post stands are there in any case; an arrow leads to one beyond the map.
    function drawNames(today, places) {
      layers.names.replaceChildren();
      if (!today) return;
      const view = svg.viewBox.baseVal, ends = [view.x, view.y, view.x + view.width, view.y + view.height];
      const labels = data.today.xy.flatMap(([east, north], i) => {
        const name = data.today.names[i], wanted = places.some((words) => planNames.says(words, name));
        const [x, y] = [planNames.inside(px(east), ends[0], ends[2]), planNames.inside(py(north), ends[1], ends[3])];
        const beyond = x !== px(east) || y !== py(north);
        if (!name || (beyond && (!wanted || zoom.enlarged()))) return [];
        const text = element("text", { class: "words" });
        text.textContent = beyond ? `${name} ${planNames.arrow(px(east) - x, py(north) - y)}` : name;
        layers.names.append(text);
        return { text, x, y, wanted, beyond, long: text.getComputedTextLength() };
      });
      const half = (k) => (markers[k].classList.contains("locked") ? 17 : 12) * unit;
      const taken = sites.map((i, k) => planNames.boxed(...at(i), half(k), half(k)));
      taken.push(...labels.filter(({ beyond }) => !beyond).map(({ x, y }) => planNames.boxed(x, y, 6 * unit, 6 * unit)));
      taken.push(...[...layers.frame.children].map((part) => part.getBBox()).map(({ x, y, width: w, height: h }) => [x, y, x + w, y + h]));
      planNames.place(labels, taken, ends, unit).forEach((spot, k) => {
        const { text, x, y, beyond } = labels[k];
        if (!spot) { text.remove(); return; }
        text.setAttribute("x", round(spot.left));
        text.setAttribute("y", round(spot.y + 4 * unit));
        if (spot.lead && !beyond) text.before(element("path", { d: `M${round(x)} ${round(y)}L${spot.lead.map(round).join(" ")}` }));
      });
    }

    new ResizeObserver(() => act.redraw()).observe(svg);
    // a post that a finger drags does not scroll the page
    svg.addEventListener("touchstart", (event) => { if (dragging) event.preventDefault(); }, { passive: false });
    // marks are as large on paper as on the screen
    for (const [name, printed] of [["beforeprint", true], ["afterprint", false]]) {
      window.addEventListener(name, () => { paper = printed; zoom.paper(printed); act.redraw(); });
    }
    return { draw, zoom, classes: CLASSES, focus: (k) => markers[k]?.focus() };
  }

  function ends(values, cell) {
    const low = values.reduce((a, b) => Math.min(a, b), Infinity), high = values.reduce((a, b) => Math.max(a, b), -Infinity);
    return [low - cell / 2, high + cell / 2];
  }

  const round = (v) => Math.round(v * 10) / 10;

  return { create, element };
})();
