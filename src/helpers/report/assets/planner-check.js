// Checks the proof of the plan on the screen, from the file beside the page, and says what it shows.
"use strict";

const planCheck = (() => {
  const digits = (v) => v.toLocaleString("en", { maximumFractionDigits: 1 });
  const none = (count, several, one) => (count === 1 ? `no single post ${one}` : `no ${count} posts ${several}`);
  const transposed = (columns) => columns.map((_, i) => columns.map((column) => column[i]));

  // What each kind of proof shows, in words.  `row` is the plan as it was saved: patrols, value, …
  const CHECKS = {
    async "p-median"(model, proof, [p, value], pause) {
      const { data } = model, unit = model.unit;
      const xy = Array.from(model.x, (x, i) => [x, model.y[i]]);
      const ways = model.planar ? { xy, metric: data.metric } : { distance: transposed(model.distances()) };
      const claim = { patrols: p, objective: value, pause, ...ways };
      const [cost, bound] = await planProof.verify(proof, data.expected, claim);
      const each = `${digits(cost / model.total("all"))} ${unit} a crime`;
      const costs = `the plan costs ${digits(cost)} crime-${unit === "m" ? "metres" : "minutes"} (${each})`;
      return `${costs}, and ${none(p, "cost", "costs")} less than ${digits(bound)}`;
    },
    async "p-center"(model, proof, [p, value]) {
      const far = transposed(model.distances());
      const [longest] = planCenter.verify(proof, model.data.expected, far, { patrols: p, objective: value });
      const reaches = `the plan reaches every node with crimes within ${digits(longest)} ${model.unit}`;
      return `${reaches}, and ${none(p, "do", "does")} within less`;
    },
    // a covering plan is a p-median of ways that are 0 within reach and 1 beyond
    async covering(model, proof, [p], pause) {
      const { data } = model;
      const distance = transposed(model.distances()).map((row) => Array.from(row, (d) => (d <= data.radius ? 0 : 1)));
      const [cost, bound] = await planProof.verify(proof, data.expected, { patrols: p, distance, pause });
      const leaves = `the plan leaves ${digits(cost)} of ${digits(model.total("all"))} crimes beyond reach`;
      return `${leaves}, and ${none(p, "leave", "leaves")} less than ${digits(bound)}`;
    },
  };

  // What is said where there is no certificate, or no distances to check it by: whose word is left.
  function unchecked({ shift, objective }, [p, value, bound, proven], known) {
    if (known) return "The certificate of this plan is in the downloads; without the streets this page cannot check it, helpers.location.verify can.";
    const of = shift === "all" ? `${planModel.OBJECTIVES[objective].label}, ${p} ${p === 1 ? "patrol" : "patrols"}`
      : `plans by ${shift === "history" ? "history" : "shift"}`;
    const gap = bound === null || proven ? 0 : Math.abs(bound - value) / Math.max(value, bound);
    const rest = proven ? "a gap of 0: its bound meets the plan" : bound === null ? "no bound" : `a gap of ${(100 * gap).toFixed(2)} %`;
    return `Not certified: no certificate is kept of ${of}, so nothing can be checked here. Section 15 itself found ${rest}.`;
  }

  function create(model, button, said, current) {
    const { data } = model;
    let proofs = null, shown = "";

    const key = ({ p, objective, shift }) => `${shift} ${objective} ${p}`;

    // What was said of one plan stays until another is chosen.
    function draw() {
      const { state } = current();
      if (key(state) === shown) return;
      shown = key(state);
      const known = (data.proofs[state.objective] ?? []).includes(state.p) && state.shift === "all";
      button.hidden = !(known && model.live);
      said.textContent = button.hidden ? unchecked(state, current().row, known) : "";
    }

    async function prove() {
      const { state, row } = current(), begun = performance.now();
      const say = (words) => { if (key(state) === shown) said.textContent = words; };
      button.disabled = true;
      let rested = begun;
      const pause = async (share) => {
        if (performance.now() - rested < 40) return;
        say(`Checking: ${Math.round(100 * share)} % of the distances read …`);
        await new Promise((go) => { setTimeout(go); });
        rested = performance.now();
      };
      try {
        proofs ??= await load(data.script);
        const words = await CHECKS[state.objective](model, proofs[state.objective][state.p], row, pause);
        say(`Proven again in this browser in ${((performance.now() - begun) / 1000).toFixed(1)} s: ${words}.`);
      } catch (error) {
        say(`Not proven: ${error.message}`);
      }
      button.disabled = false;
    }

    button.addEventListener("click", prove);
    return { draw };
  }

  function load(source) {
    return new Promise((done, fail) => {
      const script = document.createElement("script");
      script.src = source;
      script.addEventListener("load", () => done(window.plannerProofs));
      script.addEventListener("error", () => fail(new Error("the file of the proofs is not beside this page.")));
      document.head.append(script);
    });
  }

  return { create, none };
})();
