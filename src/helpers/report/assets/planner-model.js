// What a plan is worth, recomputed in the page: who serves whom, distances, reach, a local search.
"use strict";

const planModel = (() => {
  const OBJECTIVES = {
    "p-median": { label: "shortest mean distance (p-median)", says: "mean distance", value: (f) => f.mean },
    "p-center": { label: "shortest longest distance (p-center)", says: "longest distance", value: (f) => f.longest },
    covering: { label: "most crimes within reach (covering)", says: "share within reach", value: (f) => f.within, most: true },
    backup: {
      label: "most crimes within reach of two (backup)",
      says: "share within reach, a second patrol counting half",
      value: (f) => (f.within + f.twice) / 2,
      most: true,
    },
  };

  function create(data) {
    const n = data.node.length;
    const x = Float64Array.from(data.ix, (k) => data.xs[k]);
    const y = Float64Array.from(data.iy, (k) => data.ys[k]);
    const planar = data.metric === "euclidean" || data.metric === "manhattan";
    const ways = new Map();

    // Distances from a place to every node.
    function from(px, py) {
      const found = new Float64Array(n);
      for (let i = 0; i < n; i += 1) {
        const dx = x[i] - px, dy = y[i] - py;
        found[i] = data.metric === "manhattan" ? Math.abs(dx) + Math.abs(dy) : Math.sqrt(dx * dx + dy * dy);
      }
      return found;
    }

    function column(site) {
      if (!ways.has(site)) {
        if (ways.size * n > 4e6) ways.clear();
        ways.set(site, planar ? from(x[site], y[site]) : planStreets.from(data.network, site));
      }
      return ways.get(site);
    }

    // A column a post of today: none of them moves.  Those beyond the boundary serve others first:
    // they count only where it is asked what all would do.
    let stand = null;
    function today(shift, all) {
      if (!data.today || !planar) return null;
      stand ??= data.today.xy.map(([px, py]) => from(px, py));
      return judge(stand.filter((_, k) => all || data.today.own[k]), weights(shift));
    }

    function weights(shift) { return data.shifts[shift] ?? data.expected; }

    // What posts are worth, from their distances to all nodes (a column a post).
    function judge(columns, weight) {
      const p = columns.length, owner = new Int32Array(n), near = new Float64Array(n);
      const posts = Array.from({ length: p }, () => ({ load: 0, sum: 0, longest: 0, ways: [] }));
      let total = 0, sum = 0, longest = 0, within = 0, twice = 0;
      for (let i = 0; i < n; i += 1) {
        let best = 0, reach = 0;
        for (let k = 0; k < p; k += 1) {
          if (columns[k][i] < columns[best][i]) best = k;
          if (columns[k][i] <= data.radius) reach += 1;
        }
        owner[i] = best;
        near[i] = columns[best][i];
        const w = weight[i];
        if (!(w > 0)) continue;
        const post = posts[best];
        total += w; sum += w * near[i]; post.load += w; post.sum += w * near[i];
        post.ways.push(i);
        longest = Math.max(longest, near[i]);
        post.longest = Math.max(post.longest, near[i]);
        if (reach > 0) within += w;
        if (reach > 1) twice += w;
      }
      const all = posts.flatMap((post) => post.ways);
      return {
        owner, near, total, mean: sum / total, longest, within: within / total, twice: twice / total,
        far: quantile(all, near, weight, 0.95),
        posts: posts.map((post) => ({
          share: post.load / total, mean: post.load ? post.sum / post.load : 0, longest: post.longest,
          far: quantile(post.ways, near, weight, 0.95),
        })),
      };
    }

    function figures(sites, shift) {
      // of equally near posts the one of the lowest number serves, as in the saved plans
      const order = sites.map((_, k) => k).sort((a, b) => sites[a] - sites[b]);
      const found = judge(order.map((k) => column(sites[k])), weights(shift));
      const posts = new Array(sites.length);
      order.forEach((k, place) => { posts[k] = found.posts[place]; });
      return { ...found, owner: found.owner.map((place) => order[place]), posts };
    }

    // The node next to one in a direction (dx, dy), or itself.
    function next(site, dx, dy) {
      let best = site, least = Infinity;
      for (let i = 0; i < n; i += 1) {
        const ahead = (x[i] - x[site]) * dx + (y[i] - y[site]) * dy;
        const aside = Math.abs((x[i] - x[site]) * dy) + Math.abs((y[i] - y[site]) * dx);
        if (i === site || ahead <= 0 || aside > ahead) continue;
        if (ahead + 2 * aside < least) { best = i; least = ahead + 2 * aside; }
      }
      return best;
    }

    function nearest(px, py) {
      let best = 0, least = Infinity;
      for (let i = 0; i < n; i += 1) {
        const square = (x[i] - px) ** 2 + (y[i] - py) ** 2;
        if (square < least) { best = i; least = square; }
      }
      return best;
    }

    // One exchange after the other, each the best there is, until none shortens the mean distance.
    // Posts in `locked` (slots of `sites`) stay.  Teitz & Bart (1968), Operations Research 16.
    function improve(sites, locked, shift) {
      const weight = weights(shift);
      let plan = [...sites];
      for (let turn = 0; turn < 60; turn += 1) {
        const gain = exchange(plan, locked, weight);
        if (!gain) break;
        plan = plan.map((site, k) => (k === gain.slot ? gain.site : site));
      }
      return plan;
    }

    function exchange(plan, locked, weight) {
      const columns = plan.map(column), p = plan.length;
      const first = new Int32Array(n), near = new Float64Array(n), second = new Float64Array(n).fill(Infinity);
      for (let i = 0; i < n; i += 1) {
        near[i] = Infinity;
        for (let k = 0; k < p; k += 1) {
          const d = columns[k][i];
          if (d < near[i]) { second[i] = near[i]; near[i] = d; first[i] = k; } else if (d < second[i]) second[i] = d;
        }
      }
      const cost = near.reduce((sum, d, i) => sum + weight[i] * d, 0);
      let best = null;
      for (let j = 0; j < n; j += 1) {
        if (plan.includes(j)) continue;
        const ahead = column(j), change = new Float64Array(p);
        let all = 0;
        for (let i = 0; i < n; i += 1) {
          const w = weight[i];
          if (!(w > 0)) continue;
          const d = ahead[i];
          if (d < near[i]) all += w * (d - near[i]);
          else change[first[i]] += w * (Math.min(d, second[i]) - near[i]);
        }
        for (let k = 0; k < p; k += 1) {
          const saved = -(all + change[k]);
          if (!locked.has(k) && saved > 1e-9 * cost && (!best || saved > best.saved)) best = { slot: k, site: j, saved };
        }
      }
      return best;
    }

    return {
      n, x, y, data, planar, figures, next, nearest, improve, weights,
      unit: data.metric === "minutes" ? "min" : "m",
      total: (shift) => weights(shift).reduce((a, b) => a + b, 0),
      live: planar || Boolean(data.network),
      today: (shift) => today(shift, false),
      // with the posts beyond the boundary, where there are any
      withOutside: (shift) => (data.today?.own.every(Boolean) ? null : today(shift, true)),
      ownToday: data.today ? data.today.own.filter(Boolean).length : 0,
      distances: () => Array.from({ length: n }, (_, i) => i).map(column),
    };
  }

  // Shortest way that this share of the demand does not exceed.
  function quantile(nodes, near, weight, share) {
    const order = [...nodes].sort((a, b) => near[a] - near[b]);
    const total = order.reduce((sum, i) => sum + weight[i], 0);
    let sum = 0;
    for (const i of order) {
      sum += weight[i];
      if (sum >= share * total * (1 - 1e-12)) return near[i];
    }
    return 0;
  }

  return { create, OBJECTIVES };
})();

