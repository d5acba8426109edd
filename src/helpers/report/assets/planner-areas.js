// What areas of zones are worth, which colours they get, and where their numbers stand.
"use strict";

const planAreas = (() => {
  // Amounts by area, differences from an equal share, areas in several pieces.
  function judge(areas, values, near, planned = areas) {
    // an area that lost its last zone is still one of the plan's
    const names = [...new Set(planned)].sort((a, b) => a - b), amount = new Map(names.map((k) => [k, 0]));
    areas.forEach((k, i) => amount.set(k, amount.get(k) + values[i]));
    const total = values.reduce((a, b) => a + b, 0), share = total / names.length;
    const pieces = new Map(names.map((k) => [k, 0])), seen = new Set();
    areas.forEach((k, i) => {
      if (seen.has(i)) return;
      pieces.set(k, pieces.get(k) + 1);
      const stack = [i];
      seen.add(i);
      while (stack.length) {
        for (const j of near[stack.pop()]) {
          if (areas[j] === k && !seen.has(j)) { seen.add(j); stack.push(j); }
        }
      }
    });
    const off = names.reduce((sum, k) => sum + Math.abs(amount.get(k) - share), 0);
    const worst = names.reduce((most, k) => Math.max(most, Math.abs(amount.get(k) - share)), 0);
    return { names, amount, total, share, off, worst, pieces, torn: names.filter((k) => pieces.get(k) > 1) };
  }

  // Centroid and size of a ring.
  function middle(ring) {
    let double = 0, x = 0, y = 0;
    const [x0, y0] = ring[0];
    for (let i = 0; i < ring.length - 1; i += 1) {
      const [a, b, c, d] = [ring[i][0] - x0, ring[i][1] - y0, ring[i + 1][0] - x0, ring[i + 1][1] - y0], cross = a * d - c * b;
      double += cross; x += (a + c) * cross; y += (b + d) * cross;
    }
    return double ? { x: x0 + x / (3 * double), y: y0 + y / (3 * double), size: Math.abs(double) } : { x: x0, y: y0, size: 0 };
  }

  // Areas that touch get different colours: the one they had `before` if no neighbour has it, else the
  // first of seven that none has, so that a zone that moves changes few colours but its own.
  function colours(names, areas, borders, before = new Map()) {
    const touching = new Map(names.map((k) => [k, new Set()])), found = new Map();
    for (const [i, j] of borders) {
      const [a, b] = [areas[i], areas[j]];
      if (a !== b) { touching.get(a).add(b); touching.get(b).add(a); }
    }
    for (const k of names) {
      const around = [...touching.get(k)], had = before.get(k);
      if (had !== undefined && !around.some((other) => found.get(other) === had)) {
        found.set(k, had);
        continue;
      }
      const taken = new Set(around.flatMap((other) => [found.get(other), before.get(other)]));
      found.set(k, [0, 1, 2, 3, 4, 5, 6].find((c) => !taken.has(c)) ?? 0);
    }
    return found;
  }

  // Where the number of each area stands: in the middle of its largest zone where that is free of
  // other numbers, else of the next; nowhere where no zone is.  `letter` is the height of a digit.
  function spots(names, areas, middles, letter) {
    const own = new Map(names.map((k) => [k, []])), taken = [], found = new Map();
    areas.forEach((k, i) => own.get(k)?.push(middles[i]));
    // those with the least choice first
    const order = [...names].sort((a, b) => own.get(a).length - own.get(b).length);
    for (const k of order) {
      const wide = 0.34 * letter * (1 + String(k).length), tall = 0.5 * letter;
      const free = ({ x, y }) => taken.every((t) => Math.abs(t.x - x) >= t.wide + wide || Math.abs(t.y - y) >= t.tall + tall);
      const spot = own.get(k).sort((a, b) => b.size - a.size).find(free);
      if (!spot) continue;
      taken.push({ x: spot.x, y: spot.y, wide, tall });
      found.set(k, spot);
    }
    return found;
  }

  return { judge, middle, colours, spots };
})();
