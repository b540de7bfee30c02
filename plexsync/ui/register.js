// What Stash is given: a page, and additions to its own. The functions that Stash calls do nothing that can fail: one that
// throws blanks all of Stash.

PlexSync.part("register", (ui) => {
  "use strict";
  if (ui.registered) return;
  ui.registered = true;
  const { h, React } = ui;

  /** Add an element after the children of one of Stash's containers. */
  function add(container, element) {
    ui.api.patch.before(container, (props) => [
      Object.assign({}, props, { children: h(React.Fragment, null, props && props.children, element(props)) }),
    ]);
  }

  // A scene's page: a tab, and what it shows. While another tab is open, ours asks nothing.
  const SCENE_TAB = "scene-plexsync-panel";
  const { Nav, Tab } = ui.bootstrap;
  const SceneTab = ui.guarded("SceneTab");
  // A Stash before 0.28 has nothing to add the tab's content to.
  add("ScenePage.Tabs", () =>
    ui.api.components["ScenePage.TabContent"] ? h(Nav.Item, { key: "plexsync" }, h(Nav.Link, { eventKey: SCENE_TAB }, "Plex")) : null,
  );
  add("ScenePage.TabContent", (props) =>
    h(Tab.Pane, { key: "plexsync", eventKey: SCENE_TAB, mountOnEnter: true, unmountOnExit: true }, h(SceneTab, { scene: props && props.scene })),
  );

  // The settings of every plugin come this way: what is not ours is handed on as it is.
  ui.api.patch.instead("PluginSettings", (...args) => {
    const next = args.pop();
    return ui.OwnSettings && args[0] && args[0].pluginID === ui.PLUGIN
      ? h(ui.OwnSettings, { stash: args[0], next })
      : next(...args);
  });

  ui.api.register.route(ui.ROUTE, ui.guarded("Page"));
  const Icon = ui.guarded("StatusIcon", null);
  add("MainNavBar.UtilityItems", () => h(Icon, { key: "plexsync" }));
});
