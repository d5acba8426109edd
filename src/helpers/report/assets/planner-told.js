// What the two planner pages say of what they cannot read or do, and on paper.
"use strict";

const planTold = (() => {
  const SHEET = 378; // pixels of a map that is 100 mm wide

  // A link that is damaged, or of another city, must not pass for what it meant.
  // `wrong`: by what a reader calls each part of the address, whether it could not be read.
  function astray(place, said, parts, wrong) {
    const found = Object.keys(wrong).filter((part) => wrong[part]);
    found.push(...[...said.keys()].filter((name) => !parts.includes(name)).map((name) => `“${name.slice(0, 40)}”`));
    place.hidden = !found.length;
    place.textContent = found.length
      ? `The link could not be read in full (${found.join(", ")}): what is shown is not all that it meant.` : "";
    return found.length > 0;
  }

  // Why something that was tried was not done.
  function say(place, words) {
    place.textContent = words;
    place.hidden = false;
  }

  // What was said of an earlier try or link is taken back with the next change.
  function quiet(root) {
    root.querySelectorAll("[data-astray], [data-refused]").forEach((place) => { place.hidden = true; });
  }

  // A sheet of paper outlives what it was printed from.
  function printed() {
    return `Printed on ${new Date().toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" })}.`;
  }

  // The page's own name and what was chosen on it: what a printed sheet needs to be opened again.
  function address() { return decodeURI(location.pathname.split("/").pop()) + location.hash; }

  // Today, as files say it (ISO 8601).
  function day() {
    const now = new Date(), two = (v) => String(v).padStart(2, "0");
    return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  }

  return { SHEET, astray, say, quiet, printed, address, day };
})();
