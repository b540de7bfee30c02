// Values as people read them. Whatever comes in, text comes out: an answer may hold anything.

PlexSync.part("words", (ui) => {
  "use strict";
  const { h } = ui;

  const MINUTE = 60;
  const HOUR = 3600;
  const DAY = 86400;

  /** Any value as text; nothing where there is none. */
  ui.text = function (value) {
    if (value === null || value === undefined || typeof value === "boolean") return "";
    if (Array.isArray(value)) return value.map(ui.text).join(", ");
    return typeof value === "object" ? JSON.stringify(value) : String(value);
  };

  /** A text from outside. It keeps its direction to itself: a Hebrew title does not turn what stands beside it around. */
  ui.Text = ({ children }) => h("bdi", null, ui.text(children));

  /** A whole number; 0 for what is none. */
  ui.number = (value) => (Number.isFinite(value) ? value : 0);

  /** A count with its noun: "1 scene", "12,000 scenes". */
  ui.counted = function (count, one, many) {
    return `${ui.grouped(count)} ${count === 1 ? one : many || `${one}s`}`;
  };

  ui.grouped = (count) => ui.number(count).toLocaleString("en-GB");

  /** A span in seconds: "40 s", "3 min", "2 h 5 min", "4 days". */
  ui.span = function (seconds) {
    const whole = Math.max(0, Math.round(ui.number(seconds)));
    if (whole < 2 * MINUTE) return `${whole} s`;
    if (whole < HOUR) return `${Math.floor(whole / MINUTE)} min`;
    if (whole < DAY) {
      const minutes = Math.floor((whole % HOUR) / MINUTE);
      return `${Math.floor(whole / HOUR)} h${minutes ? ` ${minutes} min` : ""}`;
    }
    return ui.counted(Math.floor(whole / DAY), "day");
  };

  /** Milliseconds since the epoch of an ISO text or of seconds since the epoch; null for what is neither. */
  ui.moment = function (at) {
    const parsed = typeof at === "number" ? at * 1000 : typeof at === "string" ? Date.parse(at) : NaN;
    return Number.isFinite(parsed) ? parsed : null;
  };

  /** How long ago, or in how long: "just now", "3 min ago", "in 40 s". */
  ui.ago = function (at) {
    const moment = ui.moment(at);
    if (moment === null) return "at an unknown time";
    const seconds = (Date.now() - moment) / 1000;
    if (Math.abs(seconds) < 5) return "just now";
    return seconds > 0 ? `${ui.span(seconds)} ago` : `in ${ui.span(-seconds)}`;
  };

  /** A point in time as people say it, with its date for the mouse and for machines. */
  ui.When = function ({ at }) {
    const moment = ui.moment(at);
    if (moment === null) return h("span", null, "unknown");
    const date = new Date(moment);
    return h("time", { dateTime: date.toISOString(), title: date.toLocaleString() }, ui.ago(at));
  };

  /** A share of 0 to 1 in percent; what is not all is never said to be 100 %. */
  ui.percent = function (share) {
    if (typeof share !== "number" || !Number.isFinite(share)) return null;
    if (share > 0.99 && share < 1) return "over 99 %";
    return `${Math.round(share * 100)} %`;
  };

  /** How sure a match is, 0 to 100, in percent; null where that is not known. */
  ui.sureness = (confidence) => (Number.isFinite(confidence) ? `${Math.round(confidence)} %` : null);

  /** What the states of a scene are called, in the order in which they are told. */
  ui.STATES = {
    synced: "Synced",
    pending: "Waiting",
    review: "For review",
    failed: "Failed",
    not_found: "Not found",
    skipped: "Left alone",
    gone: "Gone from Stash",
  };

  /** What the outcomes of an attempt are called, and how they look. */
  ui.OUTCOMES = {
    synced: ["Synced", "success"],
    unchanged: ["Already right", "success"],
    retry: ["Tried again later", "warning"],
    not_found: ["Not found in Plex", "warning"],
    review: ["For review", "warning"],
    failed: ["Failed", "danger"],
    skipped: ["Left alone", "secondary"],
    gone: ["Gone from Stash", "secondary"],
  };

  /** A text that begins as a sentence does: reasons come as parts of one. */
  ui.Sentence = function ({ children }) {
    const text = ui.text(children);
    return h("bdi", null, text.charAt(0).toUpperCase() + text.slice(1));
  };

  const QUEUED = { pending: "In the queue", scheduled: "Tried again later", "in progress": "Worked on now" };

  /** Where in the queue a scene is; nothing where it is not in it. */
  ui.Queued = function ({ queued }) {
    const words = typeof queued === "string" ? QUEUED[queued] || "In the queue" : queued === true && "In the queue";
    return words ? h(ui.Badge, { variant: "info" }, words) : null;
  };

  /** A small coloured word. */
  ui.Badge = function ({ variant, children }) {
    return h(ui.bootstrap.Badge, { variant, className: "plexsync-badge" }, children);
  };

  ui.Outcome = function ({ outcome }) {
    const [words, variant] = ui.OUTCOMES[outcome] || [ui.text(outcome) || "Unknown", "secondary"];
    return h(ui.Badge, { variant }, words);
  };

  /** How a level of doctor and of the findings is called, and how it looks. */
  ui.Level = function ({ level }) {
    const known = { ok: ["OK", "success"], warn: ["Warning", "warning"], fail: ["Problem", "danger"] };
    const [words, variant] = known[level] || [ui.text(level) || "Unknown", "secondary"];
    return h(ui.Badge, { variant }, words);
  };
});
