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

  ui.api.register.route(ui.ROUTE, ui.guarded("Page"));
  const Icon = ui.guarded("StatusIcon", null);
  add("MainNavBar.UtilityItems", () => h(Icon, { key: "plexsync" }));
});
