"use strict";
/* Who has duty when, and how a ladder runs: the same answers as `watchbill who` and `watchbill simulate`, from
   data.js.  Instants are seconds since 1970; nothing here touches the page. */
const Duty = (() => {
  const decoded = new Map();
  const own = (object, key) => (Object.hasOwn(object, key) ? object[key] : undefined);
  const data = () => window.watchbill;

  function shifts(rotation) {
    if (!decoded.has(rotation)) {
      const { holders, shifts: numbers } = data().rotations[rotation];
      const made = [];
      let last = data().since;
      for (let i = 0; i < numbers.length; i += 3) {
        const start = last + numbers[i];
        const [person, because, whose] = holders[numbers[i + 2]];
        last = start + numbers[i + 1];
        made.push({ start: start * 60, end: last * 60, person, because, whose });
      }
      decoded.set(rotation, made);
    }
    return decoded.get(rotation);
  }

  const on = (rotation, at) => shifts(rotation).filter((s) => s.start <= at && at < s.end);

  function after(rotation, at) {
    const now = new Set(on(rotation, at).map((s) => s.person));
    return shifts(rotation).find((s) => s.start > at && s.person !== null && !now.has(s.person));
  }

  /* When that person's duty in the rotation really ends: what follows may be theirs too, for another reason. */
  function ends(rotation, shift) {
    let { end } = shift;
    for (const s of shifts(rotation)) {
      if (s.person === shift.person && s.start <= end && s.end > end) end = s.end;
    }
    return end;
  }

  const within = (at) => data().since * 60 <= at && at < data().until * 60;
  const title = (name) => own(data().people, name)?.[0] ?? own(data().titles, name) ?? name;

  function reached(name, at) {
    const to = data().targets[name];
    if (typeof to === "string") return [];
    const base = { role: to.role, rotation: to.rotation, covers: to.via, whose: null };
    if (to.person !== null) return [{ ...base, person: to.person, because: to.role ? "role" : "person" }];
    if (to.external !== null) return [{ ...base, person: to.external, because: "external" }];
    return on(to.rotation, at)
      .filter((s) => s.person !== null)
      .map((s) => ({
        ...base,
        person: s.person,
        because: s.because,
        whose: s.whose === to.rotation ? null : s.whose,
      }));
  }

  function targetsAt(names, at) {
    const found = new Map();
    for (const name of names) {
      for (const duty of reached(name, at)) {
        const key = JSON.stringify([duty.person, duty.rotation]);
        if (!found.has(key)) found.set(key, duty);
      }
    }
    return [...found.values()];
  }

  function noteOf(step, targets, minute) {
    const [planned, , mayBeEmpty, confirm] = step;
    const notes = [];
    if (!targets.length) notes.push("nobody here: skipped at once" + (mayBeEmpty ? ` (${mayBeEmpty})` : ""));
    if (confirm) notes.push(`asked in chat ten minutes before: ${confirm}?`);
    if (minute !== planned) {
      notes.push(`planned for +${planned} min, comes earlier because a level was empty`);
    }
    return notes.join("; ");
  }

  function problemsOf(step, targets, level) {
    const [, names, mayBeEmpty] = step;
    const found = [];
    for (const name of names) {
      const to = data().targets[name];
      if (typeof to === "string") {
        const message = `level ${level}: ${title(name)} ${to}`;
        found.push({ rule: "unset-holder", severity: "warning", message, hint: "say who holds the role" });
      }
    }
    for (const { person } of targets) {
      if (own(data().people, person)?.[1]) {
        const message = `level ${level}: ${person} is a placeholder`;
        const hint = "put the person's name and e-mail";
        found.push({ rule: "placeholder-person", severity: "note", message, hint });
      }
    }
    if (!targets.length && !mayBeEmpty) {
      const told = names.map(title).join(", ") || "no target";
      const message = `level ${level} (${told}) reaches nobody at this instant`;
      const hint = "give the rotation hours or `otherwise`, or declare may_be_empty";
      found.push({ rule: "empty-level", severity: "error", message, hint });
    }
    return found;
  }

  function domainOf(domain, tags) {
    for (const tag of tags) {
      const claimed = data().tags.find(([name]) => name === tag);
      if (claimed) return claimed[1];
    }
    return domain;
  }

  function run(severity, domain, at, { tags = [], ackAfter = null } = {}) {
    const spec = data().domains[domainOf(domain, tags)];
    const ladder = spec.own ? spec.ladders[""] : spec.ladders[severity];
    const steps = [];
    let problems = [];
    let minute = 0;
    for (const [place, step] of ladder.steps.entries()) {
      if (ackAfter !== null && minute > 0 && ackAfter <= minute) break;
      const targets = targetsAt(step[1], at + minute * 60);
      problems = problems.concat(problemsOf(step, targets, place + 1));
      steps.push({ minute, level: place + 1, at: at + minute * 60, targets, note: noteOf(step, targets, minute) });
      if (targets.length) minute += ladder.delays[place];
    }
    const somebody = steps.some((step) => step.targets.length);
    const stopped = ackAfter !== null && somebody && ackAfter <= minute ? ackAfter : null;
    const over = stopped === null && ladder.repeat && somebody ? minute : null;
    return { ladder, opened: at, steps, problems, over, stopped };
  }

  const iso = (at) => new Date(at * 1000).toISOString().replace(".000Z", "Z");

  function simulate(severity, domain, at, wishes) {
    const { ladder, opened, steps, problems, over, stopped } = run(severity, domain, at, wishes);
    return {
      format: "watchbill.simulate/1",
      ladder: ladder.key,
      title: ladder.title,
      opened: iso(opened),
      steps: steps.map((step) => ({
        after_minutes: step.minute,
        level: step.level,
        at: iso(step.at),
        targets: step.targets.map(({ role, rotation, person, because }) => ({ role, rotation, person, because })),
        note: step.note,
      })),
      starts_over_after_minutes: over,
      repeat: ladder.repeat,
      acknowledged_after_minutes: stopped,
      problems,
    };
  }

  return { shifts, on, after, ends, within, title, own, data, run, simulate, forget: () => decoded.clear() };
})();

