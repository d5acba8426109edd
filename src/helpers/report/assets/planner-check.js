// Checks the proof of the plan on the screen, from the file beside the page, and says what it shows.
"use strict";

const planCheck = (() => {
  const digits = (v) => v.toLocaleString("en", { maximumFractionDigits: v < 10 ? 2 : 1 });
  const none = (count, several, one) => (count === 1 ? `no single post ${one}` : `no ${count} posts ${several}`);
  const transposed = (columns) => columns.map((_, i) => columns.map((column) => column[i]));

  // What each kind of proof shows, in words.  `row` is the plan as it was saved: patrols, value, …
  const CHECKS = {
    async "p-median"(model, proof, [p, value], shift, pause) {
      const { data } = model, unit = model.unit;
      const xy = Array.from(model.x, (x, i) => [x, model.y[i]]);
      const ways = model.planar ? { xy, metric: data.metric } : { distance: transposed(model.distances()) };
      const claim = { patrols: p, objective: value, pause, ...ways };
      const [cost, bound] = await planProof.verify(proof, model.weights(shift), claim);
      const each = `${digits(cost / model.total(shift))} ${unit} a crime`;
      const costs = `the plan costs ${digits(cost)} crime-${unit === "m" ? "metres" : "minutes"} (${each})`;
      return `${costs}, and ${none(p, "cost", "costs")} less than ${digits(bound)}`;
    },
    async "p-center"(model, proof, [p, value], shift) {
      const far = transposed(model.distances());
      const [longest] = await planCenter.verify(proof, model.weights(shift), far, { patrols: p, objective: value });
      const reaches = `the plan reaches every node with crimes within ${digits(longest)} ${model.unit}`;
      return `${reaches}, and ${none(p, "do", "does")} within less`;
    },
    // a covering plan is a p-median of ways that are 0 within reach and 1 beyond
    async covering(model, proof, [p], shift, pause) {
      const { radius } = model.data;
      const distance = transposed(model.distances()).map((row) => Array.from(row, (d) => (d <= radius ? 0 : 1)));
      const [cost, bound] = await planProof.verify(proof, model.weights(shift), { patrols: p, distance, pause });
      const leaves = `the plan leaves ${digits(cost)} of ${digits(model.total(shift))} crimes beyond reach`;
      return `${leaves}, and ${none(p, "leave", "leaves")} less than ${digits(bound)}`;
    },
  };

  // What is said where there is no certificate, or no distances to check it by: whose word is left.
  function unchecked({ shift, objective }, [p, value, bound, proven], known) {
    if (known) return "Without the streets this page cannot check the certificate; helpers.location.verify can.";
    const of = shift === "all" ? `${planModel.OBJECTIVES[objective].label}, ${p} ${p === 1 ? "patrol" : "patrols"}`
      : `plans by ${shift === "history" ? "history" : "shift"}`;
    const gap = bound === null || proven ? 0 : Math.abs(bound - value) / Math.max(value, bound);
    const rest = proven ? "a gap of 0: its bound meets the plan" : bound === null ? "no bound" : `a gap of ${(100 * gap).toFixed(2)} %`;
    const why = proven && shift === "all" && {
      backup: " The verifier knows p-medians, covering plans and p-centers.",
      "p-center": " The proof is a tree of many cases, too large for a page.",
    }[objective];
    return `Not certified: no certificate is kept of ${of}, so nothing can be checked here. Section 15 itself found ${rest}.${why || ""}`;
  }

  // `current` gives the state, the saved row of its plan and the stem of its files.
  function create(model, button, keep, said, current) {
    const { data } = model;
    let proofs = null, shown = "";

    const certified = ({ shift, objective, p }) => (data.proofs[shift]?.[objective] ?? []).includes(p);
    const key = ({ state: { p, objective, shift }, moved }) => `${shift} ${objective} ${p} ${moved}`;

    // What was said of one plan stays until another is chosen.
    function draw() {
      const { state } = current(), known = certified(state), asked = key(current());
      if (asked === shown) return;
      shown = asked;
      keep.hidden = !known;
      button.hidden = !(known && model.live);
      said.textContent = button.hidden ? unchecked(state, current().row, known) : "";
    }

    // The certificate of a plan; the plan itself is the one of this page.
    async function proofOf({ shift, objective, p }, row) {
      proofs ??= await unpacked(await load(data.script));
      return { ...proofs[shift][objective][p], sites: row[4] };
    }

    // What a script of the site holds in few letters.
    async function unpacked(text) {
      const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
      const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
      return JSON.parse(await new Response(stream).text());
    }

    async function prove() {
      const { state, row, moved } = current(), begun = performance.now(), asked = key(current());
      const whose = moved ? " That is the best plan, not the one you moved." : "";
      const say = (words) => { if (asked === shown) said.textContent = words; };
      button.disabled = true;
      let rested = begun;
      const pause = async (share) => {
        if (performance.now() - rested < 40) return;
        say(`Checking: ${Math.round(100 * share)} % of the distances read …`);
        await new Promise((go) => { setTimeout(go); });
        rested = performance.now();
      };
      try {
        const proof = await proofOf(state, row);
        const words = await CHECKS[state.objective](model, proof, row, state.shift, pause);
        say(`Proven again in this browser in ${((performance.now() - begun) / 1000).toFixed(1)} s: ${words}.${whose}`);
      } catch (error) {
        say(`Not proven: ${error.message}`);
      }
      button.disabled = false;
    }

    // As helpers.location.verify reads it, with the demand and the places it is about.
    async function save() {
      const { state, row, stem } = current(), { metric, radius, node } = data, where = { city: data.title, crs_of_xy: data.crs };
      const of = { objective: state.objective, metric, radius, nodes: node, demand: [...model.weights(state.shift)] };
      const xy = Array.from(model.x, (x, i) => [x, model.y[i]]);
      try {
        const text = JSON.stringify({ ...(await proofOf(state, row)), about: { ...where, ...of, xy } });
        planFiles.save(text, `${stem}-certificate.json`, "application/json");
      } catch (error) {
        said.textContent = `Not saved: ${error.message}`;
      }
    }

    button.addEventListener("click", prove);
    keep.addEventListener("click", save);
    return { draw, certified };
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
