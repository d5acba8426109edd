// The plan on the screen as files: CSV for a spreadsheet, GeoJSON for a GIS.
"use strict";

const planFiles = (() => {
  const HEADS = ["patrol", "node", "x", "y", "longitude", "latitude", "place", "share", "mean", "percentile_95", "longest", "locked"];

  const YES = { true: "yes", false: "no" };
  const DEGREES = ["longitude", "latitude"], PLACES = 7; // a centimetre, as in the layers of a run

  function rows({ model, plan, posts, name }) {
    return plan.sites.map((site, k) => {
      const { share, mean, far, longest } = posts[k];
      const { data } = model;
      const where = [model.x[site], model.y[site], short(data.lon[site], PLACES), short(data.lat[site], PLACES), name(site)];
      const worth = [short(share, 4), ...[mean, far, longest].map((way) => short(way, model.unit === "m" ? 1 : 3))];
      return [k + 1, data.node[site], ...where, ...worth, plan.locked.has(k) ? "yes" : ""];
    });
  }

  // `about`: columns that hold of the plan, the same in every row, so that a file tells what it is.
  function csv(state, about = {}) {
    const more = Object.values(about).map((v) => (typeof v === "boolean" ? YES[v] : v));
    return [[...HEADS, ...Object.keys(about)], ...rows(state).map((row) => [...row, ...more])].map((row) => row.map(field).join(",")).join("\n") + "\n";
  }

  // RFC 4180; a text that a spreadsheet would run as a formula gets an apostrophe.
  function field(value) {
    if (typeof value === "number") return String(value);
    const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }

  function geojson(state, about) {
    const features = rows(state).map((row) => ({
      type: "Feature",
      properties: { ...Object.fromEntries(HEADS.map((head, k) => [head, row[k]]).filter(([head, v]) => v !== "" && !DEGREES.includes(head))), ...about },
      geometry: { type: "Point", coordinates: [row[4], row[5]] },
    }));
    return `${JSON.stringify({ type: "FeatureCollection", about, features }, null, 1)}\n`;
  }

  function save(text, name, type) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  const short = (value, digits) => (value === undefined ? "" : Number(value.toFixed(digits)));

  return { csv, field, geojson, save };
})();
