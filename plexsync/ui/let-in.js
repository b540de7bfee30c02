// Where Stash asks for a password: hands the key of its API to the consumer, which cannot ask for it.

PlexSync.part("let-in", (ui) => {
  "use strict";
  const { h, React } = ui;
  const { Apollo } = ui.api.libraries;

  const KEY = Apollo.gql`
    query PlexSyncKey {
      configuration {
        general {
          apiKey
        }
      }
    }
  `;
  /** The setting that is missing then, as the consumer names it. */
  ui.KEY_SETTING = "PLEXSYNC_STASH_API_KEY";

  /** A button; the key goes to the plugin and nowhere else, and is never shown. */
  ui.LetIn = function () {
    const [act, busy] = ui.useAction();
    const [problem, setProblem] = React.useState(null);
    async function letIn() {
      setProblem(null);
      try {
        const client = ui.api.utils.StashService.getClient();
        const { data } = await client.query({ query: KEY, fetchPolicy: "no-cache" });
        const key = data.configuration.general.apiKey;
        if (key) await act("stash_key", { api_key: key });
        else setProblem("Stash has no API key yet: make one in Settings > Security > Generate API Key. Then press this again.");
      } catch (error) {
        setProblem("Stash did not tell its API key. Reload this page, and try again.");
      }
    }
    return h(
      "div",
      { className: "mb-2" },
      h(ui.bootstrap.Button, { variant: "primary", size: "sm", disabled: busy, onClick: letIn }, "Let PlexSync read Stash"),
      problem && h("p", { role: "alert", className: "mt-2" }, problem),
    );
  };
});
