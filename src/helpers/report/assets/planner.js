// The planner page: patrols, objective and shift chosen; posts moved, locked, taken back; files and proof.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const place = document.getElementById("planner-data");
  if (place) startPlanner(JSON.parse(place.textContent), document.querySelector(".planner"));
});

const SETTLED = "No free post can be put anywhere better by itself.";
const REFUSALS = {
  locked: () => "it is locked. Unlock it by the key L, or in the table of posts.",
  taken: (other) => `post ${other} stands there.`,
  edge: () => "no quadrant lies further that way.",
};
const LEFT = "This is the saved plan of what was chosen: posts moved by hand and not locked were left behind. Undo brings them back.";
const KEPT = "Locked posts were kept, the others are those of the saved plan of what was chosen, not the best beside the locked ones. Undo takes it back.";
const HISTORY = "history"; // plans by it stand among those of the shifts
const PARTS = ["p", "objective", "demand", "shift", "wanted", "posts", "locked", "today", "calls", "minutes"]; // of the address

function startPlanner(data, root) {
  const model = planModel.create(data), find = (name) => root.querySelector(`[data-${name}]`);
  const at = new Map(data.node.map((node, i) => [node, i]));
  const field = Object.fromEntries(["patrols", "objective", "shift", "demand", "today"].map((name) => [name, find(name)]));
  const shifts = Object.keys(data.plans).filter((shift) => shift !== HISTORY), undoing = [];
  let state, before = null;
  const act = {
    redraw: () => draw(),
    locked: (k) => state.locked.has(k),
    begin: () => { before = state; },
    drag: (k, node) => { planTold.quiet(root); state = moved(k, node); draw(); },
    end: (changed) => { if (changed) { undoing.push(before); remember(); } draw(); },
    move: (k, node) => change(moved(k, node)),
    refuse: (k, why, other) => planTold.say(find("refused"), `Post ${k + 1} was not moved: ${REFUSALS[why](other + 1)}`),
    lock: (k) => {
      const locked = new Set(state.locked);
      if (!locked.delete(k)) locked.add(k);
      change({ ...state, locked });
    },
    patrols: (p) => pick({ p }),
  };
  const map = planMap.create(find("map"), model, act);
  const place = root.querySelector(".queue");
  const queue = data.queue && place ? planQueue.create(place, data.queue, () => { remember(); draw(); }) : null;
  const chart = planChart.create(find("chart"), act);
  const check = planCheck.create(model, find("check"), find("certificate"), find("proved"), () => ({ state, row: saved(), stem: savedStem(), moved: !untouched() }));
  setUp();
  recall();
  draw();

  // ------------------------------------------------------------------------------------ choosing

  function rows(s = state) { return data.plans[s.shift][s.objective]; }
  function saved(s = state) { return rows(s).find((row) => row[0] === s.p); }
  function moved(k, node) { return { ...state, sites: state.sites.map((site, i) => (i === k ? node : site)) }; }
  function untouched(s = state) { return [...s.sites].sort((a, b) => a - b).join() === saved(s)[4].join(); }

  // A choice; where a shift has no plan for what was chosen before, that comes back with another shift.
  function pick(part) {
    const left = !untouched(), next = chosen({ ...state, ...state.wanted, ...part, wanted: { ...state.wanted, ...part } });
    change(next);
    if (left) planTold.say(find("refused"), next.locked.size ? KEPT : LEFT);
  }

  // The saved plan for a choice, the busiest post first; locked posts take the places nearest to them.
  function chosen(s) {
    const objective = data.plans[s.shift][s.objective] ? s.objective : Object.keys(data.plans[s.shift])[0];
    const known = data.plans[s.shift][objective].map((row) => row[0]);
    const p = known.reduce((a, b) => (Math.abs(b - s.p) < Math.abs(a - s.p) ? b : a), known[0]);
    const made = { ...s, objective, p, locked: new Set(), wanted: s.wanted ?? { p, objective } };
    const best = [...saved(made)[4]], kept = [...(s.locked ?? [])].map((k) => s.sites[k]).slice(0, p);
    const free = new Set(best);
    for (const site of kept) {
      const near = [...free].sort((a, b) => apart(a, site) - apart(b, site))[0];
      free.delete(near);
    }
    const sites = [...kept, ...free];
    if (model.live) {
      const { posts } = model.figures(sites, s.shift);
      const order = sites.map((_, k) => k).sort((a, b) => posts[b].share - posts[a].share || a - b);
      made.sites = order.map((k) => sites[k]);
    } else {
      const told = toldOf(made);
      made.sites = [...sites].sort((a, b) => told.get(b).share - told.get(a).share || a - b);
    }
    made.locked = new Set(kept.map((site) => made.sites.indexOf(site)));
    return made;
  }

  // What was saved of the posts, by site, where the page cannot compute it.
  function toldOf(s) {
    const rows = data.told[`${s.shift} ${s.objective} ${s.p}`];
    return new Map(saved(s)[4].map((site, k) => [site, { share: rows[k][0], mean: rows[k][1], longest: rows[k][2] }]));
  }

  function apart(a, b) { return (model.x[a] - model.x[b]) ** 2 + (model.y[a] - model.y[b]) ** 2; }

  function change(next) {
    undoing.push(state);
    state = next;
    planTold.quiet(root);
    remember();
    draw();
  }

  function undo() {
    if (!undoing.length) return;
    planTold.quiet(root);
    state = undoing.pop();
    remember();
    draw();
  }

  // --------------------------------------------------------------------------------- in the address

  function remember() {
    const said = new URLSearchParams({ p: state.p, objective: state.objective });
    if (state.shift === HISTORY) said.set("demand", HISTORY);
    else if (state.shift !== "all") said.set("shift", state.shift);
    if (state.wanted.p !== state.p) said.set("wanted", state.wanted.p);
    if (!untouched()) said.set("posts", state.sites.map((i) => data.node[i]).join("."));
    if (state.locked.size) said.set("locked", [...state.locked].map((k) => data.node[state.sites[k]]).join("."));
    if (field.today && !field.today.checked) said.set("today", "no");
    queue?.remember(said);
    history.replaceState(null, "", `#${said}`);
  }

  function recall() {
    const said = new URLSearchParams(location.hash.slice(1));
    const nodes = (name) => (said.get(name) ?? "").split(".").filter(Boolean).map((node) => at.get(Number(node)));
    const named = said.get("demand") === HISTORY ? HISTORY : said.get("shift");
    const shift = Object.hasOwn(data.plans, named) ? named : "all";
    const asked = { p: Number(said.get("p")) || data.start.p, objective: said.get("objective") ?? data.start.objective, shift };
    const wanted = Number(said.get("wanted") ?? asked.p);
    const every = Object.values(data.plans).flatMap((plans) => Object.values(plans).flat());
    state = chosen(asked);
    // what another objective has a plan of is not forgotten where the asked one has none
    if (every.some(([p]) => p === wanted)) state.wanted.p = wanted;
    const sites = nodes("posts"), sound = sites.length === state.p && new Set(sites).size === state.p && !sites.includes(undefined);
    if (sound && model.live) state.sites = sites;
    if (model.live) state.locked = new Set(nodes("locked").map((i) => state.sites.indexOf(i)).filter((k) => k >= 0));
    if (field.today) field.today.checked = said.get("today") !== "no";
    const wrong = {
      ...queue?.recall(said, state.shift),
      "number of patrols": said.has("p") && said.get("p") !== String(state.p),
      objective: said.has("objective") && said.get("objective") !== state.objective,
      "demand or shift": Boolean(named) && named !== state.shift,
      "number that was asked for": said.has("wanted") && said.get("wanted") !== String(state.wanted.p),
      posts: said.has("posts") && !(sound && model.live),
      "locked posts": said.has("locked") && nodes("locked").length !== state.locked.size,
    };
    if (planTold.astray(find("astray"), said, PARTS, wrong)) remember();
  }

  // --------------------------------------------------------------------------------------- drawing

  function metres(value) { return model.unit === "m" ? `${Math.round(value).toLocaleString("en")} m` : `${value.toFixed(value < 10 ? 2 : 1)} min`; }
  function inWays(words) { return planAbout.inWays(words, model.unit); }
  function percent(value, digits = 1) { return `${(100 * value).toFixed(digits)} %`; }
  // A difference that is there is not called 0.0 %.
  function apartBy(off) { return percent(off, off < 5e-4 ? 2 : 1); }
  function name(site) { return data.place.length ? data.places[data.place[site]] : ""; }
  function many(count) { return `${count} ${count === 1 ? "post" : "posts"}`; }

  // A saved value in the unit of the page: metres, or a share of the crimes.
  function shown(value, s = state) {
    return s.objective === "p-center" ? value : value / model.total(s.shift);
  }

  function told(value) { return planModel.OBJECTIVES[state.objective].most ? percent(value) : metres(value); }

  function draw() {
    const about = planModel.OBJECTIVES[state.objective], best = saved();
    const figures = model.live ? model.figures(state.sites, state.shift) : null;
    const own = figures ? about.value(figures) : shown(best[1]);
    const today = model.today(state.shift), same = untouched();
    field.patrols.max = Math.max(...rows().map((row) => row[0]));
    field.patrols.min = Math.min(...rows().map((row) => row[0]));
    field.patrols.value = state.p;
    field.patrols.disabled = rows().length < 2;
    field.patrols.nextElementSibling.textContent = state.p;
    field.objective.value = state.objective;
    for (const option of field.objective.options) option.disabled = !data.plans[state.shift][option.value];
    field.shift.closest("label").hidden = shifts.length < 2 || state.shift === HISTORY;
    field.shift.value = state.shift === HISTORY ? "all" : state.shift;
    field.demand.value = state.shift === HISTORY ? HISTORY : "all";
    find("limits").textContent = planAbout.limits(data, state, model.unit);
    find("choose").hidden = rows().length < 2;
    const most = model.weights(state.shift).reduce((a, b) => Math.max(a, b), 0);
    find("legend-most").textContent = most.toLocaleString("en", { maximumSignificantDigits: 3 });
    find("undo").disabled = !undoing.length;
    find("proven").disabled = same && !state.locked.size;
    find("improve").hidden = !model.live || state.objective !== "p-median";
    find("improve").disabled = state.locked.size === state.p || (same && !state.locked.size);
    const names = state.sites.map((site, k) => postName(site, k, figures));
    const shade = { weight: model.weights(state.shift), today: field.today?.checked };
    const { outside } = map.draw({ plan: state, best: best[4], figures, names, places: state.sites.map(name), ...shade });
    find("outside").textContent = planAbout.outside(data, outside);
    drawChart(own, today, same);
    drawFigures(figures, own, today);
    find("of-shift").hidden = ["all", HISTORY].includes(state.shift);
    find("shift-name").textContent = state.shift;
    find("verdict").textContent = verdict(own, best, same);
    drawTable(figures);
    queue?.draw(state.p, state.shift, Number(field.patrols.max));
    find("command").textContent = command();
    find("by-hand").hidden = same;
    find("address").textContent = planTold.address();
    root.querySelectorAll("[data-key-moved]").forEach((key) => { key.hidden = same; });
    find("key-locked").hidden = !state.locked.size;
    check.draw();
    root.querySelector(".sheet-title").textContent = `${data.title}: ${many(state.p)}, ${[inWays(about.label), ...circumstances()].join(", ")}`;
    find("sheet").textContent = planAbout.sheet(data, state.shift, model.total(state.shift));
    find("sheet-waits").textContent = queue?.sheet(state.p) ?? "";
  }

  // What the plan on the screen is, beside its objective.
  function circumstances() {
    const when = state.shift === "all" ? [] : [state.shift === HISTORY ? data.history : state.shift];
    return [...when, ...(untouched() ? [] : ["moved by hand"])];
  }

  function postName(site, k, figures) {
    const where = name(site) ? ` in ${name(site)}` : "", share = figures ? `, ${percent(figures.posts[k].share)} of the crimes` : "";
    return `Post ${k + 1} of ${state.p}${where}${share}${state.locked.has(k) ? ", locked" : ""}`;
  }

  function verdict(own, best, same) {
    const about = planModel.OBJECTIVES[state.objective], value = shown(best[1]);
    const bound = best[2] === null ? null : shown(best[2]);
    const gap = about.most ? bound - value : (value - bound) / value;
    const side = about.most ? "below" : "above";
    const rest = bound === null ? "no bound is known"
      : `at most ${percent(gap, 2)} ${about.most ? "of the crimes " : ""}${side} the best possible`;
    const none = `${planCheck.none(state.p, "do", "does")} better by this objective`;
    if (same && best[3]) return check.certified(state) ? `Proven: ${none}.` : `By the solver's word, without a certificate: ${none}.`;
    if (same) return `Not proven: ${rest}.`;
    const off = about.most ? value - own : own / value - 1;
    const known = best[3] && check.certified(state) ? "the proven best" : "the best plan known";
    const words = Math.abs(off) < 5e-5 ? `As good as ${known}` : off < 0 ? `${apartBy(-off)} better than ${known}` : `${apartBy(off)} ${side} ${known}`;
    return `${words}: ${told(own)} where ${told(value)} can be had${best[3] ? "" : ` (${rest})`}.`;
  }

  function drawChart(own, today, same) {
    const about = planModel.OBJECTIVES[state.objective], share = Boolean(about.most);
    const spans = data.later && state.objective === "p-median" && state.shift === "all"
      ? data.later.exact.filter((row) => rows().some((r) => r[0] === row[0])).map(([p, mean, low, high, ...saved]) => ({ p, mean, low, high, saved })) : [];
    chart.draw({
      rows: rows().map((row) => ({ p: row[0], value: shown(row[1]), proven: row[3] && check.certified({ ...state, p: row[0] }) })),
      patrols: state.p, spans, share, own: same ? null : own,
      level: today ? { value: about.value(today), label: `${data.today.label}, ${model.ownToday}` } : null,
      label: share ? about.says : `${inWays(about.says)}, ${model.unit}`,
    });
    const read = rows().map((row) => `${row[0]}: ${told(shown(row[1]))}`).join("; ");
    find("chart").setAttribute("aria-label", `${inWays(about.says)} by number of patrols: ${read}`);
    find("later").textContent = planAbout.later(data, state, { now: spans.find((s) => s.p === state.p), spans, same, unit: model.unit, metres });
  }

  function drawFigures(figures, own, today) {
    const about = planModel.OBJECTIVES[state.objective];
    const list = figures ? [
      [inWays("Mean distance"), metres(figures.mean)], ["95 % of crimes within", metres(figures.far)],
      [inWays("Longest distance"), metres(figures.longest)], [`Crimes within ${metres(data.radius)}, the radius of covering`, percent(figures.within)],
    ] : [[inWays(about.says), told(own)]];
    if (figures && state.objective === "backup") list.push([`Crimes within ${metres(data.radius)} of two posts`, percent(figures.twice)]);
    const other = otherDemand();
    if (figures && other) list.push(other);
    if (today) {
      const count = model.ownToday, value = about.value(today), every = model.withOutside(state.shift), like = rows().find((row) => row[0] === count);
      list.push([`${data.today.label} today (${count})`, told(value),
        planAbout.beside("this plan", own, value, about.most) + (like && state.p !== count ? planAbout.beside(`the best of ${count}`, shown(like[1]), value, about.most) : "")
        + (every ? planAbout.withOutside(data, told(about.value(every))) : "")]);
    }
    find("figures").replaceChildren(...list.map(([term, value, more]) => {
      const [pair, dt, dd, small] = ["div", "dt", "dd", "small"].map((kind) => document.createElement(kind));
      dt.textContent = term;
      dd.textContent = value;
      small.textContent = more ?? "";
      if (more) dd.append(small);
      pair.append(dt, dd);
      return pair;
    }));
  }

  // What the same posts are worth if demand is the one that is not chosen.
  function otherDemand() {
    const other = { all: HISTORY, [HISTORY]: "all" }[state.shift];
    if (!data.plans[other]) return null;
    const { mean } = model.figures(state.sites, other), best = data.plans[other]["p-median"]?.find((row) => row[0] === state.p);
    const off = best ? mean / (best[1] / model.total(other)) - 1 : null;
    const rest = off === null || state.objective !== "p-median" ? "" : off < 5e-5 ? `, also the best possible` : `, ${apartBy(off)} above its best`;
    return [`${inWays("Mean distance")} if demand is the ${other === HISTORY ? data.history : data.basis}`, `${metres(mean)}${rest}`];
  }

  function drawTable(figures) {
    // on a phone each number stands under its name
    const heads = [...find("posts").previousElementSibling.querySelectorAll(".number")].map((head) => head.dataset.short ?? head.textContent);
    find("posts").replaceChildren(...state.sites.map((site, k) => {
      const row = document.createElement("tr"), head = document.createElement("th");
      head.scope = "row";
      head.textContent = k + 1;
      const post = figures?.posts[k] ?? toldOf(state).get(site);
      const values = [percent(post.share), metres(post.mean), post.far === undefined ? "" : metres(post.far), metres(post.longest)];
      const places = data.place.length ? [cell(name(site), "place")] : [];
      const where = [model.x[site].toFixed(0), model.y[site].toFixed(0), data.lon[site].toFixed(5), data.lat[site].toFixed(5)];
      row.append(head, ...places, ...[...where, ...values].map((v, i) => {
        const made = cell(v, "number");
        made.dataset.head = heads[i];
        return made;
      }));
      const last = cell("", "tools");
      if (model.live) {
        const lock = button(state.locked.has(k) ? "unlock" : "lock", () => {
          act.lock(k);
          find("posts").rows[k].querySelector("button").focus();
        });
        lock.setAttribute("aria-label", `${lock.textContent} post ${k + 1}`);
        last.append(lock);
      }
      row.append(last);
      return row;
    }));
  }

  function command() {
    const reach = ["covering", "backup"].includes(state.objective) ? ` -p radius=${data.radius}` : "";
    const asked = state.shift === HISTORY ? HISTORY : data.again.demand ?? "auto";
    const demand = asked === "auto" ? "" : ` -p demand=${asked}`;
    return `${data.again.command} -p patrols=${state.p} -p objective=${state.objective}${reach}${demand}`;
  }

  // ---------------------------------------------------------------------------------------- set up

  function setUp() {
    for (const [objective, { label }] of Object.entries(planModel.OBJECTIVES)) {
      const known = Object.values(data.plans).some((plans) => plans[objective]);
      if (known) field.objective.add(new Option(inWays(label), objective));
    }
    for (const shift of shifts) field.shift.add(new Option(planAbout.hours(data, shift), shift));
    field.demand.add(new Option(data.basis, "all"));
    if (data.history) field.demand.add(new Option(data.history, HISTORY));
    field.demand.closest("label").hidden = !data.history;
    field.patrols.addEventListener("input", () => act.patrols(Number(field.patrols.value)));
    field.objective.addEventListener("input", () => pick({ objective: field.objective.value }));
    field.shift.addEventListener("input", () => pick({ shift: field.shift.value }));
    field.demand.addEventListener("input", () => pick({ shift: field.demand.value }));
    field.today?.addEventListener("input", () => { remember(); draw(); });
    find("undo").addEventListener("click", undo);
    root.addEventListener("keydown", (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
      event.preventDefault();
      undo();
    });
    find("proven").addEventListener("click", () => change(chosen({ ...state, locked: new Set() })));
    find("improve").addEventListener("click", () => {
      const sites = model.improve(state.sites, state.locked, state.shift), same = sites.join() === state.sites.join();
      const went = sites.flatMap((site, k) => (site === state.sites[k] ? [] : k + 1));
      if (!same) {
        change({ ...state, sites });
        planTold.say(find("refused"), planAbout.improved(went, state.locked.size));
      }
      else if (!find("verdict").textContent.endsWith(SETTLED)) find("verdict").append(` ${SETTLED}`);
    });
    find("larger").addEventListener("click", () => map.zoom.by(2, map.zoom.centre(), { centred: true }));
    find("smaller").addEventListener("click", () => map.zoom.by(0.5, map.zoom.centre(), { centred: true }));
    find("whole").addEventListener("click", () => map.zoom.all());
    find("print").addEventListener("click", () => window.print());
    const save = (form, type, text) => planFiles.save(text(), `${stem()}.${form}`, type);
    find("csv").addEventListener("click", () => save("csv", "text/csv", () => planFiles.csv(files(), about())));
    find("geojson").addEventListener("click", () => save("geojson", "application/geo+json", () => planFiles.geojson(files(), about())));
    root.querySelectorAll("[data-place-head]").forEach((head) => { if (!data.place.length) head.remove(); });
    find("in-minutes").hidden = !data.again.minutes;
    find("minutes-command").textContent = data.again.minutes ?? "";
    find("still").hidden = model.live;
    find("hint").hidden = !model.live;
    // a link to a place of the page takes nothing of the plan away
    window.addEventListener("hashchange", () => {
      if (!location.hash.includes("=")) { remember(); return; }
      recall();
      draw();
    });
    root.querySelectorAll("[data-live]").forEach((part) => { part.hidden = false; });
    root.querySelectorAll("[data-plain]").forEach((part) => { part.hidden = true; });
  }

  function files() {
    const told = model.live ? null : toldOf(state);
    const posts = told ? state.sites.map((site) => told.get(site)) : model.figures(state.sites, state.shift).posts;
    return { model, plan: state, name, posts };
  }

  function stem() { return `${savedStem()}${untouched() ? "" : "-moved"}`; }

  function savedStem() {
    const when = state.shift === "all" ? "" : `-${state.shift.replaceAll(" ", "-")}`;
    return `${data.city}-${state.p}-${state.objective}${when}`;
  }

  // What holds of every post in a file.
  function about() {
    const [, best, bound, proven] = saved(), kind = planModel.OBJECTIVES[state.objective];
    const figures = model.live ? model.figures(state.sites, state.shift) : null;
    return planAbout.columns(data, {
      state, unit: model.unit, same: untouched(), value: figures ? kind.value(figures) : shown(best), best: shown(best),
      bound: bound === null ? null : shown(bound), proven, certified: check.certified(state), most: kind.most,
      verdict: find("verdict").textContent, command: command(),
    });
  }
}
