// Finds what the report explains and shows by words, in the index beside it.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector("form.search");
  if (!form || !window.searchIndex) return;
  const MOST = 60, AROUND = 70, field = form.elements.words, place = document.getElementById("found");
  const output = form.querySelector("output");
  // of equally good ones the first kinds come first, in the order in which they can be chosen
  const kinds = [...form.elements.kind.options].map((option) => option.value || option.text);
  const rows = window.searchIndex.map(([kind, title, words, links, text = ""]) => {
    const folded = fold(title);
    return { kind, title, words, links, text, folded, all: `${folded} ${fold(words)} ${fold(text)} ${fold(links.map(([label]) => label).join(" "))}` };
  });

  // What is typed, as words: "Fig.8", "fig8" and "figure 8" are the same two; signs around a word are none of it.
  function typed(text) {
    return fold(text)
      .replace(/\b(fig|tab|eq|alg|sec)(?:s|ures?|les?|uations?|orithms?|tions?)?\.?\s*(?=\d)/g, "$1 ")
      .split(/\s+/).map((word) => word.replace(/^[("'“]+|[.,;:!?)"'”]+$/g, "")).filter(Boolean);
  }

  // A word is found where a word begins with it, a number as a whole one: 8 is not in 18, 2018 nor 0.8.
  // A hyphen may be left out: pmedian. Where nothing is found, so is the word without its ending: waiting, queues.
  function pattern(word) {
    if (/^\d+$/.test(word)) return new RegExp(`(?<![\\d.,])${word}(?!\\d|[.,]\\d)`);
    const letters = [...word].map((letter) => letter.replace(/[.*+?^${}()|[\]\\]/, "\\$&"));
    return new RegExp(`(?<![\\p{L}\\d])${letters.join(letters.length > 4 ? "-?" : "")}`, "u");
  }

  function stem(word) {
    return word.length > 5 && /ing$/.test(word) ? word.slice(0, -3) : word.length > 3 && /[^s]s$/.test(word) ? word.slice(0, -1) : word;
  }

  function fitting(words, kind) {
    const wanted = words.map(pattern);
    return wanted.length ? rows.filter((row) => (!kind || row.kind === kind) && wanted.every((word) => word.test(row.all))) : [];
  }

  function find() {
    const kind = form.elements.kind.value;
    let wanted = typed(field.value);
    history.replaceState(null, "", `#${new URLSearchParams({ words: field.value, ...(kind && { kind }) })}`);
    let found = fitting(wanted, kind);
    if (!found.length || wanted.some((word) => stem(word) !== word)) {
      const others = fitting(wanted.map(stem), kind).filter((row) => !found.includes(row));
      if (!found.length) wanted = wanted.map(stem);
      found = [...found, ...others];
    }
    // of several words that nothing has together, those that most of it has
    const whole = found.length > 0, words = wanted.map(pattern);
    if (!whole && words.length > 1) {
      const own = rows.filter((row) => !kind || row.kind === kind);
      const held = new Map(own.map((row) => [row, words.filter((word) => word.test(row.all)).length]));
      const most = Math.max(0, ...held.values());
      found = own.filter((row) => 2 * most >= words.length && held.get(row) === most);
    }
    found = joined(found);
    const worth = new Map(found.map((row) => [row, value(row, wanted)]));
    found.sort((a, b) => worth.get(b) - worth.get(a));
    place.replaceChildren(...found.slice(0, MOST).map((row) => entry(row, wanted)));
    const told = `${found.length} found${found.length > MOST ? `, the first ${MOST} shown` : ""}`;
    const why = found.length ? "; nothing has all these words" : "; fewer letters may find more";
    output.textContent = wanted.length ? `${told}${whole ? "" : why}` : "";
  }

  // What has the words in its title comes before its neighbours in the order of the kinds, and who
  // writes a number means what is called by it; files come last.
  function value(row, wanted) {
    const named = wanted.filter((word) => pattern(word).test(row.folded));
    const begins = row.folded.search(pattern(wanted[0])) === 0 ? 1 : 0;
    const numbered = named.some((word) => /\d/.test(word)) ? 6 : 0;
    const file = row.kind === "table" || row.kind === "certificate" ? 40 : 0;
    return (4 * named.length) / wanted.length + begins + numbered - kinds.indexOf(row.kind) - file - row.folded.length / 1000;
  }

  // One thing of which cities say different words is one, with the cities whose words fit.
  function joined(found) {
    const by = new Map();
    for (const row of found) {
      const key = JSON.stringify([row.kind, row.title, row.words]), known = by.get(key);
      by.set(key, known ? { ...known, links: [...known.links, ...row.links] } : row);
    }
    return [...by.values()];
  }

  // The words of a text around the first that was found.
  function around(text, wanted) {
    const folded = fold(text);
    const at = Math.max(0, ...wanted.map((word) => folded.search(pattern(word))).filter((found) => found > 0));
    const from = at > AROUND ? text.indexOf(" ", at - AROUND) + 1 : 0, to = text.indexOf(" ", at + AROUND);
    return `${from ? "… " : ""}${text.slice(from, to < 0 ? text.length : to)}${to < 0 ? "" : " …"}`;
  }

  // Of a thing that several cities have, the cities that are named among the words come first.
  function entry({ kind, title, words, links, text, folded }, wanted) {
    const [made, name, about, list] = ["li", "strong", "span", "span"].map((tag) => document.createElement(tag));
    name.textContent = title;
    about.className = "small";
    const known = `${folded} ${fold(words)}`;
    const shown = text && wanted.some((word) => !pattern(word).test(known)) ? ` · ${around(text, wanted.filter((word) => !pattern(word).test(known)))}` : "";
    about.textContent = ` ${kind} · ${words}${shown}`;
    const named = ([label]) => wanted.some((word) => fold(label).includes(word));
    [...links.filter(named), ...links.filter((link) => !named(link))].forEach(([label, address, form]) => {
      const link = document.createElement("a");
      link.href = address;
      // a link that opens a file says so
      link.textContent = form ? `${label} (${form})` : label;
      link.setAttribute("aria-label", `${link.textContent}: ${title}`);
      list.append(link, " ");
    });
    list.className = "links";
    made.append(name, about, list);
    return made;
  }

  function recall() {
    const said = new URLSearchParams(location.hash.slice(1));
    field.value = said.get("words") ?? "";
    form.elements.kind.value = said.get("kind") ?? "";
  }

  form.addEventListener("input", find);
  form.addEventListener("submit", (event) => event.preventDefault());
  recall();
  form.hidden = false;
  if (field.value) find();
});
