// Scenes whose item in Plex is uncertain: what they have in common with each candidate, side by side with their pictures.

PlexSync.part("review", (ui) => {
  "use strict";
  const { React, h } = ui;
  const { Card } = ui.bootstrap;

  ui.Review = function ({ snapshot }) {
    const [search, setSearch] = React.useState("");
    const settled = ui.useSettled(search);
    const answer = ui.useList(
      "reviews",
      { ...(settled ? { search: settled } : {}), limit: 10 },
      ui.text(snapshot.scenes && snapshot.scenes.review),
    );
    return h(
      React.Fragment,
      null,
      h("p", null, "PlexSync is not sure which item of Plex these scenes are, and writes nothing until you say so."),
      h(
        "div",
        { className: "plexsync-bar" },
        h(ui.Search, { value: search, onChange: setSearch, label: "Search titles and files" }),
      ),
      h(
        ui.Answered,
        {
          answer,
          isEmpty: !answer.rows.length,
          empty: settled ? "No scene for review has that in it." : "Nothing waits for you.",
        },
        answer.rows.map((row) =>
          h(Case, { key: ui.text(row.scene_id), row, plex: snapshot.plex, after: answer.again }),
        ),
      ),
      h(ui.Pager, { answer, noun: "scene for review", many: "scenes for review" }),
    );
  };

  function Case({ row, plex, after }) {
    const candidates = ui.list(row.candidates).filter(ui.isObject);
    const title = ui.text(row.title) || `Scene ${ui.text(row.scene_id)}`;
    const id = encodeURIComponent(ui.text(row.scene_id));
    return h(
      "section",
      { className: "plexsync-case", "aria-label": title },
      h("h2", { className: "h5" }, h(ui.SceneLink, { id: row.scene_id, title })),
      row.why && h("p", null, h(ui.Sentence, null, row.why)),
      h(
        "div",
        { className: "plexsync-side-by-side" },
        h(
          Card,
          { className: "plexsync-candidate" },
          h("img", {
            className: "plexsync-picture",
            src: ui.address(`scene/${id}/screenshot`),
            alt: `The scene in Stash: ${title}`,
            loading: "lazy",
          }),
          h(
            Card.Body,
            null,
            h("h3", { className: "h6" }, "In Stash"),
            h("p", { className: "plexsync-path" }, h(ui.Text, null, row.file)),
            h(
              ui.Act,
              { mode: "reject", args: { scene_id: row.scene_id }, after, label: `None of these is ${title}` },
              candidates.length === 1 ? "It is not that one" : "None of these",
            ),
          ),
        ),
        candidates.map((one, n) => h(Candidate, { key: ui.text(one.rating_key) || n, one, row, title, plex, after })),
      ),
    );
  }

  function Candidate({ one, row, title, plex, after }) {
    const name = ui.text(one.title) || `Item ${ui.text(one.rating_key)}`;
    const address = ui.plexAddress(plex, one.rating_key);
    const sure = ui.sureness(one.confidence);
    return h(
      Card,
      { className: "plexsync-candidate", role: "group", "aria-label": `Candidate: ${name}` },
      h(Picture, { ratingKey: one.rating_key, name }),
      h(
        Card.Body,
        null,
        h(
          "h3",
          { className: "h6" },
          h(ui.Text, null, name),
          sure && h("span", { className: "text-muted" }, ` (${sure})`),
        ),
        h("p", { className: "plexsync-path" }, h(ui.Text, null, one.path)),
        h(ui.Reasons, { reasons: one.reasons }),
        one.hint && h("p", null, h("strong", null, "To decide: "), h(ui.Sentence, null, one.hint)),
        h(
          "div",
          { className: "plexsync-actions" },
          h(
            ui.Act,
            {
              mode: "accept",
              args: { scene_id: row.scene_id, rating_key: one.rating_key },
              variant: "primary",
              after,
              label: `${name} is ${title}`,
            },
            "This one",
          ),
          address &&
            h(
              "a",
              { className: "btn btn-secondary btn-sm", href: address, target: "_blank", rel: "noopener noreferrer" },
              "Open in Plex",
            ),
        ),
      ),
    );
  }

  /** The item's picture. It comes by way of the plugin: the browser may not reach Plex, and has no token for it. */
  function Picture({ ratingKey, name }) {
    const { result, loading } = ui.useAnswer("picture", { rating_key: ratingKey });
    const data = ui.text(result && result.data);
    if (/^data:image\/(jpeg|png|webp);base64,[A-Za-z0-9+/=]+$/.test(data)) {
      return h("img", { className: "plexsync-picture", src: data, alt: `In Plex: ${name}` });
    }
    return h(
      "div",
      { className: "plexsync-picture plexsync-no-picture text-muted" },
      loading ? "Loading..." : "No picture",
    );
  }
});
