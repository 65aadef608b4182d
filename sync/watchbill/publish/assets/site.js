"use strict";
(() => {
  const page = document.body.dataset.page;
  const zone = window.watchbill.zone;

  /* What would turn text round or paint it becomes a dot, as in everything that watchbill shows. */
  const plain = (text) => String(text).replace(/[\p{Cc}\p{Cs}\p{Co}]|(?![\u200c\u200d])\p{Cf}/gu, "·");

  function make(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (value !== null) made.setAttribute(key, value);
    }
    made.append(...children.filter((child) => child !== null));
    return made;
  }

  function personNode(handle) {
    if (handle === null) return make("span", { class: "nobody" }, "Nobody");
    const [, unknown, shade] = Duty.own(window.watchbill.people, handle) ?? [handle, 0, null];
    const dot = shade === null ? null : make("span", { class: `dot p${shade}`, "aria-hidden": "true" });
    return make(
      "span",
      { class: "person" },
      make("span", { class: "tied" }, dot, make("span", { class: "name" }, plain(Duty.title(handle)))),
      ...(unknown ? [" ", make("span", { class: "mark" }, "placeholder")] : []),
    );
  }

  const spaced = (nodes) => nodes.flatMap((node, place) => (place ? [" ", node] : [node]));

  /* -- Now ------------------------------------------------------------------------------------------------- */

  const asked = new URLSearchParams(location.search).get("at");
  const fixed = asked ? Math.floor(Date.parse(asked) / 1000) : NaN;
  const present = () => (Number.isNaN(fixed) ? Math.floor(Date.now() / 1000) : fixed);

  function untilWords(shift, rotation, at) {
    const end = window.watchbill.until * 60;
    const own = Duty.ends(rotation, shift);
    const words = own < end ? [`until ${Clock.short(own, zone, at)}`] : [];
    if (shift.because === "override") words.push("override");
    if (shift.because === "pagerduty") words.push("PagerDuty's schedule");
    if (shift.because === "fallback") {
      words.push(shift.whose === rotation ? "fallback" : `fallback to ${plain(Duty.title(shift.whose))}`);
    }
    if (shift.person === null) words.push("nobody is on duty");
    return words.join(", ");
  }

  function showNow() {
    const at = present();
    const freshness = document.getElementById("freshness");
    if (!Duty.within(at)) {
      freshness.textContent = "This page knows nothing of the present: it has to be published again.";
      freshness.className = "alarm";
      return;
    }
    document.getElementById("as-of").textContent = Clock.full(at, zone);
    const age = Math.max(Math.floor(Date.now() / 1000) - window.watchbill.at, 0);
    const old = age > 2 * 86400;
    const since = age < 60 ? "just now" : `${Clock.span(age)} ago`;
    freshness.textContent = `Published ${since}${old ? "; later changes are not in it" : ""}.`;
    freshness.className = old ? "alarm" : "";
    for (const place of document.querySelectorAll("[data-rotation]")) {
      const rotation = place.dataset.rotation;
      const now = Duty.on(rotation, at);
      const who = place.matches(".who") ? place : place.querySelector(".who");
      const held = now.length ? now.map((shift) => shift.person) : [null];
      who.replaceChildren(...spaced(held.map(personNode)));
      if (!place.matches(".card")) continue;
      const first = now[0] ?? { person: null, end: Infinity };
      place.querySelector(".until").textContent = untilWords(first, rotation, at);
      const then = Duty.after(rotation, at);
      const from = then && make("span", { class: "whole" }, `from ${Clock.short(then.start, zone, at)}`);
      place.querySelector(".next").replaceChildren(...(then ? ["then ", personNode(then.person), " ", from] : []));
    }
  }

  function fetchAgain() {
    const script = make("script", { src: `data.js?${Math.floor(Date.now() / 3600000)}` });
    script.addEventListener("load", () => {
      Duty.forget();
      showNow();
      script.remove();
    });
    document.head.append(script);
  }

  function startNow() {
    showNow();
    if (!Number.isNaN(fixed)) return;
    setInterval(showNow, 30000);
    if (location.protocol !== "file:") setInterval(fetchAgain, 3600000);
  }

  /* -- Calendar -------------------------------------------------------------------------------------------- */

  function startChart(chart) {
    const rotation = chart.dataset.rotation;
    const [since, until] = [Number(chart.dataset.since), Number(chart.dataset.until)];
    const where = window.watchbill.rotations[rotation].zone;
    const drawn = chart.querySelector("svg");
    const wide = drawn.viewBox.baseVal.width;
    const picked = chart.querySelector(".picked");
    const detail = chart.parentElement.querySelector(".detail");
    const shown = Duty.shifts(rotation).filter((s) => s.start < until && s.end > since);
    let place = -1;

    function pick(next) {
      place = next;
      const shift = shown[place];
      if (!shift) {
        picked.setAttribute("width", 0);
        detail.textContent = "";
        return;
      }
      const x = (at) => ((Math.min(Math.max(at, since), until) - since) * wide) / (until - since);
      picked.setAttribute("x", x(shift.start));
      picked.setAttribute("width", Math.max(x(shift.end) - x(shift.start), 2));
      const times = [shift.start, shift.end].map((at) => Clock.short(at, where, since)).join(" to ");
      const other = shift.whose === rotation ? "" : ` to ${plain(Duty.title(shift.whose))}`;
      const plainly = shift.because === "pagerduty" ? "PagerDuty's schedule" : shift.because;
      const why = shift.because === "fallback" ? `fallback${other}` : plainly;
      detail.replaceChildren(personNode(shift.person), ` ${times}, ${Clock.span(shift.end - shift.start)}, ${why}`);
    }

    chart.addEventListener("pointermove", (event) => {
      const box = drawn.getBoundingClientRect();
      const at = since + ((event.clientX - box.left) / box.width) * (until - since);
      pick(shown.findIndex((s) => s.start <= at && at < s.end));
    });
    chart.addEventListener("pointerleave", () => pick(-1));
    chart.addEventListener("blur", () => pick(-1));
    chart.addEventListener("focus", () => {
      const at = Math.floor(Date.now() / 1000);
      pick(Math.max(shown.findIndex((s) => s.start <= at && at < s.end), 0));
    });
    chart.addEventListener("keydown", (event) => {
      const last = shown.length - 1;
      const to = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: last }[event.key];
      if (event.key === "Escape") pick(-1);
      if (to === undefined) return;
      event.preventDefault();
      pick(Math.min(Math.max(to, 0), last));
      const width = chart.scrollWidth / wide;
      chart.scrollLeft = picked.x.baseVal.value * width - chart.clientWidth / 2;
    });
  }

  /* -- What if --------------------------------------------------------------------------------------------- */

  function reason(duty) {
    const parts = duty.role ? [Duty.title(duty.role)] : [];
    if (duty.covers.length) {
      parts.push(`${Duty.title(duty.covers[0])}, covered by ${Duty.title(duty.rotation ?? "")}`);
    } else if (duty.rotation) parts.push(Duty.title(duty.rotation));
    const words = {
      shift: "listed shift",
      external: "another team's object",
      person: "named directly",
      role: "holds the role",
      pagerduty: "PagerDuty's schedule",
    };
    const fallback = duty.whose ? `fallback to ${Duty.title(duty.whose)}` : "fallback";
    parts.push(duty.because === "fallback" ? fallback : (words[duty.because] ?? duty.because));
    return plain(parts.join(": "));
  }

  function stepNode(step) {
    const people = step.targets.map((duty) =>
      make("div", { class: "target" }, personNode(duty.person), make("span", { class: "why" }, reason(duty))),
    );
    return make(
      "li",
      { class: step.targets.length ? null : "skipped" },
      make(
        "div",
        { class: "when" },
        make("strong", {}, `+${Clock.minutes(step.minute)}`),
        make("span", {}, Clock.hours(step.at, zone)),
        make("span", { class: "level" }, `level ${step.level}`),
      ),
      make(
        "div",
        {},
        ...(people.length ? people : [personNode(null)]),
        step.note ? make("p", { class: "note" }, plain(step.note)) : null,
      ),
    );
  }

  function endingWords(found, severity) {
    const lines = [];
    if (found.stopped !== null) {
      lines.push(`Acknowledged at +${Clock.minutes(found.stopped)}: the ladder stops there.`);
      const again = Duty.own(window.watchbill.severities, severity)?.timeout;
      if (again) lines.push(`After ${again} without a resolution it is open again.`);
    } else if (found.over !== null) {
      const times = found.ladder.repeat === 1 ? "once" : `${found.ladder.repeat} times`;
      lines.push(`Nobody acknowledged: it starts over at +${Clock.minutes(found.over)}, ${times}.`);
    }
    if (found.ladder.urgency === "low") lines.push("Low urgency: PagerDuty never escalates it.");
    for (const { severity: how, message } of found.problems) {
      if (how !== "note") lines.push(`${how}: ${plain(message)}`);
    }
    const unknown = found.problems.filter((problem) => problem.severity === "note").length;
    if (unknown) lines.push(`${unknown} of them ${unknown === 1 ? "is a placeholder" : "are placeholders"}.`);
    return lines;
  }

  function startQuestion() {
    const form = document.getElementById("question");
    const answer = document.getElementById("answer");
    if (!form) return;
    const field = (name) => form.querySelector(`#${name}`);
    const at = field("at");
    at.min = Clock.field(window.watchbill.since * 60, zone);
    at.max = Clock.field(window.watchbill.until * 60 - 86400, zone);
    at.value = Clock.field(Duty.within(present()) ? present() : window.watchbill.at, zone);
    const shapes = { severity: /./, domain: /./, tag: /./, at: /^\d{4}-\d\d-\d\dT\d\d:\d\d$/, ack: /^\d{1,6}$/ };
    for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
      const known = Object.hasOwn(shapes, name) && shapes[name].test(value) ? field(name) : null;
      if (known && (!known.options || [...known.options].some((option) => option.value === value))) {
        known.value = value;
      }
    }

    function show() {
      if (!at.value || !at.validity.valid) {
        const range = `${at.min.replace("T", " ")} and ${at.max.replace("T", " ")}`;
        answer.replaceChildren(make("p", { class: "empty" }, `Pick a time between ${range}.`));
        return;
      }
      const ack = field("ack").value;
      const tag = field("tag")?.value;
      const wishes = { tags: tag ? [tag] : [], ackAfter: ack === "" ? null : Math.max(Math.floor(Number(ack)), 0) };
      const found = Duty.run(field("severity").value, field("domain").value, Clock.instant(at.value, zone), wishes);
      answer.replaceChildren(
        make("h2", {}, plain(found.ladder.title)),
        make("p", { class: "hint" }, `Opened ${Clock.full(found.opened, zone)}`),
        make("ol", { class: "ladder" }, ...found.steps.map(stepNode)),
        ...endingWords(found, field("severity").value).map((line) => make("p", { class: "ending" }, line)),
      );
      const kept = ["severity", "domain", "at", "tag", "ack"].filter((name) => field(name)?.value);
      history.replaceState(null, "", `#${new URLSearchParams(kept.map((name) => [name, field(name).value]))}`);
    }

    form.addEventListener("input", show);
    form.addEventListener("submit", (event) => event.preventDefault());
    show();
  }

  /* -- Search ---------------------------------------------------------------------------------------------- */

  function startSearch() {
    const input = document.getElementById("search");
    const list = document.getElementById("found");
    let active = -1;

    function load() {
      if (window.watchbillFound || document.getElementById("search-data")) return;
      const script = make("script", { src: "search.js", id: "search-data" });
      script.addEventListener("load", show);
      document.head.append(script);
    }

    function close() {
      list.hidden = true;
      active = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }

    /* The earlier in the text the better; what only its place has comes last. */
    function rank(text, word) {
      const at = text.toLowerCase().indexOf(word);
      return at < 0 ? 1000 : at;
    }

    function show() {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      if (!words.length || !window.watchbillFound) return close();
      const found = window.watchbillFound
        .filter(([text, where]) => words.every((word) => `${text} ${where}`.toLowerCase().includes(word)))
        .sort(([a], [b]) => rank(a, words[0]) - rank(b, words[0]) || a.length - b.length)
        .slice(0, 8);
      const options = found.map(([text, where, address], number) =>
        make(
          "li",
          { role: "option", id: `found-${number}`, "aria-selected": "false", "data-to": address },
          plain(text),
          make("span", {}, plain(where)),
        ),
      );
      if (!options.length) options.push(make("li", { role: "option", class: "none" }, "Nothing found"));
      list.replaceChildren(...options);
      list.hidden = false;
      active = -1;
      input.setAttribute("aria-expanded", "true");
      input.removeAttribute("aria-activedescendant");
    }

    function move(step) {
      const links = [...list.querySelectorAll("li:not(.none)")];
      if (!links.length) return;
      active = (active + step + links.length) % links.length;
      links.forEach((link, number) => link.setAttribute("aria-selected", String(number === active)));
      input.setAttribute("aria-activedescendant", links[active].id);
    }

    function go(option) {
      if (!option) return;
      close();
      location.assign(option.dataset.to);
    }

    list.addEventListener("click", (event) => go(event.target.closest("[data-to]")));
    input.addEventListener("focus", load);
    input.addEventListener("input", () => (load(), show()));
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        move(event.key === "ArrowDown" ? 1 : -1);
      } else if (event.key === "Escape") close();
      else if (event.key === "Enter") {
        event.preventDefault();
        go(list.querySelectorAll("[data-to]")[Math.max(active, 0)]);
      }
    });
    document.addEventListener("click", (event) => {
      if (!event.target.closest(".search")) close();
    });
    input.form.addEventListener("focusout", (event) => {
      if (!input.form.contains(event.relatedTarget)) setTimeout(close, 150);
    });
    document.addEventListener("keydown", (event) => {
      const typing = event.target.closest("input, select, textarea");
      if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        input.focus();
      }
    });
  }

  /* Over https a calendar application takes the address; from disk and in tests it stays a file. */
  function startSubscriptions() {
    if (location.protocol !== "https:") return;
    for (const link of document.querySelectorAll(".head a[href$='.ics']")) {
      link.href = link.href.replace(/^https:/, "webcal:");
    }
  }

  /* Wide ones begin with their middle in view. */
  function startDrawing(drawing) {
    drawing.scrollLeft = (drawing.scrollWidth - drawing.clientWidth) / 2;
  }

  startSearch();
  startSubscriptions();
  document.querySelectorAll(".drawing").forEach(startDrawing);
  document.querySelector("header nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  if (page === "index") startNow();
  if (page === "calendar") document.querySelectorAll(".chart").forEach(startChart);
  if (page === "what-if") startQuestion();
})();
