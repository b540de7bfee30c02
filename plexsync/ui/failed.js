// Scenes that were given up: why, and what is to become of them.

PlexSync.part("failed", (ui) => {
  "use strict";
  const { React, h } = ui;
  const { Button } = ui.bootstrap;

  ui.Failed = function ({ snapshot }) {
    const [search, setSearch] = React.useState("");
    const settled = ui.useSettled(search);
    const mark = `${ui.text(snapshot.dead_letters)} ${ui.text(snapshot.latest_dead_letter_at)}`;
    const answer = ui.useList("failed", settled ? { search: settled } : {}, mark);
    const [chosen, setChosen] = React.useState(new Set());
    const [open, setOpen] = React.useState(null);
    const ids = answer.rows.map((row) => row.id);
    const here = ids.filter((id) => chosen.has(id));
    const all = ids.length > 0 && here.length === ids.length;
    const toggle = (id, on) =>
      setChosen((known) => {
        const next = new Set(known);
        return on ? next.add(id) : (next.delete(id), next);
      });
    const after = () => {
      setChosen(new Set());
      answer.again();
    };
    const everything = answer.total === null ? "all failed scenes" : ui.counted(answer.total, "failed scene");
    return h(
      React.Fragment,
      null,
      h(
        "div",
        { className: "plexsync-bar" },
        h(ui.Search, { value: search, onChange: setSearch, label: "Search titles and reasons" }),
        h(ui.bootstrap.Form.Check, {
          type: "checkbox",
          id: "plexsync-all",
          label: "Select all shown",
          checked: all,
          disabled: !ids.length,
          onChange: (event) => setChosen(new Set(event.target.checked ? ids : [])),
        }),
        h(
          ui.Act,
          { mode: "retry", args: { ids: here }, disabled: !here.length, after },
          here.length ? `Try the ${here.length} selected again` : "Try selected again",
        ),
        h(
          ui.Act,
          {
            mode: "discard",
            args: { ids: here },
            disabled: !here.length,
            after,
            confirm: discarding(ui.counted(here.length, "failed scene")),
          },
          here.length ? `Discard the ${here.length} selected` : "Discard selected",
        ),
        h(
          ui.Act,
          { mode: "retry", args: { all: true }, disabled: !ids.length, after, variant: "primary" },
          "Try all again",
        ),
        h(
          ui.Act,
          {
            mode: "discard",
            args: { all: true },
            disabled: !ids.length,
            after,
            variant: "danger",
            confirm: discarding(settled ? "all failed scenes, also those that the search does not show" : everything),
          },
          "Discard all",
        ),
      ),
      h(
        ui.Answered,
        { answer, isEmpty: !ids.length, empty: settled ? "No failed scene has that in it." : "Nothing has failed." },
        h(ui.Rows, {
          caption: "Scenes that were given up",
          heads: ["Chosen", "Scene", "Why", "Given up", "What to do"],
          rows: answer.rows.map((row) => ({
            key: ui.text(row.id),
            cells: [
              h("input", {
                type: "checkbox",
                "aria-label": `Select ${ui.text(row.title) || `scene ${ui.text(row.scene_id)}`}`,
                checked: chosen.has(row.id),
                onChange: (event) => toggle(row.id, event.target.checked),
              }),
              h(ui.SceneLink, { id: row.scene_id, title: row.title }),
              h(
                React.Fragment,
                null,
                h(ui.Sentence, null, row.message),
                row.queued && h("div", null, h(ui.Queued, { queued: row.queued })),
              ),
              h(
                React.Fragment,
                null,
                h(ui.When, { at: row.failed_at }),
                Number.isInteger(row.attempts) &&
                  h("div", { className: "text-muted" }, `after ${ui.counted(row.attempts, "attempt")}`),
              ),
              h(
                "div",
                { className: "plexsync-actions" },
                h(
                  ui.Act,
                  { mode: "retry", args: { ids: [row.id] }, after, label: `Try again: ${ui.text(row.title)}` },
                  "Try again",
                ),
                h(
                  ui.Act,
                  {
                    mode: "discard",
                    args: { ids: [row.id] },
                    after,
                    label: `Discard: ${ui.text(row.title)}`,
                    confirm: discarding("this failed scene"),
                  },
                  "Discard",
                ),
                h(
                  Button,
                  {
                    size: "sm",
                    variant: "secondary",
                    "aria-label": `All about: ${ui.text(row.title)}`,
                    onClick: () => setOpen(row),
                  },
                  "Details",
                ),
              ),
            ],
          })),
        }),
      ),
      h(ui.Pager, { answer, noun: "failed scene" }),
      open && h(Letter, { key: ui.text(open.id), row: open, onClose: () => setOpen(null) }),
    );
  };

  function discarding(what) {
    return {
      title: `Discard ${what}?`,
      text: "PlexSync forgets that they failed. In Plex they stay as they are until you edit them again. This cannot be undone.",
    };
  }

  /** All that is known of one, for those who look for the cause. */
  function Letter({ row, onClose }) {
    const answer = ui.useAnswer("letter", { id: row.id });
    const letter = answer.result || {};
    return h(
      ui.Details,
      { title: h(ui.Text, null, row.title || `Scene ${ui.text(row.scene_id)}`), onClose },
      h(
        ui.Answered,
        { answer },
        h("p", null, h("strong", null, h(ui.Text, null, letter.error_class)), ": ", h(ui.Text, null, letter.message)),
        letter.rating_key && h("p", null, "Item of Plex: ", h(ui.Text, null, letter.rating_key)),
        h(ui.Reasons, { reasons: letter.reasons }),
        h("h3", { className: "h6" }, "Attempts"),
        h(
          "ul",
          null,
          ui
            .list(letter.tries)
            .filter(ui.isObject)
            .map((one, n) =>
              h(
                "li",
                { key: n },
                h(ui.When, { at: one.at }),
                " ",
                h(ui.Outcome, { outcome: one.outcome }),
                " ",
                h(ui.Text, null, one.error),
              ),
            ),
        ),
        letter.traceback &&
          h(
            "details",
            null,
            h("summary", null, "For a report of a fault"),
            h("pre", { className: "plexsync-trace", dir: "ltr" }, ui.text(letter.traceback)),
          ),
      ),
    );
  }
});
