// ical.js on calendars: path -> [start, end, summary, status] of each event, by the file's own VTIMEZONE alone.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const require = createRequire(`${process.env.WATCHBILL_JUDGES}/package.json`);
const { default: ICAL } = await import(pathToFileURL(require.resolve("ical.js")));
const found = {};
for (const path of process.argv.slice(2)) {
  const calendar = new ICAL.Component(ICAL.parse(readFileSync(path, "utf8")));
  ICAL.TimezoneService.reset();
  ICAL.TimezoneService.register(calendar.getFirstSubcomponent("vtimezone"));
  found[path] = calendar.getAllSubcomponents("vevent").map((part) => {
    const event = new ICAL.Event(part);
    const [start, end] = [event.startDate, event.endDate].map((time) => time.toUnixTime());
    return [start, end, event.summary, part.getFirstPropertyValue("status")];
  });
}
console.log(JSON.stringify(found));