// Shortest ways along a street network: pieces from `tail` to `head`, the nodes' places on them.
const planStreets = (() => {
  const known = new WeakMap();

  function graph(network) {
    if (!known.has(network)) {
      const size = 1 + network.tail.concat(network.head, network.spots).reduce((a, b) => Math.max(a, b), 0);
      const out = Array.from({ length: size }, () => []);
      network.tail.forEach((u, k) => out[u].push([network.head[k], network.cost[k]]));
      known.set(network, out);
    }
    return known.get(network);
  }

  // Dijkstra (1959) from the place of a site to that of every node, and the ways off the street.
  function from(network, site) {
    const out = graph(network), far = new Float64Array(out.length).fill(Infinity);
    const heap = [[0, network.spots[site]]];
    far[network.spots[site]] = 0;
    while (heap.length) {
      const [d, u] = pop(heap);
      if (d > far[u]) continue;
      for (const [v, cost] of out[u]) {
        if (d + cost < far[v]) { far[v] = d + cost; push(heap, [far[v], v]); }
      }
    }
    return Float64Array.from(network.spots, (spot, i) => (i === site ? 0 : far[spot] + network.away[i] + network.away[site]));
  }

  function push(heap, item) {
    let i = heap.push(item) - 1;
    for (let up = (i - 1) >> 1; i > 0 && heap[up][0] > item[0]; up = (i - 1) >> 1) { heap[i] = heap[up]; i = up; }
    heap[i] = item;
  }

  function pop(heap) {
    const top = heap[0], item = heap.pop();
    if (!heap.length) return top;
    let i = 0;
    for (;;) {
      let down = 2 * i + 1;
      if (down >= heap.length) break;
      if (down + 1 < heap.length && heap[down + 1][0] < heap[down][0]) down += 1;
      if (heap[down][0] >= item[0]) break;
      heap[i] = heap[down];
      i = down;
    }
    heap[i] = item;
    return top;
  }

  return { from };
})();
