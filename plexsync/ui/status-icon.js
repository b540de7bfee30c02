// The icon in Stash's navigation bar: green, amber or red, and how many scenes need a person. Stash shows it twice (in its
// bar and in its menu), so it has no id.

PlexSync.part("status icon", (ui) => {
  "use strict";
  const { h } = ui;

  ui.StatusIcon = function () {
    const { level, text, attention } = ui.condition(ui.useStatus(false));
    return h(
      ui.router.NavLink,
      // The classes of Stash's own buttons there, so that themes find it.
      { className: "nav-utility minimal btn btn-primary plexsync-icon", to: ui.ROUTE, "aria-label": text, title: text },
      h(ui.Icon, { name: "faArrowsRotate" }),
      h("span", { className: `plexsync-dot plexsync-${level}`, "aria-hidden": true }),
      attention > 0 &&
        h("span", { className: "plexsync-count", "aria-hidden": true }, attention > 99 ? "99+" : attention),
    );
  };
});
