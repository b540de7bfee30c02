// What components ask with: one answer, a list in pages, an action. What comes in after a component has gone, or after it
// has asked for something else, is dropped.

PlexSync.part("answers", (ui) => {
  "use strict";
  const { React } = ui;

  /**
   * The answer to a question: `{result, refusal, loading, again}`. It is asked anew when `mode`, `args` or `mark` (a text)
   * change. Until the new answer is there the last one stays, with `loading` true: a component that is to show nothing
   * old meanwhile gets a `key`.
   */
  ui.useAnswer = function (mode, args, mark) {
    const asked = JSON.stringify(args || {});
    const [state, setState] = React.useState({ result: null, refusal: null, loading: true });
    const [round, setRound] = React.useState(0);
    React.useEffect(() => {
      let gone = false;
      const keep = (next) => !gone && setState({ loading: false, ...next });
      setState((known) => ({ ...known, loading: true }));
      ui.ask(mode, JSON.parse(asked)).then(
        (result) => keep({ result, refusal: null }),
        (refusal) => keep({ result: null, refusal }),
      );
      return () => {
        gone = true;
      };
    }, [mode, asked, mark, round]);
    const again = React.useCallback(() => setRound((known) => known + 1), []);
    return { ...state, again };
  };

  /** The rows of an answer that are rows. */
  ui.rows = (result) => ui.list(result && result.rows).filter(ui.isObject);

  /**
   * A list in pages: as `useAnswer`, with `rows`, `total` (null where it is not told), `page` (from 1), and `next` and
   * `previous` to turn to, null at the ends. Another question begins at its first page.
   */
  ui.useList = function (mode, args, mark) {
    const of = `${mode} ${JSON.stringify(args || {})}`;
    const [turned, setTurned] = React.useState({ of, cursors: [null] });
    const cursors = turned.of === of ? turned.cursors : [null];
    const cursor = cursors[cursors.length - 1];
    const answer = ui.useAnswer(mode, cursor === null ? args : { ...args, cursor }, mark);
    const following = answer.result && ui.text(answer.result.next);
    const rows = ui.rows(answer.result);
    const empty = Boolean(answer.result) && !answer.loading && !rows.length && cursors.length > 1;
    React.useEffect(() => {
      // Its last row was dealt with: what is left is on the page before.
      if (empty) setTurned({ of, cursors: cursors.slice(0, -1) });
    }, [empty]);
    return {
      ...answer,
      rows,
      total: answer.result && Number.isInteger(answer.result.total) ? answer.result.total : null,
      page: cursors.length,
      next: following ? () => setTurned({ of, cursors: [...cursors, following] }) : null,
      previous: cursors.length > 1 ? () => setTurned({ of, cursors: cursors.slice(0, -1) }) : null,
    };
  };

  const silent = { success() {}, error: (text) => console.error(text) };

  /**
   * `[act, busy]`: `act(mode, args)` carries an action out, tells in a toast what came of it, and gives its result, or null
   * where it failed. `busy` while one is under way.
   */
  ui.useAction = function () {
    const toast = ui.api.hooks && ui.api.hooks.useToast ? ui.api.hooks.useToast() : silent;
    const [busy, setBusy] = React.useState(false);
    const mounted = React.useRef(true);
    React.useEffect(() => {
      mounted.current = true;
      return () => {
        mounted.current = false;
      };
    }, []);
    async function act(mode, args) {
      setBusy(true);
      try {
        const result = await ui.ask(mode, args);
        toast.success(ui.text(result.text) || "Done.");
        return result;
      } catch (refusal) {
        toast.error([refusal.message, refusal.remedy].filter(Boolean).join(" "));
        return null;
      } finally {
        if (mounted.current) setBusy(false);
        ui.lookNow();
      }
    }
    return [act, busy];
  };

  /** The value, once it has not changed for a moment: typing asks no question for each letter. */
  ui.useSettled = function (value) {
    const [settled, setSettled] = React.useState(value);
    React.useEffect(() => {
      const timer = setTimeout(() => setSettled(value), 300);
      return () => clearTimeout(timer);
    }, [value]);
    return settled;
  };
});