/* Wall clocks of a zone. */
const Clock = (() => {
  const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const formats = new Map();
  const two = (number) => String(number).padStart(2, "0");

  function local(at, zone) {
    if (!formats.has(zone)) {
      const digits = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" };
      const wanted = { timeZone: zone, hourCycle: "h23", second: "numeric", ...digits };
      formats.set(zone, new Intl.DateTimeFormat("en-GB", wanted));
    }
    const made = {};
    for (const { type, value } of formats.get(zone).formatToParts(new Date(at * 1000))) made[type] = Number(value);
    made.utc = Date.UTC(made.year, made.month - 1, made.day, made.hour, made.minute, made.second) / 1000;
    made.weekday = DAYS[new Date(made.utc * 1000).getUTCDay()];
    return made;
  }

  const time = (t) => `${two(t.hour)}:${two(t.minute)}`;
  const hours = (at, zone) => time(local(at, zone));

  function full(at, zone) {
    const t = local(at, zone);
    return `${t.weekday} ${t.year}-${two(t.month)}-${two(t.day)} ${time(t)}`;
  }

  function short(at, zone, near) {
    const t = local(at, zone);
    const year = t.year === local(near, zone).year ? "" : ` ${t.year}`;
    return `${t.weekday} ${two(t.day)} ${MONTHS[t.month - 1]}${year} ${time(t)}`;
  }

  const field = (at, zone) => {
    const t = local(at, zone);
    return `${t.year}-${two(t.month)}-${two(t.day)}T${time(t)}`;
  };

  /* 2026-11-29T03:00 in that zone.  A time that is there twice is the first; one that is skipped moves on. */
  function instant(text, zone) {
    const wall = Date.parse(`${text}Z`) / 1000;
    const as = (near) => wall - (local(near, zone).utc - near);
    const [earlier, later] = [as(wall - 86400), as(wall + 86400)];
    if (local(earlier, zone).utc === wall) return earlier;
    return local(later, zone).utc === wall ? later : earlier;
  }

  function minutes(count) {
    const [whole, rest] = [Math.floor(count / 60), count % 60];
    if (!whole) return `${rest} min`;
    return rest ? `${whole} h ${two(rest)}` : `${whole} h`;
  }

  function span(seconds) {
    const hoursAll = Math.round(seconds / 3600);
    const [days, rest] = [Math.floor(hoursAll / 24), hoursAll % 24];
    if (seconds < 5400) return `${Math.max(Math.round(seconds / 60), 0)} min`;
    return [days && `${days} d`, rest && `${rest} h`].filter(Boolean).join(" ");
  }

  return { full, short, hours, field, instant, minutes, span };
})();
