// What came of the last events, and the way of each from the hook to Plex.

PlexSync.part("activity", (ui) => {
  "use strict";
  const { React, h } = ui;
  const { Button } = ui.bootstrap;

  ui.Activity = function ({ snapshot }) {
    const [open, setOpen] = React.useState(null);
    const scenes = ui.isObject(snapshot.scenes) ? snapshot.scenes : {};
    const mark = `${ui.text(snapshot.last_success_at)} ${Object.values(scenes).map(ui.text).join(" ")}`;
    const answer = ui.useList("activity", {}, mark);
    return h(
      React.Fragment,
      null,
      h(
        ui.Answered,
        {
          answer,
          isEmpty: !answer.rows.length,
          empty: "Nothing has happened yet. Edit a scene in Stash, and it shows here.",
        },
        h(ui.Rows, {
          caption: "What happened, the newest first",
          heads: ["When", "Scene", "What", "How"],
          rows: answer.rows.map((row) => {
            const title = ui.text(row.title) || `scene ${ui.text(row.scene_id)}`;
            // The text mostly names them already.
            const fields = ui
              .list(row.fields)
              .map(ui.text)
              .filter((one) => one && !ui.text(row.text).includes(one));
            return {
              key: ui.text(row.id),
              cells: [
                h(ui.When, { at: row.at }),
                h(ui.SceneLink, { id: row.scene_id, title: row.title }),
                h(
                  React.Fragment,
                  null,
                  h(ui.Outcome, { outcome: row.outcome }),
                  " ",
                  h(ui.Sentence, null, row.text),
                  fields.length > 0 && h("div", { className: "text-muted" }, h(ui.Text, null, fields)),
                ),
                h(
                  Button,
                  {
                    size: "sm",
                    variant: "secondary",
                    "aria-label": `How it went: ${title}`,
                    onClick: () => setOpen(row),
                  },
                  "How it went",
                ),
              ],
            };
          }),
        }),
      ),
      h(ui.Pager, { answer, noun: "event" }),
      open && h(Way, { key: ui.text(open.id), row: open, onClose: () => setOpen(null) }),
    );
  };

  function Way({ row, onClose }) {
    const answer = ui.useAnswer("trace", { id: row.id });
    const steps = ui.list(answer.result && answer.result.steps).filter(ui.isObject);
    const events = ui.list(row.events).map(ui.text).filter(Boolean);
    return h(
      ui.Details,
      {
        title: h(
          React.Fragment,
          null,
          "From Stash to Plex: ",
          h(ui.Text, null, row.title || `scene ${ui.text(row.scene_id)}`),
        ),
        onClose,
      },
      h(
        ui.Answered,
        { answer, isEmpty: !steps.length, empty: "Nothing more is known of it." },
        events.length > 0 &&
          h("p", { className: "text-muted" }, "Known in Stash's log and PlexSync's as ", h(ui.Text, null, events), "."),
        h(
          "ol",
          { className: "plexsync-way" },
          steps.map((one, n) =>
            h(
              "li",
              { key: n },
              h("strong", null, h(ui.Sentence, null, one.what)),
              " ",
              one.at && h("span", { className: "text-muted" }, h(ui.When, { at: one.at })),
              one.text && h("div", null, h(ui.Sentence, null, one.text)),
            ),
          ),
        ),
      ),
    );
  }
});
