// The page itself.

PlexSync.part("page", (ui) => {
  "use strict";
  const { h } = ui;

  ui.Page = function () {
    ui.useStatus(true);
    return h("main", { className: "plexsync" }, h("h1", null, "PlexSync"));
  };
});
