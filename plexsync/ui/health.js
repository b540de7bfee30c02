// What `doctor` says: is everything set up right, and if not, what to do.

PlexSync.part("health", (ui) => {
  "use strict";
  const { React, h } = ui;
  const { Button } = ui.bootstrap;

  ui.Health = function () {
    const answer = ui.useAnswer("health", {});
    const rows = ui.rows(answer.result);
    const bad = rows.filter((row) => row.level !== "ok").length;
    return h(
      React.Fragment,
      null,
      h(
        "div",
        { className: "plexsync-bar" },
        h(Button, { size: "sm", variant: "secondary", disabled: answer.loading, onClick: answer.again }, "Check again"),
      ),
      answer.loading
        ? h(ui.Loading, null, "Asking Plex and Stash. This may take half a minute...")
        : h(
            ui.Answered,
            { answer, isEmpty: !rows.length, empty: "There is nothing to check." },
            h(
              "p",
              { role: "status" },
              bad ? `${ui.counted(bad, "line needs", "lines need")} you.` : "Everything is right.",
            ),
            h(ui.Rows, {
              caption: "What was checked",
              heads: ["Result", "What", "Details"],
              rows: rows.map((row, n) => ({
                key: n,
                cells: [
                  h(ui.Level, { level: row.level }),
                  h(ui.Text, null, row.name),
                  h("span", { className: "plexsync-lines" }, h(ui.Text, null, row.text)),
                ],
              })),
            }),
          ),
    );
  };
});
