// The first tab: is it running, how far is it, what needs a person.

PlexSync.part("overview", (ui) => {
  "use strict";
  const { React, h } = ui;
  const { Button, Card } = ui.bootstrap;

  /** What is asked before all scenes are synced. */
  const ALL = {
    title: "Sync all scenes?",
    text: "PlexSync looks at every scene in Stash. Only what differs is written to Plex. You can cancel it.",
  };

  const runs = (snapshot) => ui.isObject(snapshot.life) && snapshot.life.state === "running";

  /** Which tab lists the scenes of a state. */
  function listOf(state) {
    const own = { failed: "failed", review: "review", not_found: "not_found" };
    return own[state] ? `?tab=${own[state]}` : `?tab=scenes&state=${state}`;
  }

  function Box({ title, children, className }) {
    return h(
      Card,
      { as: "section", className: `plexsync-box ${className || ""}`, "aria-label": title },
      h(Card.Body, null, h("h2", { className: "h5" }, title), children),
    );
  }

  ui.Overview = function ({ snapshot }) {
    const known = ui.isObject(snapshot) ? snapshot : {};
    if (!ui.isObject(known.scenes)) {
      const why = runs(known) ? "PlexSync counts its scenes." : "PlexSync has not run here.";
      return h(
        React.Fragment,
        null,
        h(Running, { snapshot: known }),
        h(ui.Empty, null, `There is nothing to show yet: ${why}`),
      );
    }
    return h(
      React.Fragment,
      null,
      h(Running, { snapshot: known }),
      h(First, { snapshot: known }),
      h(Findings, { findings: known.findings }),
      h(Now, { now: known.now, done: known.done }),
      h(
        "div",
        { className: "plexsync-boxes" },
        h(Scenes, { scenes: known.scenes }),
        h(Queue, { queue: known.queue, oldest: known.oldest_pending_s }),
        h(Success, { rate: known.success_rate, chart: known.chart, last: known.last_success_at }),
        h(Statistics, { statistics: known.statistics }),
        h(Services, { snapshot: known }),
        h(Compared, { reconcile: known.reconcile }),
        h(Preview, { preview: known.preview }),
      ),
      h(Todo, { running: runs(known) }),
    );
  };

  function Running({ snapshot }) {
    if (!runs(snapshot)) return null;
    const waits =
      snapshot.state === "waiting_for_stash"
        ? " It waits for Stash."
        : snapshot.state === "stopping"
          ? " It is stopping."
          : snapshot.state === "waiting_for_database"
            ? " It waits for its database."
            : snapshot.state === "standby"
              ? " Another consumer works; it waits."
              : "";
    return h(
      "p",
      { className: "plexsync-running" },
      "Running since ",
      h(ui.When, { at: snapshot.since }),
      snapshot.version && h(React.Fragment, null, ", version ", h(ui.Text, null, snapshot.version)),
      ".",
      waits,
    );
  }

  /** Where it has just been installed: nothing happens to the scenes that Stash had before until somebody says so. */
  function First({ snapshot }) {
    const some = Object.values(snapshot.scenes).some((count) => ui.number(count) > 0);
    if (some || !runs(snapshot) || ui.list(snapshot.now).length) return null;
    return h(
      ui.Note,
      { level: "ok", title: "No scene is in PlexSync's care yet" },
      h("p", null, "What you edit in Stash from now on is carried to Plex. For the scenes that Stash has already:"),
      h(
        "div",
        { className: "plexsync-actions" },
        h(ui.Act, { mode: "preview", variant: "primary" }, "Preview what would change"),
        h(ui.Act, { mode: "sync", args: { all: true }, variant: "primary", confirm: ALL }, "Sync all scenes"),
      ),
    );
  }

  function Findings({ findings }) {
    const known = ui.list(findings).filter(ui.isObject);
    if (!known.length) return null;
    return h(
      Box,
      { title: "What needs you" },
      h(
        "ul",
        { className: "plexsync-plain" },
        known.map((one, n) =>
          h(
            "li",
            { key: n },
            h(ui.Level, { level: one.level }),
            " ",
            h("strong", null, h(ui.Text, null, one.name)),
            " ",
            h(ui.Text, null, one.text),
            one.remedy && h("div", { className: "text-muted" }, h(ui.Text, null, one.remedy)),
            // Stash got a password while the consumer ran.
            ui.text(one.text).includes(ui.KEY_SETTING) && h(ui.LetIn),
          ),
        ),
      ),
    );
  }

  function Now({ now, done }) {
    const running = ui.list(now).filter(ui.isObject);
    const ended = ui.list(done).filter(ui.isObject);
    if (!running.length && !ended.length) return null;
    return h(
      Box,
      { title: "What runs now" },
      !running.length && h(ui.Empty, null, "Nothing at the moment."),
      running.map((one, n) => h(Progress, { key: ui.text(one.id) || n, one })),
      ended.length > 0 && h("h3", { className: "h6" }, "Done lately"),
      ended.length > 0 &&
        h(
          "ul",
          { className: "plexsync-plain" },
          ended.map((one, n) =>
            h(
              "li",
              { key: n },
              h(ui.Level, { level: one.ok === false ? "fail" : "ok" }),
              " ",
              h(ui.Text, null, one.text),
              " ",
              h("span", { className: "text-muted" }, h(ui.When, { at: one.at })),
            ),
          ),
        ),
    );
  }

  function Progress({ one }) {
    const done = ui.number(one.done);
    const of = ui.number(one.of);
    const text = ui.text(one.text);
    const share = of > 0 ? Math.min(100, (100 * done) / of) : 100;
    const words = [
      of > 0 ? `${ui.grouped(done)} of ${ui.grouped(of)}` : done > 0 && ui.grouped(done),
      Number.isFinite(one.left_s) && `about ${ui.span(one.left_s)} left`,
    ].filter(Boolean);
    return h(
      "div",
      { className: "plexsync-progress" },
      h("div", null, h(ui.Text, null, text), words.length > 0 && `: ${words.join(", ")}`),
      // As Bootstrap's own, which lets nobody name it.
      h(
        "div",
        { className: "progress" },
        h("div", {
          className: `progress-bar${of > 0 ? "" : " progress-bar-striped progress-bar-animated"}`,
          role: "progressbar",
          "aria-label": text || "Progress",
          "aria-valuenow": Math.round(share),
          "aria-valuemin": 0,
          "aria-valuemax": 100,
          style: { width: `${share}%` },
        }),
      ),
      one.can_cancel === true &&
        h(ui.Act, { mode: "cancel", args: { id: one.id }, label: `Cancel: ${text}` }, "Cancel"),
    );
  }

  function Scenes({ scenes }) {
    return h(
      Box,
      { title: "Scenes" },
      h(
        "ul",
        { className: "plexsync-counts" },
        Object.entries(ui.STATES)
          .filter(([state]) => !["skipped", "gone"].includes(state) || ui.number(scenes[state]) > 0)
          .map(([state, words]) =>
            h(
              "li",
              { key: state },
              h(
                ui.router.Link,
                { to: `${ui.ROUTE}${listOf(state)}`, className: `plexsync-count-${state}` },
                h("span", { className: "plexsync-figure" }, ui.grouped(scenes[state])),
                " ",
                words,
              ),
            ),
          ),
      ),
    );
  }

  /** What the last month came to; the command shows other spans. */
  function Statistics({ statistics }) {
    const month = ui.isObject(statistics) && ui.isObject(statistics["30d"]) ? statistics["30d"] : {};
    const outcomes = ui.isObject(month.outcomes) ? month.outcomes : {};
    const latency = ui.isObject(month.latency_s) ? month.latency_s : {};
    const outages = ui.isObject(month.outages) ? month.outages : {};
    if (!Object.values(outcomes).some((count) => ui.number(count) > 0)) return null;
    const within = (seconds) =>
      seconds < 60 ? `within ${ui.number(seconds).toFixed(1)} seconds` : `within ${ui.span(seconds)}`;
    return h(
      Box,
      { title: "The last 30 days" },
      h(Facts, {
        rows: [
          ["Synced", ui.grouped(outcomes.synced)],
          ["Given up", ui.grouped(outcomes.failed)],
          Number.isFinite(latency.median) && ["Half of edits in Plex", within(latency.median)],
          Number.isFinite(latency.p95) && ["95 % of edits in Plex", within(latency.p95)],
          Number.isFinite(month.requests_per_scene) && [
            "Requests to Plex per scene",
            month.requests_per_scene.toFixed(1),
          ],
          [
            "Outages",
            ui.number(outages.count) > 0 ? `${ui.grouped(outages.count)}, ${ui.span(outages.seconds)}` : "none",
          ],
        ],
      }),
    );
  }

  function Facts({ rows }) {
    return h(
      "dl",
      { className: "plexsync-facts" },
      rows
        .filter(Boolean)
        .map(([name, value]) => h(React.Fragment, { key: name }, h("dt", null, name), h("dd", null, value))),
    );
  }

  function Queue({ queue, oldest }) {
    const known = ui.isObject(queue) ? queue : {};
    return h(
      Box,
      { title: "Queue" },
      h(Facts, {
        rows: [
          ["Waiting", ui.grouped(known.pending)],
          ["Worked on now", ui.grouped(known.in_progress)],
          [
            "Tried again later",
            h(
              React.Fragment,
              null,
              ui.grouped(known.scheduled),
              known.next_try_at && h(React.Fragment, null, ", the next ", h(ui.When, { at: known.next_try_at })),
            ),
          ],
          ["Longest wait", Number.isFinite(oldest) ? ui.span(oldest) : "nothing waits"],
          ui.number(known.set_aside) > 0 && ["Set aside, unreadable", ui.grouped(known.set_aside)],
        ],
      }),
    );
  }

  function Success({ rate, chart, last }) {
    const [span, setSpan] = React.useState("hour");
    const known = ui.isObject(rate) ? rate : {};
    const bars = ui.isObject(chart) ? ui.list(chart[span]).filter(ui.isObject) : [];
    const share = (value) => ui.percent(value) || "no attempts";
    return h(
      Box,
      { title: "Success" },
      h(Facts, {
        rows: [
          ["Last hour", share(known["1h"])],
          ["Last day", share(known["24h"])],
          ["Last success", last ? h(ui.When, { at: last }) : "none yet"],
        ],
      }),
      h(
        "div",
        { role: "group", "aria-label": "What the chart shows", className: "plexsync-choice" },
        [
          ["hour", "Hour"],
          ["day", "Day"],
        ].map(([key, words]) =>
          h(
            Button,
            {
              key,
              size: "sm",
              variant: "secondary",
              active: span === key,
              "aria-pressed": span === key,
              onClick: () => setSpan(key),
            },
            words,
          ),
        ),
      ),
      h(Chart, { bars, span }),
    );
  }

  function Chart({ bars, span }) {
    const synced = bars.map((one) => Math.max(0, ui.number(one.synced)));
    const failed = bars.map((one) => Math.max(0, ui.number(one.failed)));
    const sum = (values) => values.reduce((all, one) => all + one, 0);
    const most = Math.max(1, ...bars.map((_, n) => synced[n] + failed[n]));
    const words = `Last ${span}: ${ui.counted(sum(synced), "success", "successes")}, ${ui.counted(sum(failed), "failure")}`;
    const bar = (n, from, height, name) =>
      h("rect", {
        key: `${name}${n}`,
        className: `plexsync-bar-${name}`,
        x: n * 10 + 1,
        y: 40 - from - height,
        width: 8,
        height,
      });
    return h(
      "figure",
      { className: "plexsync-chart" },
      h(
        "svg",
        {
          role: "img",
          "aria-label": words,
          viewBox: `0 0 ${Math.max(1, bars.length) * 10} 40`,
          preserveAspectRatio: "none",
        },
        bars.map((_, n) => [
          bar(n, 0, (40 * synced[n]) / most, "synced"),
          bar(n, (40 * synced[n]) / most, (40 * failed[n]) / most, "failed"),
        ]),
      ),
      h("figcaption", { className: "text-muted" }, words),
    );
  }

  function Services({ snapshot }) {
    const line = (service) => {
      if (!ui.isObject(service) || typeof service.up !== "boolean") return "not known yet";
      return h(
        React.Fragment,
        null,
        h(ui.Badge, { variant: service.up ? "success" : "danger" }, service.up ? "Up" : "Down"),
        service.since && h(React.Fragment, null, " since ", h(ui.When, { at: service.since })),
        service.cause && h("div", { className: "text-muted" }, h(ui.Text, null, service.cause)),
      );
    };
    return h(
      Box,
      { title: "Plex and Stash" },
      h(Facts, {
        rows: [
          ["Plex", line(snapshot.plex)],
          ["Stash", line(snapshot.stash)],
        ],
      }),
    );
  }

  function Compared({ reconcile }) {
    const known = ui.isObject(reconcile) ? reconcile : {};
    return h(
      Box,
      { title: "Compared" },
      h(Facts, {
        rows: [
          ["Everything was compared", known.last_at ? h(ui.When, { at: known.last_at }) : "never yet"],
          known.last_at && ["Scenes", ui.grouped(known.scenes)],
          known.last_at && ["Synced again", ui.grouped(known.queued)],
        ],
      }),
    );
  }

  function Preview({ preview }) {
    if (!ui.isObject(preview)) return null;
    const counts = ui.isObject(preview.counts) ? Object.entries(preview.counts) : [];
    const examples = ui.list(preview.examples).filter(ui.isObject).slice(0, 20);
    return h(
      Box,
      { title: "Preview", className: "plexsync-wide" },
      h(
        "p",
        null,
        h(ui.Text, null, preview.text),
        " ",
        preview.at && h("span", { className: "text-muted" }, h(ui.When, { at: preview.at })),
      ),
      counts.length > 0 && h(Facts, { rows: counts.map(([words, count]) => [words, ui.grouped(count)]) }),
      examples.length > 0 &&
        h(
          "ul",
          null,
          examples.map((one, n) =>
            h(
              "li",
              { key: n },
              h(ui.SceneLink, { id: one.scene_id, title: one.title }),
              ": ",
              h(ui.Text, null, one.text),
            ),
          ),
        ),
    );
  }

  /** What a person may start here. */
  function Todo({ running }) {
    const [full, setFull] = React.useState(false);
    return h(
      Box,
      { title: "What you can do" },
      h(
        "div",
        { className: "plexsync-actions" },
        h(ui.Act, { mode: "sync_recent", args: { hours: 24 } }, "Sync what changed in the last day"),
        h(
          ui.Act,
          {
            mode: "sync",
            args: { all: true },
            confirm: ALL,
          },
          "Sync all scenes",
        ),
        h(ui.Act, { mode: "preview" }, "Preview: what would change?"),
        h(ui.Act, { mode: "reconcile", args: full ? { full: true } : {} }, "Compare everything"),
        h(ui.bootstrap.Form.Check, {
          type: "checkbox",
          id: "plexsync-full",
          label: "and read every item of Plex anew",
          checked: full,
          onChange: (event) => setFull(event.target.checked),
        }),
        h(ui.Act, { mode: "report" }, "Make a report"),
        running && h(ui.Act, { mode: "restart" }, "Restart PlexSync"),
        running &&
          h(
            ui.Act,
            {
              mode: "stop",
              confirm: {
                title: "Stop PlexSync?",
                text: "Nothing is carried to Plex until you start it again. Your edits in Stash are kept meanwhile.",
              },
            },
            "Stop PlexSync",
          ),
      ),
    );
  }
});
