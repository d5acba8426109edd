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

  function create(root, queue, changed) {
    const fields = Object.fromEntries(["calls", "minutes"].map((name) => [name, root.querySelector(`[data-${name}]`)]));
    const usual = (shift) => (queue.shifts[shift] ?? queue.calls).toPrecision(3);
    const start = { calls: usual("all"), minutes: String(queue.minutes) };
    const body = root.querySelector("tbody"), said = root.querySelector("[role=status]");
    const value = (name) => Number(fields[name].value) || 0;

    // Calls that nobody has changed are those of the shift that is chosen.
    function follow(shift) {
      if (fields.calls.value === start.calls) fields.calls.value = usual(shift);
      start.calls = usual(shift);
    }

    function draw(patrols, shift) {
      follow(shift);
      const minutes = value("minutes"), load = (value("calls") * minutes) / 60;
      const now = erlang(patrols, load), fewest = Math.floor(load) + 1;
      if (!(load > 0)) said.textContent = "Give a number of calls and of minutes above 0.";
      else if (!now) {
        said.textContent = `${load.toFixed(1)} patrols' worth of work come in all the time: `
          + `with ${patrols} the queue never ends; ${fewest} or more are needed.`;
      } else {
        said.textContent = `With ${patrols}, each is busy ${percent(now.busy)} of the time; ${percent(now.wait)} of the calls wait, `
          + `and a call waits ${time(now.mean * minutes)} on average before anybody sets out.`;
      }
      const first = Math.max(fewest, patrols - 2), shown = load > 0 && fewest < 1000 ? Array.from({ length: 6 }, (_, k) => first + k) : [];
      body.replaceChildren(...shown.map((p) => {
        const q = erlang(p, load), row = document.createElement("tr"), head = document.createElement("th");
        head.scope = "row";
        head.className = "number";
        head.textContent = p;
        if (p === patrols) row.setAttribute("aria-current", "true");
        const told = [percent(q.busy), percent(q.wait), time(q.mean * minutes), time(longest(p, load, 0.05) * minutes)];
        row.append(head, ...told.map((text) => cell(text, "number")));
        return row;
      }));
    }

    // For a sheet of paper, after it was drawn.
    function sheet(patrols) {
      const minutes = value("minutes"), calls = value("calls"), load = (calls * minutes) / 60, now = erlang(patrols, load);
      if (!now) return "";
      const each = `each busy ${percent(now.busy)} of the time, ${percent(now.wait)} of the calls wait`;
      const waits = `${time(now.mean * minutes)} on average, 95 % at most ${time(longest(patrols, load, 0.05) * minutes)}`;
      return `Waits, at ${calls} calls an hour that keep a patrol ${minutes} minutes each, the drive included: ${each}, ${waits}.`;
    }

    function recall(said, shift) {
      start.calls = usual(shift);
      for (const name of Object.keys(fields)) fields[name].value = Number(said.get(name)) > 0 ? said.get(name) : start[name];
    }

    function remember(said) {
      for (const name of Object.keys(fields)) if (fields[name].value !== start[name]) said.set(name, fields[name].value);
    }

    Object.values(fields).forEach((each) => each.addEventListener("input", changed));
    return { draw, recall, remember, sheet };
  }

  const percent = (share) => `${(100 * share).toFixed(1)} %`;
  const time = (minutes) => `${minutes < 10 ? minutes.toFixed(1) : Math.round(minutes).toLocaleString("en")} min`;

  return { create, erlang, longest };
})();
