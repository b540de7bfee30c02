// Asking the plugin: everything goes through Stash's runPluginOperation, so no port is open and no key is needed.

PlexSync.part("operations", (ui) => {
  "use strict";
  const { Apollo } = ui.api.libraries;

  const OPERATION = Apollo.gql`
    mutation PlexSyncOperation($plugin_id: ID!, $args: Map) {
      runPluginOperation(plugin_id: $plugin_id, args: $args)
    }
  `;
  /** Milliseconds after which nothing is waited for any more; the longest answer, health, may take 30 s. */
  const PATIENCE = 45000;

  /** An operation that was not carried out: `kind` for programs, `message` and `remedy` for people. */
  class Refusal extends Error {
    constructor(kind, text, remedy) {
      super(text);
      this.kind = kind;
      this.remedy = remedy || null;
    }
  }
  ui.Refusal = Refusal;

  const CHOSEN = "plexsync.instance";
  const MAIN = "main";

  /** Which of several instances this browser looks at: each has a consumer and a Plex server of its own. */
  ui.instance = {
    MAIN,
    get() {
      try {
        return localStorage.getItem(CHOSEN) || MAIN;
      } catch {
        return MAIN;
      }
    },
    /** Look at another one: all that is shown is asked for anew. */
    choose(name) {
      try {
        if (name === MAIN) localStorage.removeItem(CHOSEN);
        else localStorage.setItem(CHOSEN, name);
      } catch {
        return;
      }
      window.location.reload();
    },
    argument() {
      const name = ui.instance.get();
      return name === MAIN ? {} : { instance: name };
    },
  };

  /** Ask for an operation; gives its result, or fails with a Refusal, whatever went wrong on the way. */
  ui.ask = async function (mode, args) {
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Refusal("timeout", "Stash gave no answer in time.", "Try again.")), PATIENCE);
    });
    try {
      const asked = ui.api.utils.StashService.getClient().mutate({
        mutation: OPERATION,
        variables: { plugin_id: ui.PLUGIN, args: { ...args, ...ui.instance.argument(), mode } },
        fetchPolicy: "no-cache",
      });
      const answer = await Promise.race([asked, late]);
      return understood(answer && answer.data ? answer.data.runPluginOperation : null);
    } catch (error) {
      const refused = refusal(error);
      // One that was removed is looked at no more.
      const isGone = refused.kind === "bad_request" && / instance /.test(refused.message);
      if (isGone && ui.instance.get() !== MAIN) ui.instance.choose(MAIN);
      throw refused;
    } finally {
      clearTimeout(timer);
    }
  };

  /** The result in an output of the plugin. */
  function understood(output) {
    if (isObject(output) && output.ok === true && isObject(output.result)) return output.result;
    if (isObject(output) && output.ok === false && isObject(output.error)) {
      const { kind, text, remedy } = output.error;
      throw new Refusal(word(kind) || "failed", word(text) || "PlexSync could not do that.", word(remedy));
    }
    throw new Refusal(
      "failed",
      "PlexSync gave an answer that this page cannot read.",
      "Reload the page. If that does not help, look for PlexSync in Stash's log (Settings > Logs).",
    );
  }

  function refusal(error) {
    if (error instanceof Refusal) return error;
    const network = error && error.networkError;
    if (network && network.statusCode === 401) {
      return new Refusal("logged_out", "You are logged out of Stash.", "Log in to Stash again, then reload this page.");
    }
    if (network)
      return new Refusal("offline", "Stash does not answer.", "Is Stash running? This page tries again by itself.");
    const text = (error && error.message) || String(error);
    return new Refusal(
      "failed",
      `Stash could not ask PlexSync: ${text}`,
      "Look for PlexSync in Stash's log (Settings > Logs). After an update, press Reload plugins in Settings > Plugins.",
    );
  }

  function isObject(value) {
    return typeof value === "object" && value !== null && !Array.isArray(value);
  }

  function word(value) {
    return typeof value === "string" && value ? value : null;
  }

  ui.isObject = isObject;
});
