// The page: a note where something is wrong, and a tab for each thing that people come for. The tab stands in the address
// (?tab=failed), so that it can be linked to and stays after a reload.

PlexSync.part("page", (ui) => {
  "use strict";
  const { React, h } = ui;
  const { Nav, Tab } = ui.bootstrap;

  const TABS = [
    ["overview", "Overview", "Overview"],
    ["failed", "Failed", "Failed", "failed"],
    ["review", "Review", "Review", "review"],
    ["not_found", "Not found", "NotFound", "not_found"],
    ["scenes", "All scenes", "Scenes"],
    ["activity", "Activity", "Activity"],
    ["health", "Health", "Health"],
  ].map(([key, words, name, state]) => ({ key, words, state, Content: ui.guarded(name) }));

  const Banner = ui.guarded("Life");

  ui.Page = function () {
    const status = ui.useStatus(true);
    const history = ui.router.useHistory();
    const params = new URLSearchParams(ui.router.useLocation().search);
    const asked = params.get("tab");
    const active = TABS.some((one) => one.key === asked) ? asked : "overview";
    const snapshot = ui.isObject(status.result) ? status.result : {};
    const scenes = ui.isObject(snapshot.scenes) ? snapshot.scenes : {};
    const go = (next) => history.push(`${ui.ROUTE}?${new URLSearchParams(next)}`);
    const waits = !status.result && !status.refusal;
    React.useEffect(() => {
      const before = document.title;
      document.title = "PlexSync | Stash";
      return () => {
        document.title = before;
      };
    }, []);
    return h(
      "main",
      { className: "plexsync" },
      h(
        "header",
        { className: "plexsync-header" },
        h("h1", { className: "h3" }, "PlexSync"),
        h(Instances, { names: snapshot.instances }),
        h(ui.router.Link, { to: "/settings?tab=plugins" }, "Settings"),
      ),
      h(Condition, { status }),
      h(Banner, { status }),
      h(
        Tab.Container,
        { activeKey: active, onSelect: (key) => key && go({ tab: key }), id: "plexsync-tabs", transition: false },
        h(
          Nav,
          { variant: "tabs", "aria-label": "PlexSync" },
          TABS.map(({ key, words, state }) =>
            h(
              Nav.Item,
              { key },
              h(
                Nav.Link,
                { eventKey: key, as: "button", type: "button" },
                words,
                state &&
                  ui.number(scenes[state]) > 0 &&
                  h(
                    React.Fragment,
                    null,
                    " ",
                    h(ui.Badge, { variant: state === "failed" ? "danger" : "secondary" }, ui.grouped(scenes[state])),
                  ),
              ),
            ),
          ),
        ),
        h(
          Tab.Content,
          null,
          TABS.map(({ key, Content }) =>
            h(
              Tab.Pane,
              { key, eventKey: key, mountOnEnter: true, unmountOnExit: true },
              active === key && (waits ? h(ui.Loading) : h(Content, { snapshot, params, go })),
            ),
          ),
        ),
      ),
    );
  };

  /** Which Plex server is looked at, where there are several. */
  function Instances({ names }) {
    if (!Array.isArray(names) || names.length < 2) return null;
    const choose = (event) => ui.instance.choose(event.target.value);
    return h(
      "label",
      { className: "plexsync-instances" },
      "Instance ",
      h(
        "select",
        { className: "form-control input-control", value: ui.instance.get(), onChange: choose },
        names.filter((one) => typeof one === "string").map((one) => h("option", { key: one, value: one }, one)),
      ),
    );
  }

  /** How it is going, in words that a screen reader tells when they change. */
  function Condition({ status }) {
    const { level, text } = ui.condition(status);
    return h(
      "p",
      { role: "status", className: "plexsync-condition text-muted" },
      h("span", { className: `plexsync-dot plexsync-${level}`, "aria-hidden": true }),
      level === "unknown" ? "Loading..." : text,
    );
  }
});
