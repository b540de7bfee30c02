// Where no consumer works: what is wrong, the button that starts one, and words for those who run it elsewhere.

PlexSync.part("life", (ui) => {
  "use strict";
  const { h } = ui;

  const TITLES = {
    setting_up: "PlexSync is being set up",
    needs_settings: "PlexSync needs settings",
    stopped: "PlexSync is stopped",
    dead: "PlexSync does not run any more",
    never_started: "PlexSync has not been started yet",
    cannot_start: "PlexSync cannot be started here",
  };

  /** A note above all tabs; nothing where the consumer runs. `status` is what `ui.useStatus` gives. */
  ui.Life = function ({ status }) {
    const { result, refusal } = status;
    if (refusal) return h(Unreachable, { refusal, stale: Boolean(result) });
    if (!result) return null;
    const life = ui.isObject(result.life) ? result.life : {};
    if (life.state === "running") return null;
    const settling = life.state === "setting_up";
    return h(
      ui.Note,
      {
        level: settling ? "warn" : "fail",
        title: TITLES[life.state] || "PlexSync does not run",
        role: settling ? "status" : "alert",
      },
      life.text && h("p", null, h(ui.Text, null, life.text)),
      life.remedy && h("p", null, h(ui.Text, null, life.remedy)),
      life.state === "needs_settings"
        ? h(Faults, { faults: result.settings_faults })
        : h("p", null, "Your edits in Stash are kept meanwhile, and carried to Plex once it runs."),
      life.can_start && h(ui.Act, { mode: "start", variant: "primary" }, "Start PlexSync"),
      !settling && life.state !== "needs_settings" && h(Elsewhere),
    );
  };

  function Unreachable({ refusal, stale }) {
    return h(
      ui.Note,
      { level: "fail", title: "This page has no news", role: "alert" },
      h("p", null, h(ui.Text, null, refusal.message)),
      refusal.remedy && h("p", null, h(ui.Text, null, refusal.remedy)),
      stale && h("p", null, "What stands below is what was known last."),
    );
  }

  function Faults({ faults }) {
    const known = ui.list(faults).filter(ui.isObject);
    return h(
      "div",
      null,
      known.length > 0 &&
        h(
          "ul",
          null,
          known.map((one, n) =>
            h(
              "li",
              { key: n },
              h("strong", null, h(ui.Text, null, one.setting)),
              " ",
              h(ui.Text, null, one.problem),
              // Some problems end as sentences do, others lead over to what to do.
              one.remedy && (/[.!?]$/.test(ui.text(one.problem)) ? " " : ": "),
              one.remedy && h(ui.Text, null, one.remedy),
            ),
          ),
        ),
      h(
        "div",
        { className: "plexsync-actions" },
        known.some((one) => one.setting === ui.KEY_SETTING) && h(ui.LetIn),
        !(known.length && known.every((one) => one.setting === ui.KEY_SETTING)) &&
          h(ui.router.Link, { className: "btn btn-primary btn-sm", to: "/settings?tab=plugins" }, "Open the settings"),
      ),
    );
  }

  /** Stash can start a process of its own machine only. */
  function Elsewhere() {
    return h(
      "details",
      null,
      h("summary", null, "It runs as a service, or in a container of its own"),
      h("p", null, "Stash cannot start that one. On the machine that runs it:"),
      h(
        "ul",
        null,
        h(
          "li",
          null,
          "Docker: ",
          h("code", null, "docker compose up -d plexsync"),
          ", and ",
          h("code", null, "docker compose logs plexsync"),
          " says why it ended",
        ),
        h(
          "li",
          null,
          "systemd: ",
          h("code", null, "sudo systemctl restart plexsync"),
          ", and ",
          h("code", null, "journalctl -u plexsync"),
          " says why it ended",
        ),
      ),
    );
  }
});
