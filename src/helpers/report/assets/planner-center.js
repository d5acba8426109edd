// Proves a p-center plan again from demand and distances alone, with exact sums of prices: the
// verifier of helpers/location/center_verifier.py in the browser.
"use strict";

const planCenter = (() => {
  const NEAR = 1e-9; // of the radius: what distances as floating-point numbers may be off

  // Gives [the plan's longest way, a bound on every plan's]; throws where that is not proven.
  // A node has a price; a site pays for the nodes that it reaches within less than the longest way.
  // If all nodes together cost more than the patrols can pay, one is left out.
  // Where prices do not suffice, `beyond` is the certificate that every plan leaves out one or more.
  async function verify(proof, demand, distance, { patrols, fixed = [], objective = null }) {
    const set = [...new Set(fixed)].sort((a, b) => a - b), { sites } = proof;
    if (proof.patrols !== patrols || String([...proof.fixed].sort((a, b) => a - b)) !== String(set)) {
      throw new Error("the certificate is for another number of patrols or other fixed posts.");
    }
    const rows = Array.from(demand.keys()).filter((i) => demand[i] > 0), far = rows.map((i) => distance[i]);
    const many = far[0].length, known = sites.every((j) => Number.isInteger(j) && j >= 0 && j < many);
    if (!known || new Set(sites).size !== sites.length || sites.length !== patrols || !set.every((j) => sites.includes(j))) {
      throw new Error("the plan does not have p different sites with every fixed post.");
    }
    const longest = Math.max(...far.map((row) => Math.min(...sites.map((j) => row[j]))));
    if (Math.abs(longest - (objective ?? longest)) > NEAR * longest) {
      throw new Error("the certified plan does not reach as far as is claimed.");
    }
    const reached = (i, j) => far[i][j] < longest * (1 - NEAR);
    if (longest > 0 && proof.beyond) {
      const ways = distance.map((row) => Array.from(row, (d) => (d < longest * (1 - NEAR) ? 0 : 1)));
      const [left] = await planProof.verify(proof.beyond, demand.map((w) => Number(w > 0)), { patrols, fixed: set, distance: ways });
      if (left < 1) throw new Error("the certificate leaves no node out: optimality is not proven.");
      return [longest, longest * (1 - NEAR)];
    }
    const [prices] = planProof.whole(rows.map((i, k) => (set.some((j) => reached(k, j)) ? 0 : Math.max(0, proof.prices[i]))));
    const sum = (values) => values.reduce((a, b) => a + b, 0n);
    let most = 0n;
    for (let j = 0; j < many; j += 1) {
      const pays = sum(prices.filter((_, i) => reached(i, j)));
      most = pays > most ? pays : most;
    }
    if (longest > 0 && !(sum(prices) > BigInt(patrols - set.length) * most)) {
      throw new Error("the prices do not show that a node is left out: optimality is not proven.");
    }
    return [longest, longest > 0 ? longest * (1 - NEAR) : 0];
  }

  return { verify };
})();
