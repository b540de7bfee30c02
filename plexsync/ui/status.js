// The snapshot of the consumer, asked for once for everybody on the page who shows something of it.

PlexSync.part("status", (ui) => {
  "use strict";
  const { React } = ui;

  /** Milliseconds between two looks: while somebody watches, and otherwise. */
  const KEEN = 2000;
  const IDLE = 15000;
  /** Milliseconds without a touch of mouse, key or screen after which nobody watches. */
  const ATTENTION = 120000;

  const watchers = new Set();
  let known = { result: null, refusal: null };
  let timer = null;
  let asking = false;
  let touched = Date.now();
  let asked = 0;

  function tell(next) {
    known = next;
    for (const watcher of watchers) watcher.changed(next);
  }

  /** How soon the next look is due, in milliseconds; null where none is: nobody looks, or the page is hidden. */
  function pace() {
    if (!watchers.size || document.hidden) return null;
    const busy = Boolean(known.result && list(known.result.now).length);
    const attentive = busy || Date.now() - touched < ATTENTION;
    return attentive && [...watchers].some((one) => one.keen) ? KEEN : IDLE;
  }

  function plan() {
    clearTimeout(timer);
    timer = null;
    const due = pace();
    if (due === null || asking) return;
    timer = setTimeout(look, Math.max(0, asked + due - Date.now()));
  }

  async function look() {
    clearTimeout(timer);
    if (asking) return;
    asking = true;
    asked = Date.now();
    try {
      tell({ result: await ui.ask("status"), refusal: null });
    } catch (refusal) {
      // What was known stays on the page, under the words that it is old.
      tell({ result: known.result, refusal });
    } finally {
      asking = false;
      plan();
    }
  }

  document.addEventListener("visibilitychange", () => {
    // Whoever turns to the page again wants to know how it is now.
    if (!document.hidden) touched = Date.now();
    plan();
  });
  for (const event of ["pointermove", "pointerdown", "keydown", "scroll"]) {
    document.addEventListener(
      event,
      () => {
        const before = touched;
        touched = Date.now();
        if (before < touched - ATTENTION) plan();
      },
      { passive: true, capture: true },
    );
  }

  function list(value) {
    return Array.isArray(value) ? value : [];
  }
  ui.list = list;

  /** Look now, as after an action; what is asked already is asked once more afterwards. */
  ui.lookNow = function () {
    asked = 0;
    if (!asking) plan();
  };

  /**
   * The latest `{result, refusal}`; both null until the first answer. `keen` for those that a person watches: every 2 s,
   * else every 15 s; never while the page is hidden or nobody uses this.
   */
  ui.useStatus = function (keen) {
    const [state, setState] = React.useState(known);
    React.useEffect(() => {
      const watcher = { changed: setState, keen: Boolean(keen) };
      watchers.add(watcher);
      setState(known);
      plan();
      return () => {
        watchers.delete(watcher);
        plan();
      };
    }, [keen]);
    return state;
  };

  /** How it is going, in one word and one sentence: `level` is ok, warn or fail, or unknown before the first answer. */
  ui.condition = function ({ result, refusal }) {
    if (refusal) return { level: "fail", text: refusal.message, attention: 0 };
    if (!result) return { level: "unknown", text: "PlexSync", attention: 0 };
    const life = ui.isObject(result.life) ? result.life : {};
    const attention = Number.isInteger(result.attention) && result.attention > 0 ? result.attention : 0;
    if (life.state === "setting_up") return { level: "warn", text: "PlexSync is being set up", attention };
    if (life.state === "needs_settings") return { level: "fail", text: "PlexSync needs settings", attention };
    if (life.state !== "running") return { level: "fail", text: "PlexSync does not run", attention };
    const level = ["ok", "warn", "fail"].includes(result.level) ? result.level : "warn";
    const waiting = attention ? `, ${attention === 1 ? "1 scene needs" : `${attention} scenes need`} you` : "";
    const words = { ok: "PlexSync is fine", warn: "PlexSync works, with warnings", fail: "PlexSync has a problem" };
    return { level, text: words[level] + waiting, attention };
  };
});
