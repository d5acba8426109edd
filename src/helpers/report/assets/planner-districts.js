// The districts page: a plan of areas, zones that move to the area beside, balance and contiguity.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const place = document.getElementById("districts-data");
  if (place) startDistricts(JSON.parse(place.textContent), document.querySelector(".districts"));
});

const MOST_TOLD = 20; // zones that are named, of those that change
const PARTS = ["plan", "field", "moved"]; // of the address

function startDistricts(data, root) {
  const find = (name) => root.querySelector(`[data-${name}]`), svg = find("map"), { element } = planMap;
  const near = data.zones.map(() => []), undoing = [], byCode = new Map(data.zones.map((zone, i) => [encodeURIComponent(zone), i]));
  for (const [i, j] of data.borders) { near[i].push(j); near[j].push(i); }
  const field = { plan: find("plan"), field: find("field") };
  const numbers = element("g", { class: "numbers" }), ring = element("path", { class: "ring" });
  const today = data.plans.find((plan) => plan.name === data.today);
  let state = { plan: 0, field: 0, areas: [] }, chosen = -1, paper = false, dragging = false;
  const middles = [], shapes = drawZones();
  const zoom = planZoom(svg, { held: () => dragging, changed: () => drawNumbers(planAreas.judge(state.areas, data.fields[state.field].values, near, data.plans[state.plan].areas)) });
  setUp();
  recall();
  draw();

  function drawZones() {
    const xs = data.rings.flat(2).map((p) => p[0]), ys = data.rings.flat(2).map((p) => p[1]);
    const least = (v) => v.reduce((a, b) => Math.min(a, b), Infinity), most = (v) => v.reduce((a, b) => Math.max(a, b), -Infinity);
    const [west, east, south, north] = [least(xs), most(xs), least(ys), most(ys)], scale = 960 / Math.max(east - west, north - south);
    svg.setAttribute("viewBox", `0 0 ${Math.round((east - west) * scale) + 40} ${Math.round((north - south) * scale) + 40}`);
    const at = ([x, y]) => `${(20 + (x - west) * scale).toFixed(1)} ${(20 + (north - y) * scale).toFixed(1)}`;
    const made = data.rings.map((rings, i) => {
      const { x, y, size } = rings.map(planAreas.middle).reduce((a, b) => (b.size > a.size ? b : a));
      const [left, top] = at([x, y]).split(" ").map(Number);
      middles[i] = { x: left, y: top, size };
      const path = element("path", { d: rings.map((ring) => `M${ring.map(at).join("L")}Z`).join("") });
      path.append(element("title"));
      path.addEventListener("pointerdown", (event) => begin(event, i));
      return path;
    });
    // what a finger drags does not scroll the page
    svg.addEventListener("touchstart", (event) => { if (dragging) event.preventDefault(); }, { passive: false });
    svg.append(...made, ring, numbers);
    return made;
  }

  // Dragging: the zone under the pointer says where the chosen one would go.  A finger that has not
  // chosen the zone before scrolls the page.
  function begin(event, i) {
    if (event.button > 0) return;
    const held = event.pointerType === "mouse" || chosen === i;
    if (event.pointerType === "mouse") event.preventDefault();
    choose(i);
    dragging = held;
    if (!held) return;
    let target = null, over = -1;
    const follow = (to) => {
      const j = shapes.indexOf(document.elementFromPoint(to.clientX, to.clientY));
      over = j;
      target = j >= 0 && beside(i).includes(state.areas[j]) ? state.areas[j] : null;
      shapes.forEach((path, k) => path.classList.toggle("target", target !== null && state.areas[k] === target));
    };
    const stop = (to) => {
      dragging = false;
      for (const [name, act] of heard) window.removeEventListener(name, act);
      // two fingers enlarge and move no zone
      const ends = to.type === "pointerup" && !zoom.pinching();
      if (ends) follow(to);
      shapes.forEach((path) => path.classList.remove("target"));
      if (!ends) return;
      if (target !== null) move(i, target);
      else if (over >= 0 && state.areas[over] !== state.areas[i]) refuse(i, state.areas[over]);
    };
    const heard = [["pointermove", follow], ["pointerup", stop], ["pointercancel", stop]];
    for (const [name, act] of heard) window.addEventListener(name, act);
  }

  // The number of each area that has room for one.
  function drawNumbers(now) {
    const wide = svg.getBoundingClientRect().width || 600, unit = svg.viewBox.baseVal.width / (paper ? planTold.SHEET : wide);
    svg.style.setProperty("--unit", `${unit}px`);
    // many numbers on a narrow map are small
    const letters = now.names.length > 20 && (paper || wide < 500) ? 9 : 12;
    svg.style.setProperty("--letters", letters);
    // numbers stand in the part that is shown
    const seen = middles.map((_, i) => i).filter((i) => paper || zoom.holds(middles[i])), areas = seen.map((i) => state.areas[i]);
    const spots = planAreas.spots(now.names, areas, seen.map((i) => middles[i]), letters * unit);
    numbers.replaceChildren(...now.names.filter((k) => spots.has(k)).map((k) => {
      const { x, y } = spots.get(k), words = element("text", { x, y, dy: "0.36em", "text-anchor": "middle" });
      words.textContent = k;
      return words;
    }));
    const missing = now.names.filter((k) => !spots.has(k) && areas.includes(k)).length;
    find("unnumbered").textContent = missing ? `${missing === 1 ? "One number has" : `${missing} numbers have`} no room here: choose a zone to read its area.` : "";
  }

  // ------------------------------------------------------------------------------------- changing

  function choose(i) {
    planTold.quiet(root);
    chosen = i;
    find("zone").value = String(i);
    draw();
  }

  function beside(i) {
    return [...new Set(near[i].map((j) => state.areas[j]))].filter((k) => k !== state.areas[i]).sort((a, b) => a - b);
  }

  function refuse(i, area) {
    const around = beside(i);
    planTold.say(find("refused"), `${data.names[i]} was not moved: no zone of area ${area} has a piece of border with it. `
      + (around.length ? `It can go to area ${around.join(", ")}.` : "No other area is beside it."));
  }

  function move(i, area) {
    if (!beside(i).includes(area)) return;
    planTold.quiet(root);
    undoing.push(state);
    state = { ...state, areas: state.areas.map((k, j) => (j === i ? area : k)) };
    remember();
    draw();
  }

  function pick(plan, fieldNumber) {
    planTold.quiet(root);
    undoing.push(state);
    state = { plan, field: fieldNumber ?? data.fields.findIndex((f) => f.name === data.plans[plan].field), areas: [...data.plans[plan].areas] };
    remember();
    draw();
  }

  // The plan of which this one changes a few zones, and these: zone, area there, area here.
  function against(plan = data.plans[state.plan]) {
    const before = data.plans.find((p) => p.name === plan.name.replace(/_\d+_changed$/, "") && p !== plan);
    const moved = before?.areas.map((k, i) => [i, k, state.areas[i]]).filter(([, was, is]) => was !== is);
    return before ? { before, moved } : null;
  }

  function changed() { return state.areas.map((k, i) => [i, k]).filter(([i, k]) => data.plans[state.plan].areas[i] !== k); }

  function remember() {
    const said = new URLSearchParams({ plan: data.plans[state.plan].name, field: data.fields[state.field].name });
    if (changed().length) said.set("moved", changed().map(([i, k]) => `${encodeURIComponent(data.zones[i])}:${k}`).join(" "));
    history.replaceState(null, "", `#${said}`);
  }

  function recall() {
    const said = new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
    const at = (list, name) => list.findIndex((each) => each.name === name);
    const plan = Math.max(0, at(data.plans, said.get("plan"))), own = at(data.fields, said.get("field") ?? data.plans[plan].field);
    state = { plan, field: Math.max(0, own), areas: [...data.plans[plan].areas] };
    const entries = (said.get("moved") ?? "").split(" ").filter(Boolean);
    const lost = entries.filter((entry) => {
      const cut = entry.lastIndexOf(":"), i = byCode.get(entry.slice(0, cut)), area = Number(entry.slice(cut + 1));
      if (cut < 0 || i === undefined || !data.plans[plan].areas.includes(area)) return true;
      state.areas[i] = area;
      return false;
    });
    const parts = { plan: said.has("plan") && at(data.plans, said.get("plan")) < 0, balance: said.has("field") && own < 0, "moved zones": said.has("moved") && (lost.length > 0 || !entries.length) };
    if (planTold.astray(find("astray"), said, PARTS, parts)) remember();
  }

  // -------------------------------------------------------------------------------------- drawing

  function signed(value) {
    const text = value.toFixed(1);
    return `${Number(text) === 0 ? "0.0" : value > 0 ? `+${text}` : text} %`;
  }

  function percent(share, decimals = 1) { return `${(Number.isFinite(share) ? 100 * share : 0).toFixed(decimals)} %`; }

  function same(one, other, share) { return Math.abs(one - other) <= 1e-9 * share; }

  function number(value) { return value.toLocaleString("en", { maximumFractionDigits: 1 }); }

  function draw() {
    const { values, label } = data.fields[state.field], plan = data.plans[state.plan];
    const now = planAreas.judge(state.areas, values, near, plan.areas), first = planAreas.judge(plan.areas, values, near);
    const begun = planAreas.colours(first.names, plan.areas, data.borders);
    const colour = planAreas.colours(now.names, state.areas, data.borders, begun), other = against(), shifted = new Set((other?.moved ?? []).map(([i]) => i));
    drawNumbers(now);
    drawMoved(other);
    root.querySelector(".sheet-title").textContent = [data.title, plan.title, ...(changed().length ? ["moved by hand"] : [])].join(", ");
    shapes.forEach((path, i) => {
      path.firstChild.textContent = `${data.names[i]}: ${number(values[i])}, area ${state.areas[i]}`;
    });
    shapes.forEach((path, i) => path.setAttribute("class", `zone c${colour.get(state.areas[i])}${i === chosen ? " chosen" : ""}${plan.areas[i] === state.areas[i] && !shifted.has(i) ? "" : " moved"}`));
    find("key-moved").hidden = !shifted.size && !changed().length;
    find("key-words").textContent = shifted.size ? `changes against ${other.before.title}` : "moved here";
    find("circumstances").textContent = `${planTold.printed()} Balance by: ${label}.`;
    field.plan.value = String(state.plan);
    field.field.value = String(state.field);
    find("undo").disabled = !undoing.length;
    find("back").disabled = !changed().length;
    const facts = [["Areas", String(now.names.length)], ["Zones moved here", String(changed().length)], ["Equal share", number(now.share)],
      ["Sum of differences from it", number(now.off)], ["Of the total", percent(now.off / now.total, 2)], ["Largest difference", percent(now.worst / now.share)]];
    find("figures").replaceChildren(...facts.map(([term, value]) => {
      const pair = document.createElement("div"), dt = document.createElement("dt"), dd = document.createElement("dd");
      dt.textContent = term;
      dd.textContent = value;
      pair.append(dt, dd);
      return pair;
    }));
    find("says").textContent = [plan.says, other ? "" : alike(now, values)].join(" ");
    ring.setAttribute("d", chosen < 0 ? "" : shapes[chosen].getAttribute("d"));
    find("verdict").textContent = verdict(now, first, plan, label);
    drawChoice();
    find("areas").replaceChildren(...now.names.map((k) => {
      const row = document.createElement("tr"), head = document.createElement("th"), off = now.amount.get(k) / now.share - 1;
      head.scope = "row";
      head.textContent = k;
      const zones = state.areas.filter((area) => area === k).length, pieces = now.pieces.get(k);
      row.append(head, ...[zones, number(now.amount.get(k)), signed(100 * off), pieces].map((v) => cell(v, "number")));
      return row;
    }));
  }

  // What today's districts come to, if they are as many: else differences say nothing of each other.
  function alike(now, values) {
    if (!today || state.plan === data.plans.indexOf(today)) return "";
    const many = new Set(today.areas).size, other = planAreas.judge(today.areas, values, near).off;
    return now.names.length === many ? `The differences of ${today.title} sum to ${number(other)}.`
      : `It has ${now.names.length} areas and ${today.title} ${many}: their differences cannot be compared.`;
  }

  // Which zones change against the plan that this one begins with, and what that one is worth.
  function drawMoved(other) {
    const { values } = data.fields[state.field], place = find("moved");
    place.hidden = !other;
    if (!other) return;
    const was = planAreas.judge(other.before.areas, values, near), many = other.moved.length;
    find("moved-head").textContent = `${many} ${many === 1 ? "zone changes" : "zones change"} against ${other.before.title}, whose differences sum to ${number(was.off)}`;
    find("moved-list").replaceChildren(...other.moved.slice(0, MOST_TOLD).map(([i, from, to]) => {
      const item = document.createElement("li");
      item.textContent = `${data.names[i]}: area ${from} to ${to}, ${number(values[i])}`;
      return item;
    }));
  }

  function verdict(now, first, plan, label) {
    // a plan of the section is connected by its own table of contacts, which may count corners
    const joined = !changed().length && !/^today/.test(plan.name) ? " by the borders drawn here; the section counts contacts that they do not show, such as corners" : "";
    const torn = now.torn.length ? ` Area ${now.torn.join(", ")} ${now.torn.length === 1 ? "is" : "are"} in several pieces${joined}.` : " Every area is in one piece.";
    if (!changed().length) {
      const proven = plan.proven && plan.field === data.fields[state.field].name ? ` ${plan.proof}` : "";
      return `${label}: differences from an equal share sum to ${number(now.off)}, ${percent(now.off / now.total, 2)} of the total.${proven}${torn}`;
    }
    // the sum can stay while the largest difference falls: both are said
    const way = (one, other) => (same(one, other, now.share) ? "the same" : one < other ? "less" : "more");
    const [sum, worst] = [way(now.off, first.off), way(now.worst, first.worst)];
    const against = (how, one, other) => (how === "the same" ? `the same, ${one}` : `${how}, ${one} against ${other}`);
    return `${label}, against the plan that it began with: the sum of differences is ${against(sum, number(now.off), number(first.off))}; `
      + `the largest difference is ${against(worst, percent(now.worst / now.share), percent(first.worst / now.share))} of an equal share.${torn}`;
  }

  function drawChoice() {
    const said = find("moves");
    if (chosen < 0) { said.replaceChildren(); return; }
    const words = document.createElement("span");
    const around = beside(chosen), rest = around.length ? "" : "No other area is beside it.";
    const { label, values } = data.fields[state.field];
    words.textContent = `${data.names[chosen]} (${label}: ${number(values[chosen])}), in area ${state.areas[chosen]}. ${rest}`;
    said.replaceChildren(words, ...around.map((k) => {
      const made = button(`to area ${k}`, () => { move(chosen, k); said.querySelector("button")?.focus(); });
      return made;
    }));
  }

  // What holds of the plan, the same in every row of a file.
  function columns() {
    const plan = data.plans[state.plan], { label, values, name } = data.fields[state.field], moved = changed().length > 0;
    const { off, total } = planAreas.judge(state.areas, values, near, plan.areas);
    const proven = plan.proven && plan.field === name && !moved;
    return {
      city: data.title, plan: plan.title, balance: label, differences: Number(off.toPrecision(12)), share_of_total: total ? Number((off / total).toPrecision(12)) : "",
      proven: proven ? "yes" : "no", proven_among: proven ? plan.among : "",
      moved_by_hand: moved ? "yes" : "no", verdict: find("verdict").textContent, source: data.source, licence: data.licence, saved_on: planTold.day(),
    };
  }

  function setUp() {
    for (const many of new Set(data.plans.map((plan) => new Set(plan.areas).size))) {
      const group = document.createElement("optgroup"), own = today && new Set(today.areas).size === many;
      group.label = `${many} areas${own ? ", as many as today" : ""}`;
      group.append(...data.plans.flatMap((plan, i) => (new Set(plan.areas).size === many ? [new Option(plan.title, i)] : [])));
      field.plan.append(group);
    }
    data.fields.forEach((each, i) => field.field.add(new Option(each.label, i)));
    const zones = data.names.map((name, i) => new Option(name, i));
    find("zone").append(new Option("choose a zone", -1), ...zones);
    field.plan.addEventListener("input", () => pick(Number(field.plan.value)));
    field.field.addEventListener("input", () => { state = { ...state, field: Number(field.field.value) }; remember(); draw(); });
    find("zone").addEventListener("input", () => {
      choose(Number(find("zone").value));
      if (chosen < 0) return;
      if (zoom.enlarged()) zoom.by(1, middles[chosen], { centred: true });
      // what can be done with it may stand below a narrow screen
      find("moves").scrollIntoView({ block: "nearest" });
    });
    // about what is chosen, else the middle of what is shown
    const about = () => (chosen >= 0 ? middles[chosen] : zoom.centre());
    find("larger").addEventListener("click", () => zoom.by(2, about(), { centred: true }));
    find("smaller").addEventListener("click", () => zoom.by(0.5, about(), { centred: true }));
    find("whole").addEventListener("click", () => zoom.all());
    find("undo").addEventListener("click", () => { planTold.quiet(root); state = undoing.pop() ?? state; remember(); draw(); });
    find("back").addEventListener("click", () => pick(state.plan, state.field));
    find("csv").addEventListener("click", () => {
      const other = against()?.before.areas, more = (text) => (other ? [text] : []), about = columns();
      const rows = [["zone", "name", "area", ...more("area_before"), ...Object.keys(about)],
        ...data.zones.map((zone, i) => [zone, data.names[i], state.areas[i], ...more(other?.[i]), ...Object.values(about)])];
      planFiles.save(rows.map((row) => row.map(planFiles.field).join(",")).join("\n") + "\n", `${data.city}-districts-${data.plans[state.plan].name}${changed().length ? "-moved" : ""}.csv`, "text/csv");
    });
    find("print").addEventListener("click", () => window.print());
    for (const [name, printed] of [["beforeprint", true], ["afterprint", false]]) {
      window.addEventListener(name, () => { paper = printed; zoom.paper(printed); draw(); });
    }
    new ResizeObserver(() => draw()).observe(svg);
    // a link to a place of the page takes nothing of the plan away
    window.addEventListener("hashchange", () => {
      if (!location.hash.includes("=")) { remember(); return; }
      recall();
      draw();
    });
    for (const link of root.querySelectorAll("a[href^='#plan=']")) {
      link.addEventListener("click", () => root.querySelector(".controls").scrollIntoView());
    }
    root.querySelectorAll("[data-live]").forEach((part) => { part.hidden = false; });
  }
}
