// Draws the curve of the planner: what more patrols buy, today's value, the interval on later crimes.
"use strict";

const planChart = (() => {
  const W = 560, H = 300, LEFT = 62, RIGHT = 16, TOP = 18, BOTTOM = 44, ASIDE = 11;
  const { element } = planMap;

  function create(svg, act) {
    svg.setAttribute("viewBox", `0 0 ${W} ${H}`);
    let across = () => 0, numbers = [];
    svg.addEventListener("click", (event) => {
      const spot = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      const nearest = numbers.reduce((a, b) => (Math.abs(across(b) - spot.x) < Math.abs(across(a) - spot.x) ? b : a), numbers[0]);
      act.patrols(nearest);
    });

    // rows: [{p, value, proven}]; level: {value, p, label}; spans: [{p, mean, low, high}]; own: value
    function draw({ rows, patrols, level, spans, own, share, label }) {
      numbers = rows.map((row) => row.p);
      const values = [...rows.map((r) => r.value), ...spans.flatMap((s) => [s.low, s.high]), level?.value, own];
      const high = share ? 1 : Math.max(...values.map((v) => v ?? 0)) * 1.04 || 1, last = Math.max(...numbers, 2);
      across = (p) => LEFT + ((p - 1) / (last - 1)) * (W - LEFT - RIGHT);
      const up = (v) => H - BOTTOM - (v / high) * (H - TOP - BOTTOM);
      const parts = [];
      const steps = ticks(high), digits = [0, 1, 2, 3].find((d) => Number.isInteger(round(steps[1] * 10 ** d))) ?? 4;
      for (const v of steps) {
        const words = element("text", { x: LEFT - 8, y: up(v) + 4, "text-anchor": "end" });
        words.textContent = share ? `${Math.round(100 * v)} %` : v.toLocaleString("en", { maximumFractionDigits: digits });
        parts.push(element("path", { class: "grid", d: `M${LEFT} ${up(v)}H${W - RIGHT}` }), words);
      }
      for (const p of numbers.filter((n) => last <= 10 || n % 2 === 0 || n === 1)) {
        const words = element("text", { x: across(p), y: H - BOTTOM + 18, "text-anchor": "middle" });
        words.textContent = p;
        parts.push(words);
      }
      const under = element("text", { x: (LEFT + W - RIGHT) / 2, y: H - 6, "text-anchor": "middle", class: "axis" });
      under.textContent = "patrols";
      const over = element("text", { x: 4, y: 11, class: "axis" });
      over.textContent = label;
      parts.push(under, over);
      if (level) {
        parts.push(element("path", { class: "today", d: `M${LEFT} ${up(level.value)}H${W - RIGHT}` }));
        // on the side of the line where the curve is not, at the right end if it is clear there
        const wide = 8 * level.label.length, above = (r) => r.value > level.value;
        const before = rows.filter((r) => across(r.p) <= W - RIGHT - wide - 12).pop() ?? rows[0];
        const near = rows.filter((r) => r.p >= before.p), clear = near.every(above) || !near.some(above);
        const room = up(level.value) + 16 < H - BOTTOM, low = (!clear || near.some(above)) && room;
        const place = clear ? { x: W - RIGHT, "text-anchor": "end" } : { x: LEFT + 6 };
        const words = element("text", { ...place, y: up(level.value) + (low ? 14 : -6), class: "today" });
        words.textContent = level.label;
        parts.push(words);
      }
      parts.push(element("path", { class: "line", d: `M${rows.map((r) => `${across(r.p)} ${up(r.value)}`).join("L")}` }));
      for (const r of rows) {
        const style = `dot${r.proven ? "" : " open"}${r.p === patrols ? " now" : ""}`;
        parts.push(element("circle", { class: style, cx: across(r.p), cy: up(r.value), r: r.p === patrols ? 7 : 4 }));
      }
      // beside the dots, over the curve: they would hide behind both
      const aside = Math.min(ASIDE, 0.45 * (across(2) - across(1))), cap = Math.min(3, 0.3 * aside);
      for (const s of spans) {
        const x = across(s.p) + aside, bar = `M${x} ${up(s.low)}V${up(s.high)}`;
        const caps = [s.low, s.mean, s.high].map((v) => `M${x - cap} ${up(v)}h${2 * cap}`).join("");
        parts.push(element("path", { class: "span halo", d: bar }), element("path", { class: "span", d: bar + caps }));
      }
      if (own !== null) {
        const x = across(patrols), y = up(own);
        parts.push(element("path", { class: "own", d: `M${x - 6} ${y - 6}l12 12m0 -12l-12 12` }));
      }
      svg.replaceChildren(...parts);
    }

    return { draw };
  }

  const round = (v) => Number(v.toPrecision(12));

  function ticks(high) {
    const rough = high / 6, size = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 2.5, 5, 10].map((k) => k * size).find((s) => s >= rough);
    return Array.from({ length: Math.floor(high / step + 1e-9) + 1 }, (_, k) => k * step);
  }

  return { create };
})();
