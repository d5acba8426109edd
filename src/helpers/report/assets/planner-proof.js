// Proves a p-median plan again from demand and coordinates alone, in exact whole numbers: the
// verifier of helpers/location/verifier.py in the browser.  A wrong certificate can only fail.
"use strict";

const planProof = (() => {
  const DIGITS = 56; // distances become whole brackets low <= scale × d <= high; weights are exact

  // A number as odd × 2^exponent.
  function parts(value) {
    if (value === 0) return [0n, 0];
    let exponent = 0;
    // powers of two change no digit
    while (!Number.isInteger(value)) { value *= 2; exponent -= 1; }
    while (value % 2 === 0) { value /= 2; exponent += 1; }
    return [BigInt(value), exponent];
  }

  // Numbers as whole ones over one common denominator, 2^bits.
  function whole(values) {
    const each = Array.from(values, parts);
    const bits = each.reduce((most, [, exponent]) => Math.max(most, -exponent), 0);
    return [each.map(([odd, exponent]) => odd << BigInt(exponent + bits)), bits];
  }

  // Bits of the power of two that gives the longest distance `DIGITS` binary digits.
  function unitBits(far) {
    const [odd, exponent] = parts(far);
    const top = odd ? odd.toString(2).length + exponent : 0;
    return Math.min(900, Math.max(0, DIGITS - top));
  }

  function root(n) {
    if (n === 0n) return 0n;
    let x = n < 1n << 1000n ? BigInt(Math.floor(Math.sqrt(Number(n)))) : 1n << BigInt((n.toString(2).length + 1) >> 1);
    for (let y = (x + n / x) >> 1n; size(x - y) > 1n; y = (x + n / x) >> 1n) x = y;
    while (x * x > n) x -= 1n;
    while ((x + 1n) * (x + 1n) <= n) x += 1n;
    return x;
  }

  // Brackets low, high (a column a site) of the distances from the coordinates' exact values.
  async function planar(points, sites, metric, pause) {
    const all = [...points, ...sites], n = points.length;
    const spread = (k) => Math.max(...all.map((p) => p[k])) - Math.min(...all.map((p) => p[k]));
    const [exact, bits] = whole(all.flat()), fine = unitBits(Math.max(spread(0), spread(1)));
    const low = [], high = [], up = BigInt(2 * fine), down = BigInt(2 * bits);
    for (let j = n; j < all.length; j += 1) {
      const near = new Array(n), far = new Array(n);
      for (let i = 0; i < n; i += 1) {
        const dx = size(exact[2 * i] - exact[2 * j]), dy = size(exact[2 * i + 1] - exact[2 * j + 1]);
        const square = (metric === "manhattan" ? (dx + dy) ** 2n : dx * dx + dy * dy) << up;
        near[i] = root(square >> down);
        far[i] = (near[i] * near[i]) << down === square ? near[i] : near[i] + 1n;
      }
      low.push(near); high.push(far);
      await pause((j - n + 1) / sites.length);
    }
    return [low, high, fine];
  }

  // The same from a matrix, a row a demand node.
  function given(far) {
    const [exact, bits] = whole(far.flat()), scale = unitBits(far.flat().reduce((a, b) => Math.max(a, b), 0));
    const m = far[0].length, unit = 1n << BigInt(bits), columns = Array.from({ length: m }, (_, j) => j);
    const low = columns.map((j) => far.map((_, i) => (exact[i * m + j] << BigInt(scale)) / unit));
    const high = columns.map((j) => far.map((_, i) => ((exact[i * m + j] << BigInt(scale)) + unit - 1n) / unit));
    return [low, high, scale, bits];
  }

  // Sites that the counting rules leave free and force open; null if no plan obeys them.
  function count(free, opened, regions, p) {
    const inside = (area, set) => [...area].filter((j) => set.has(j));
    free = new Set([...free].filter((j) => !opened.has(j)));
    opened = new Set(opened);
    for (let size = -1; size !== free.size;) {
      size = free.size;
      for (const [area, sense, n] of regions) {
        const missing = n - inside(area, opened).length, room = inside(area, free).length;
        if ((missing < 0 && sense < 0) || (missing > room && sense > 0)) return null;
        if (missing > 0 && missing === room && sense > 0) inside(area, free).forEach((j) => opened.add(j));
        const gone = missing === 0 && sense < 0 ? area : opened;
        free = new Set([...free].filter((j) => !gone.has(j)));
      }
    }
    return opened.size <= p && p <= opened.size + free.size ? [free, opened] : null;
  }

  const size = (v) => (v < 0n ? -v : v);
  const sum = (values) => values.reduce((a, b) => a + b, 0n);
  const least = (columns, i) => columns.reduce((a, c) => (c[i] < a ? c[i] : a), columns[0][i]);
  const cost = (w, columns) => w.reduce((total, weight, i) => total + weight * least(columns, i), 0n);
  const ratio = (v, bits) => (bits < 1000 ? Number(v) / 2 ** bits : Number(v) / 2 ** 1000 / 2 ** (bits - 1000));

  // Gives [the plan's cost, a bound on every plan's]; throws where that is not proven.
  // Data: `distance` (a row a node) or `xy` and `metric`; said by who checks: patrols, fixed, objective.
  async function verify(proof, demand, claim) {
    const { patrols, fixed = [], objective = null, distance, xy, siteXy = xy, metric = "euclidean", pause = async () => {} } = claim;
    const set = [...new Set(fixed)].sort((a, b) => a - b), { sites, grain = 1 } = proof;
    if (proof.patrols !== patrols || String([...proof.fixed].sort((a, b) => a - b)) !== String(set)) {
      throw new Error("the certificate is for another number of patrols or other fixed posts.");
    }
    const rows = Array.from(demand.keys()).filter((i) => demand[i] > 0);
    const [w, unit] = whole(rows.map((i) => demand[i]));
    const [low, high, scale, fine = -1] = distance ? given(rows.map((i) => distance[i]))
      : await planar(rows.map((i) => xy[i]), siteXy, metric, pause);
    const exact = unit === 0 && fine === 0, first = new Map(), bits = unit + scale;
    // sites with the same distances are one site
    low.forEach((column, j) => { const key = column.join(); if (!first.has(key)) first.set(key, j); });
    const kind = low.map((column) => first.get(column.join()));
    const known = sites.every((j) => Number.isInteger(j) && j >= 0 && j < kind.length) && set.every((j) => sites.includes(j));
    if (!known || new Set(sites).size !== sites.length || sites.length !== patrols) {
      throw new Error("the plan does not have p different sites with every fixed post.");
    }
    let opened = new Set(set.map((j) => kind[j])), free, node, regions;
    const p = patrols - set.length + opened.size, paid = cost(w, sites.map((j) => high[j]));
    if (objective !== null) {
      const [[value], of] = whole([objective]), claimed = value << BigInt(bits), off = (paid << BigInt(of)) - claimed;
      if (size(off) * 10n ** 9n > claimed) throw new Error("the certified plan does not cost what is claimed.");
    }
    const cut = exact ? paid - (1n << BigInt(scale)) + 1n : paid - paid / 10n ** 9n;
    const stack = [[proof.tree, new Set(kind.filter((j) => !opened.has(j))), opened, []]];
    let lowest = paid;
    while (stack.length) { // a node: the sites still free, those forced, the counts imposed on regions
      [node, free, opened, regions] = stack.pop();
      const steps = [...(node.steps ?? [])];
      let bound = 0n, state;
      while ((state = count(free, opened, regions, p)) !== null && bound < cut) {
        [free, opened] = state;
        const q = p - opened.size;
        if (q === 0 || free.size === q || !steps.length) break;
        const step = steps.shift(), chosen = [...opened].map((j) => low[j]);
        if (step.mu.length !== regions.length) throw new Error("a bound has a price too many or too few.");
        const mu = step.mu.map((v, k) => { // wrong signs count as zero
          const [odd, exponent] = parts(v), shift = exponent + bits;
          const u = shift >= 0 ? size(odd) << BigInt(shift) : size(odd) >> BigInt(-shift);
          return v * regions[k][1] > 0 ? u * BigInt(Math.sign(v)) : 0n;
        });
        const r = rows.map((i, k) => {
          const radius = BigInt(Math.trunc(step.radii[i] * grain * 2 ** scale));
          return chosen.length && least(chosen, k) < radius ? least(chosen, k) : radius;
        });
        const s = [...free].map((j) => {
          let v = -sum(mu.filter((_, k) => regions[k][0].has(j)));
          for (let i = 0; i < w.length; i += 1) if (r[i] > low[j][i]) v -= w[i] * (r[i] - low[j][i]);
          return [v, j];
        }).sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : a[1] - b[1]));
        bound = sum(w.map((weight, i) => weight * r[i])) + sum(s.slice(0, q).map(([v]) => v));
        bound += sum(mu.map((u, k) => u * BigInt(regions[k][2] - [...regions[k][0]].filter((j) => opened.has(j)).length)));
        const must = s.slice(0, q).filter(([v]) => bound - v + s[q][0] >= cut).map(([, j]) => j);
        free = new Set(s.filter(([v], k) => k < q || bound + v - s[q - 1][0] < cut).map(([, j]) => j));
        must.forEach((j) => free.delete(j));
        opened = new Set([...opened, ...must]);
        await pause(1);
      }
      if (state === null || bound >= cut) lowest = state === null || lowest < bound ? lowest : bound;
      else if ("sites" in node) {
        const area = new Set(node.sites), n = node.count;
        stack.push([node.at_least, free, opened, [...regions, [area, 1, n + 1]]]);
        stack.push([node.at_most, free, opened, [...regions, [area, -1, n]]]);
      } else { // one plan left: it must cost what the certified plan costs, or more
        const plan = opened.size === p ? [...opened] : [...opened, ...free], value = cost(w, plan.map((j) => low[j]));
        if (plan.length !== p || value < cut) throw new Error("a branch of the tree is open: optimality is not proven.");
        lowest = value < lowest ? value : lowest;
      }
    }
    return [ratio(paid, bits), ratio(exact ? paid : lowest, bits)];
  }

  return { verify, whole };
})();
