// Finds headings, figures, tables, claims and pages of the report by words, in the index beside it.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector("form.search");
  if (!form || !window.searchIndex) return;
  const MOST = 60, field = form.elements.words, place = document.getElementById("found");
  const output = form.querySelector("output");
  const rows = window.searchIndex.map(([kind, title, words, links]) => {
    const folded = fold(title);
    return { kind, title, words, links, folded, all: `${folded} ${fold(words)} ${fold(links.map(([label]) => label).join(" "))}` };
  });

  // A number is found as a whole one: 8 is not in 18 nor in 2018.
  const has = (word, text) => (/^\d+$/.test(word) ? new RegExp(`(?<!\\d)${word}(?!\\d)`).test(text) : text.includes(word));

  function find() {
    const wanted = fold(field.value).split(/\s+/).map((word) => word.replace(/[.,;:]+$/, "")).filter(Boolean), kind = form.elements.kind.value;
    history.replaceState(null, "", `#${new URLSearchParams({ words: field.value, ...(kind && { kind }) })}`);
    const found = wanted.length ? rows.filter((row) => (!kind || row.kind === kind) && wanted.every((word) => has(word, row.all))) : [];
    // what has more of the words in its title comes first
    const worth = new Map(found.map((row) => [row, wanted.filter((word) => has(word, row.folded)).length - row.folded.length / 1000]));
    found.sort((a, b) => worth.get(b) - worth.get(a));
    place.replaceChildren(...found.slice(0, MOST).map((row) => entry(row, wanted)));
    output.textContent = wanted.length ? `${found.length} found${found.length > MOST ? `, the first ${MOST} shown` : ""}` : "";
  }

  // Of a thing that several cities have, the cities that are named among the words come first.
  function entry({ kind, title, words, links }, wanted) {
    const [made, name, about, list] = ["li", "strong", "span", "span"].map((tag) => document.createElement(tag));
    name.textContent = title;
    about.className = "small";
    about.textContent = ` ${kind} · ${words}`;
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
