// When patrols are busy: the queue M/M/c (Erlang C) for calls an hour, minutes a call and patrols.
"use strict";

const planQueue = (() => {
  // Share of calls that wait, and the mean wait in mean service times; `load` in patrols, below `servers`.
  // Erlang (1917); Gross & Harris, Fundamentals of Queueing Theory, 2.3.
  function erlang(servers, load) {
    if (!(load > 0 && load < servers)) return null;
    let lost = 1;
    for (let k = 1; k <= servers; k += 1) lost = (load * lost) / (k + load * lost);
    const wait = lost / (1 - (load / servers) * (1 - lost));
    return { busy: load / servers, wait, mean: wait / (servers - load) };
  }

  // Longest wait, in mean service times, of all but a share of the calls.
  function longest(servers, load, share) {
    const { wait } = erlang(servers, load);
    return wait > share ? Math.log(wait / share) / (servers - load) : 0;
  }

  // What each field is called, and the most that it takes.
  const ASKED = { calls: { name: "Calls an hour", most: 100000 }, minutes: { name: "Minutes a call", most: 1440 } };

  // A number as people write it: with a point, or a comma that can only be a decimal one.
  // Gives { value } or { fault }, a sentence.
  function read(text, { name, most }) {
    const written = text.trim(), refuse = (why) => ({ fault: `${name}: ${why}` });
    if (!written) return refuse("write a number, such as 13.5.");
    if (/^[1-9]\d{0,2},\d{3}$/.test(written)) {
      return refuse(`“${written}” can be read in two ways; write ${written.replace(",", "")}, or ${written.replace(",", ".")} with a point.`);
    }
    if (!/^(\d+[.,]?\d*|[.,]\d+)$/.test(written)) {
      return refuse(`“${written.slice(0, 20)}” is no plain number; write it in digits alone, with a point before decimals: 1000 or 13.5.`);
    }
    const value = Number(written.replace(",", "."));
    if (!(value > 0)) return refuse("give a number above 0.");
    return value > most ? refuse(`at most ${most}.`) : { value };
  }

  // Digits without exponent or commas.
  function plain(value, digits) {
    return value.toLocaleString("en", { maximumSignificantDigits: digits, useGrouping: false });
  }

  function create(root, queue, changed) {
    const fields = Object.fromEntries(["calls", "minutes"].map((name) => [name, root.querySelector(`[data-${name}]`)]));
    const asked = (name) => ({ ...ASKED[name], most: Math.max(ASKED[name].most, queue[name]) });
    const usual = (shift) => plain(queue.shifts[shift] ?? queue.calls, 3);
    const start = { calls: usual("all"), minutes: plain(queue.minutes, 12) };
    const body = root.querySelector("tbody"), said = root.querySelector("[role=status]"), frame = body.closest(".table-scroll");
    const found = (name) => read(fields[name].value, asked(name));

    // Calls that nobody has changed are those of the shift that is chosen.
    function follow(shift) {
      if (fields.calls.value === start.calls) fields.calls.value = usual(shift);
      start.calls = usual(shift);
    }

    // `most`: patrols of the largest plan.
    function draw(patrols, shift, most) {
      follow(shift);
      root.querySelector("[data-usual]").textContent = usual(shift);
      const given = Object.fromEntries(Object.keys(fields).map((name) => [name, found(name)]));
      for (const [name, { fault }] of Object.entries(given)) fields[name].setAttribute("aria-invalid", String(Boolean(fault)));
      const faults = Object.values(given).flatMap(({ fault }) => fault ?? []);
      frame.hidden = faults.length > 0;
      if (faults.length) {
        said.textContent = faults.join(" ");
        return;
      }
      const minutes = given.minutes.value, load = (given.calls.value * minutes) / 60, now = erlang(patrols, load);
      said.textContent = now
        ? `With ${patrols}, each is busy ${percent(now.busy)} of the time; ${percent(now.wait)} of the calls wait, `
          + `and a call waits ${time(now.mean * minutes)} on average before anybody sets out.`
        : `${load.toLocaleString("en", { maximumFractionDigits: 1 })} patrols' worth of work come in all the time: `
          + `with ${patrols} the queue never ends; ${(Math.floor(load) + 1).toLocaleString("en")} or more are needed.`;
      body.replaceChildren(...Array.from({ length: most }, (_, k) => row(k + 1, load, minutes, k + 1 === patrols)));
      const here = body.rows[patrols - 1];
      frame.scrollTop = here ? here.offsetTop - frame.clientHeight / 2 : 0;
    }

    function row(p, load, minutes, current) {
      const q = erlang(p, load), made = document.createElement("tr"), head = document.createElement("th");
      head.scope = "row";
      head.className = "number";
      head.textContent = p;
      if (current) made.setAttribute("aria-current", "true");
      const told = q ? [percent(q.busy), percent(q.wait), time(q.mean * minutes), q.wait > 0.05 ? time(longest(p, load, 0.05) * minutes) : "no wait"] : ["always", "all", "no end", "no end"];
      made.append(head, ...told.map((text) => cell(text, "number")));
      return made;
    }

    // For a sheet of paper, after it was drawn.
    function sheet(patrols) {
      const minutes = found("minutes").value, calls = found("calls").value, load = (calls * minutes) / 60, now = erlang(patrols, load);
      if (!(load > 0)) return "";
      const asked = `Waits, at ${calls} calls an hour that keep a patrol ${minutes} minutes each, the drive included`;
      if (!now) return `${asked}: the queue never ends, for they are ${load.toLocaleString("en", { maximumFractionDigits: 1 })} patrols' worth of work.`;
      const each = `each busy ${percent(now.busy)} of the time, ${percent(now.wait)} of the calls wait`;
      const most = now.wait > 0.05 ? `95 % at most ${time(longest(patrols, load, 0.05) * minutes)}` : "95 % without a wait";
      const waits = `${time(now.mean * minutes)} on average, ${most}`;
      return `${asked}: ${each}, ${waits}.`;
    }

    // Gives by what a reader calls each number of the address whether it could not be read.
    function recall(said, shift) {
      start.calls = usual(shift);
      const wrong = {};
      for (const name of Object.keys(fields)) {
        const { value, fault } = said.has(name) ? read(said.get(name), asked(name)) : {};
        fields[name].value = value === undefined ? start[name] : plain(value, 12);
        wrong[ASKED[name].name.toLowerCase()] = Boolean(fault);
      }
      return wrong;
    }

    function remember(said) {
      for (const name of Object.keys(fields)) {
        const { value } = found(name);
        if (value !== undefined && fields[name].value !== start[name]) said.set(name, plain(value, 12));
      }
    }

    Object.values(fields).forEach((each) => each.addEventListener("input", changed));
    return { draw, recall, remember, sheet };
  }

  // What is rounded to nothing, or to all, is not nothing, or all.
  const percent = (share) => (share < 0.0005 ? "< 0.1 %" : share > 0.9995 ? "> 99.9 %" : `${(100 * share).toFixed(1)} %`);
  const time = (minutes) => (minutes < 0.05 ? "< 0.1 min" : `${minutes < 10 ? minutes.toFixed(1) : Math.round(minutes).toLocaleString("en")} min`);

  return { create, erlang, longest, read };
})();
