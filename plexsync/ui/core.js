// The one name that PlexSync's page has in the browser, and how its parts are put together.
//
// Stash joins the files of `ui.javascript` into one script, so a part that throws while it is read would take all later
// ones with it. Each part therefore is a function, given to PlexSync.part, and its failure stays its own.

(function () {
  "use strict";

  // Loaded a second time, the parts are made anew in the same place; nothing is registered twice (see register.js).
  const ui = (window.PlexSync = window.PlexSync || {});

  /** Make one part of the page; `make` is given the namespace, and puts into it what other parts use. */
  ui.part = function (name, make) {
    if (!window.PluginApi) return;
    try {
      make(ui);
    } catch (error) {
      console.error(`PlexSync: the part ${name} of its page failed`, error);
    }
  };

  ui.part("core", () => {
    const api = window.PluginApi;
    ui.api = api;
    ui.React = api.React;
    ui.h = api.React.createElement;
    ui.bootstrap = api.libraries.Bootstrap;
    ui.router = api.libraries.ReactRouterDOM;
    ui.icons = api.libraries.FontAwesomeSolid;
    /** The plugin's id in Stash, and the address of its page there: /plugin/... is the server's, and 404 on a reload. */
    ui.PLUGIN = "PlexSync";
    ui.ROUTE = "/plexsync";

    /** One of Stash's icons, by its name in FontAwesome; decoration only, so it is hidden from screen readers. */
    ui.Icon = function ({ name, className }) {
      const Icon = api.components.Icon;
      return Icon && ui.icons[name] ? ui.h(Icon, { icon: ui.icons[name], className, "aria-hidden": true }) : null;
    };

    /** An address below Stash's own, whatever path a proxy shows Stash under. */
    ui.address = function (path) {
      const base = document.querySelector("base");
      return `${((base && base.getAttribute("href")) || "/").replace(/\/$/, "")}/${path.replace(/^\//, "")}`;
    };
  });
})();
