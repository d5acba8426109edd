// What a plan is and what it rests on, in words for its sheet of paper and in columns for its files.
"use strict";

const planAbout = (() => {
  const HISTORY = "history", WGS = "EPSG:4326"; // longitude and latitude
  const whole = (v) => Math.round(v).toLocaleString("en");

  // Which demand a plan is for: its name, the crimes that it was made of and their months.
  function demand(data, shift) {
    if (shift !== HISTORY) return { name: data.basis, ...(data.record ?? {}) };
    return { name: data.history, crimes: data.historyCrimes };
  }

  // Days and hours that a plan is for.
  function hours(data, shift) {
    if (["all", HISTORY].includes(shift)) return "all day";
    return data.when[shift] ? `${shift} (${data.when[shift]})` : shift;
  }

  // The first lines of a sheet.
  function sheet(data, shift, expected) {
    const { name, crimes, months } = demand(data, shift);
    const made = crimes ? `, from ${whole(crimes)} crimes${months ? ` of ${months}` : ""}` : "";
    return `${planTold.printed()} Demand: ${name}, ${hours(data, shift)}: ${whole(expected)} crimes expected${made}.`;
  }

  // What lies between a crime and its post: metres are a distance, minutes a drive.
  function inWays(words, unit) { return unit === "m" ? words : words.replace("distance", "drive"); }

  // Of what plans are saved where that is less than a reader may choose, and what is shown in its place.
  function limits(data, { shift, objective, p, wanted }, unit) {
    const label = (name) => inWays(planModel.OBJECTIVES[name].label, unit), plans = data.plans[shift];
    const numbers = plans[objective].map((row) => row[0]), range = span(numbers);
    const what = shift === HISTORY ? "this demand" : "a shift", kinds = Object.keys(plans).map(label).join(", ");
    const saved = shift === "all" ? "" : `Plans of ${what} are saved by ${kinds} for ${range}.`;
    const other = wanted && wanted.objective === objective && wanted.p !== p;
    const missed = numbers.length < 2 ? `By ${label(objective)} one plan is saved, of ${range}${other ? `, not of ${wanted.p}` : ""}.`
      : other ? `By ${label(objective)} plans are saved for ${range}: the one of ${p} is shown, not of ${wanted.p}.` : "";
    return [saved, missed].filter(Boolean).join(" ");
  }

  function span(numbers) {
    const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
    return least === most ? `${most} ${most === 1 ? "patrol" : "patrols"}` : `${least} to ${most} patrols`;
  }

  const percent = (v) => `${(100 * v).toFixed(1).replace("-", "−")}\u00a0%`;

  // How far a plan is from the posts of today, by the chosen objective; `what` names it.
  function beside(what, own, today, most) {
    if (!(today > 0)) return "";
    const off = most ? own - today : 1 - own / today;
    if (Math.abs(off) < 5e-4) return `; ${what}: the same`;
    if (most) return `; ${what}: ${percent(Math.abs(off))} of all crimes ${off > 0 ? "more" : "fewer"}`;
    return `; ${what}: ${percent(Math.abs(off))} ${off > 0 ? "shorter" : "longer"}`;
  }

  // Which posts of today are not held against plans, and how many the map does not reach.
  function outside(data, unseen) {
    if (!data.today) return "";
    const every = data.today.xy.length, others = data.today.own.filter((own) => !own).length;
    const beyond = unseen ? `${unseen} of ${every} beyond the map` : "";
    if (!others) return beyond && `(${beyond})`;
    return `(hollow: ${others} of ${every}, outside the boundary${beyond ? `; ${beyond}` : ""})`;
  }

  // What today would be worth if those outside came too.
  function withOutside(data, worth) {
    const others = data.today.own.filter((own) => !own).length;
    return `; if all ${data.today.xy.length} came, ${others} of them from outside: ${worth}`;
  }

  // What was tried on the crimes that came afterwards of what is on the screen, or that nothing was.
  // `now`: its mean there and the ends of its interval; `spans`: all that were tried; whether it is as saved.
  function later(data, { shift, objective, p }, { now, spans, same, unit, metres }) {
    if (!data.later) return "No plan was tried on crimes that came afterwards.";
    const crimes = `the crimes of ${data.later.period}, which came afterwards`;
    if (!now) {
      const numbers = data.later.exact.map((row) => row[0]), apart = spans.length ? `this number (${p})` : "this choice";
      const all = inWays(planModel.OBJECTIVES["p-median"].label, unit);
      const known = objective === "p-median" && shift === "all" ? listed(numbers) : `plans by ${all} for the whole day and the ${data.basis}`;
      return `Not tried on ${crimes}: ${apart}. Tried there were ${known}.`;
    }
    const interval = `95 % interval ${metres(now.low)} to ${metres(now.high)}: bars right of the dots`;
    const told = `the ${inWays("mean distance", unit)} of ${same ? "this plan" : "the saved plan, with no post moved,"} was ${metres(now.mean)} (${interval}).`;
    const moved = same ? "" : " What was moved by hand was not tried on them.";
    return `On ${crimes}, ${told}${saved(data, now.saved, inWays("distance", unit))}${moved}`;
  }

  // Numbers of patrols: those that follow each other as a range.
  function listed(numbers) {
    const runs = [];
    for (const n of numbers) {
      if (runs.length && n === runs.at(-1)[1] + 1) runs.at(-1)[1] = n; else runs.push([n, n]);
    }
    return `${runs.map(([a, b]) => (a === b ? a : `${a} to ${b}`)).join(" and ")} patrols`;
  }

  // What a local search did: `went`, the numbers of the posts that it moved.
  function improved(went, locked) {
    const posts = went.length === 1 ? `Post ${went[0]} was` : `Posts ${went.slice(0, -1).join(", ")} and ${went.at(-1)} were`;
    return `${posts} moved. No other place for one free post alone shortens the mean ${locked ? "while the locked posts stay" : "further"}; `
      + "moving several at once might.";
  }

  // How a saved plan did on later crimes against today's posts, with the ends of its interval.
  function saved(data, [part, low, high], way) {
    if (part === undefined || !data.today) return "";
    const [count] = data.later.today;
    const [value, ends] = part < 0 ? [`${percent(-part)} longer`, [-high, -low]] : [`${percent(part)} shorter`, [low, high]];
    return ` Against the ${count} ${data.today.label} of today that ${way} is ${value} (${percent(ends[0])} to ${percent(ends[1])}): `
      + `${low > 0 || high < 0 ? "beyond chance" : "it may be chance"}.`;
  }

  // What holds of every post of a plan.  `plan`: state, unit, whether it is as it was saved, its
  // value and the saved plan's (value, bound or null, proven), what the page says of it, and the
  // command that makes the saved one.  The gap is that of the posts in the file, and a certificate
  // is one of them, not of the plan from which they were moved.
  function columns(data, { state, unit, same, value, best, bound, proven, certified, most, verdict, command }) {
    const { objective, p, shift } = state, { name, crimes, months } = demand(data, shift);
    const gap = bound === null ? null : Math.abs(value - bound) / Math.max(value, bound, 1e-300);
    const makes = same ? "these posts" : "the best plan, from which posts of this file were moved by hand";
    const all = {
      city: data.title, crs_of_x_y: data.crs, crs_of_longitude_latitude: WGS,
      demand: name, hours: hours(data, shift), crimes_counted: crimes, months_counted: months,
      objective, patrols: p, moved_by_hand: !same, value, best_value: best, bound, gap: same && proven ? 0 : gap,
      unit_of_value: most ? "share of crimes" : unit, proven: same && proven, best_proven: proven,
      certificate: same && certified, verdict, cautions: data.cautions.join(" "), command, command_makes: makes, metric: data.metric, radius: data.radius, unit_of_ways: unit,
      status: data.status, source: data.source, licence: data.licence, saved_on: planTold.day(),
    };
    return Object.fromEntries(Object.entries(all).filter(([, v]) => v !== undefined && v !== null && v !== ""));
  }

  return { beside, columns, hours, improved, inWays, later, limits, outside, sheet, withOutside };
})();
