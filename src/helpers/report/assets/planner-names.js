// Places names on a map beside what they name, so that they hide no mark and no other name.
"use strict";

const planNames = (() => {
  const HALF = 7, MARK = 6, AWAY = [0, 8], STEP = 11; // pixels of the page
  const RINGS = 14, TURNS = 16;
  // Boxes as least and greatest x and y.
  const boxed = (x, y, w, h) => [x - w, y - h, x + w, y + h];
  const clear = (a, b) => a[2] <= b[0] || b[2] <= a[0] || a[3] <= b[1] || b[3] <= a[1];
  const within = (a, b) => a[0] >= b[0] && a[1] >= b[1] && a[2] <= b[2] && a[3] <= b[3];

  // Whether the words of a table say where a place is by this name.
  function says(words, name) { return words === name || words === `at ${name}` || words.endsWith(` of ${name}`); }

  // Beside a mark, above or below it, then at its corners; each once more a little farther off.
  function near({ x, y, long }, unit) {
    return AWAY.flatMap((away) => {
      const side = (MARK + 3 + away) * unit, over = (MARK + HALF + 1 + away) * unit, corner = (MARK - 1) * unit;
      const ways = [[x + side, y], [x - side - long, y], [x - long / 2, y - over], [x - long / 2, y + over]];
      for (const dy of [-4 * unit, 4 * unit]) ways.push([x + side, y + dy], [x - side - long, y + dy]);
      for (const dy of [-over, over]) ways.push([x + corner, y + dy], [x - corner - long, y + dy]);
      return ways;
    });
  }

  // Farther and farther off, all around, at the end of a line.
  function far({ x, y, long }, unit) {
    return Array.from({ length: RINGS * TURNS }, (_, k) => {
      const reach = (24 + STEP * Math.floor(k / TURNS)) * unit, turn = (2 * Math.PI * (k % TURNS)) / TURNS;
      return [x + Math.cos(turn) * (reach + long / 2) - long / 2, y - Math.sin(turn) * reach];
    });
  }

  // Where names go: {left, y, lead} each, or null where one that is not wanted finds no room.
  // `labels`: {x, y, long, wanted}, of which the wanted choose first and are never left out;
  // `taken`: boxes of the marks; `view`: the box that is shown; `unit`: a pixel of the page.
  function place(labels, taken, view, unit) {
    const full = [...taken], placed = labels.map(() => null);
    const box = ([left, y], { long }) => [left, y - HALF * unit, left + long, y + HALF * unit];
    const free = (label) => (spot) => within(box(spot, label), view) && full.every((other) => clear(box(spot, label), other));
    const room = labels.map((label) => near(label, unit).filter(free(label)).length);
    const order = labels.map((_, k) => k).sort((a, b) => Number(labels[b].wanted) - Number(labels[a].wanted) || room[a] - room[b] || a - b);
    for (const k of order) {
      const label = labels[k], beside = near(label, unit).find(free(label));
      const spot = beside ?? (label.wanted ? far(label, unit).find(free(label)) ?? least(label) : undefined);
      if (spot) {
        const own = box(spot, label), to = [inside(label.x, own[0], own[2]), inside(label.y, own[1], own[3])];
        placed[k] = { left: spot[0], y: spot[1], lead: beside ? null : to };
        full.push(own);
      }
    }
    return placed;

    // Of all places on the map the one that hides least.
    function least(label) {
      const [left, top, right, foot] = view, hidden = (spot) => full.filter((other) => !clear(box(spot, label), other)).length;
      const spots = [...near(label, unit), ...far(label, unit)].map(([x, y]) =>
        [inside(x, left, Math.max(left, right - label.long)), inside(y, top + HALF * unit, foot - HALF * unit)]);
      return spots.reduce((a, b) => (hidden(b) < hidden(a) ? b : a));
    }
  }

  function inside(value, low, high) { return Math.min(Math.max(value, low), high); }

  const ARROWS = ["→", "↗", "↑", "↖", "←", "↙", "↓", "↘"];

  // An arrow to what lies so far to the right and down.
  function arrow(dx, dy) { return ARROWS[(Math.round(Math.atan2(-dy, dx) / (Math.PI / 4)) + 8) % 8]; }

  return { arrow, boxed, inside, place, says };
})();
