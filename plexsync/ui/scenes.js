// Scenes by state, with why each is where it is.

PlexSync.part("scenes", (ui) => {
  "use strict";
  const { React, h } = ui;
  const { Form } = ui.bootstrap;

  /** The scenes that Plex has no item for. */
  ui.NotFound = function ({ snapshot }) {
    return h(
      React.Fragment,
      null,
      h(
        "p",
        null,
        "Plex has no item for these scenes yet. PlexSync looks for them again by itself, and whenever Plex has something new.",
      ),
      h(Scenes, { state: "not_found", snapshot, empty: "PlexSync has found every scene in Plex." }),
    );
  };

  /** Scenes in any state, chosen by the address (`state`), so that a list can be linked to. */
  ui.Scenes = function ({ snapshot, params, go }) {
    const asked = params.get("state") || "";
    const state = ui.STATES[asked] ? asked : "";
    return h(
      React.Fragment,
      null,
      h(
        Form.Group,
        { controlId: "plexsync-state", className: "plexsync-bar" },
        h(Form.Label, null, "Scenes that are"),
        h(
          Form.Control,
          {
            as: "select",
            value: state,
            className: "plexsync-select",
            onChange: (event) => go({ tab: "scenes", state: event.target.value }),
          },
          h("option", { value: "" }, "in any state"),
          Object.entries(ui.STATES).map(([key, words]) => h("option", { key, value: key }, words)),
        ),
      ),
      h(Scenes, { key: state, state, snapshot, empty: "There is no such scene." }),
    );
  };

  function Scenes({ state, snapshot, empty }) {
    const [search, setSearch] = React.useState("");
    const settled = ui.useSettled(search);
    const args = { ...(state ? { state } : {}), ...(settled ? { search: settled } : {}) };
    const answer = ui.useList(
      "scenes",
      args,
      ui.text(state && ui.isObject(snapshot.scenes) ? snapshot.scenes[state] : ""),
    );
    const ids = answer.rows.map((row) => row.scene_id);
    return h(
      React.Fragment,
      null,
      h(
        "div",
        { className: "plexsync-bar" },
        h(ui.Search, { value: search, onChange: setSearch, label: "Search titles and files" }),
        h(
          ui.Act,
          { mode: "sync", args: { scene_ids: ids }, disabled: !ids.length, after: answer.again },
          ids.length ? `Sync the ${ui.counted(ids.length, "scene")} shown` : "Sync those shown",
        ),
      ),
      h(
        ui.Answered,
        { answer, isEmpty: !ids.length, empty: settled ? "No scene here has that in it." : empty },
        h(ui.Rows, {
          caption: ui.STATES[state] ? `Scenes: ${ui.STATES[state]}` : "Scenes",
          heads: ["Scene", ...(state ? [] : ["State"]), "Why", "Last synced", "What to do"],
          rows: answer.rows.map((row) => ({
            key: ui.text(row.scene_id),
            cells: [
              h(
                React.Fragment,
                null,
                h(ui.SceneLink, { id: row.scene_id, title: row.title }),
                row.file && h("div", { className: "plexsync-path text-muted" }, h(ui.Text, null, row.file)),
              ),
              ...(state ? [] : [ui.STATES[row.state] || ui.text(row.state)]),
              h(Why, { row }),
              row.synced_at ? h(ui.When, { at: row.synced_at }) : "never",
              h(
                React.Fragment,
                null,
                h(
                  "div",
                  { className: "plexsync-actions" },
                  h(ui.Queued, { queued: row.queued }),
                  h(
                    ui.Act,
                    {
                      mode: "sync",
                      args: { scene_ids: [row.scene_id] },
                      after: answer.again,
                      label: `Sync now: ${ui.text(row.title) || `scene ${ui.text(row.scene_id)}`}`,
                    },
                    "Sync now",
                  ),
                ),
              ),
            ],
          })),
        }),
      ),
      h(ui.Pager, { answer, noun: "scene" }),
    );
  }

  function Why({ row }) {
    const notes = ui.list(row.notes).map(ui.text).filter(Boolean);
    if (row.last_error) return h(ui.Sentence, null, row.last_error);
    const sure = ui.sureness(row.confidence);
    return h(
      React.Fragment,
      null,
      row.rating_key && h("div", null, "Item ", h(ui.Text, null, row.rating_key), sure && ` (${sure} sure)`),
      h(ui.Reasons, { reasons: row.reasons }),
      notes.length > 0 &&
        h(
          "ul",
          { className: "plexsync-reasons" },
          notes.map((one, n) => h("li", { key: n }, h(ui.Text, null, one))),
        ),
    );
  }
});
