// PlexSync's settings in Stash, as a form of ours in the place of Stash's own list. Whatever fails in it, that list is shown.

PlexSync.part("settings form", (ui) => {
  "use strict";
  const { React, h } = ui;
  const { Button, Form } = ui.bootstrap;
  const { StashService } = ui.api.utils;

  /** What Stash is given for `PluginSettings` of ours: the form, or its own list where the form cannot be. */
  ui.OwnSettings = function ({ stash, next }) {
    return h(ui.Boundary, { fallback: h(StashList, { stash, next }) }, h(SettingsForm, { stash }));
  };

  /** Stash's own list. Its hooks run in a component of their own. */
  function StashList({ stash, next }) {
    return next(stash);
  }

  // --- what Stash keeps ------------------------------------------------------------------------------------------------

  /** Milliseconds between two questions to a consumer that does not answer. */
  const ASK_AGAIN = 3000;

  /** The settings of all plugins as Stash has them now, not as this page has read them once. */
  async function readAll() {
    const { data } = await StashService.getClient().query({ query: ui.api.GQL.ConfigurationDocument, fetchPolicy: "network-only" });
    return data.configuration.plugins || {};
  }

  const { isSet, written } = ui;

  /** The keys under which a setting may stand, the one that we write first. */
  const keysOf = (field) => [field.key, ...field.also];

  /** What stands on the page for a setting, as it counts there. */
  function standing(page, field) {
    // The newer name counts before the older one.
    const key = [...keysOf(field)].reverse().find((one) => isSet(page[one]));
    return key === undefined ? undefined : page[key];
  }

  /** The page with some settings changed; what else stands there stays. A value that is not set takes its keys away. */
  function changed(page, fields, draft) {
    const next = { ...page };
    for (const field of fields) {
      if (!(field.name in draft)) continue;
      for (const key of keysOf(field)) delete next[key];
      if (isSet(draft[field.name])) next[field.key] = draft[field.name];
    }
    return next;
  }

  // --- the form --------------------------------------------------------------------------------------------------------

  function SettingsForm({ stash }) {
    const table = ui.SETTINGS;
    const fields = table.groups.flatMap((group) => group.fields);
    const [configure] = StashService.useConfigurePlugin();
    const context = ui.api.hooks.useSettings ? ui.api.hooks.useSettings() : null;
    const [page, setPage] = React.useState(null);
    const [draft, setDraft] = React.useState({});
    const [said, setSaid] = React.useState({ result: null, refusal: null, loading: true });
    const [busy, setBusy] = React.useState(false);
    const [told, setTold] = React.useState({ level: "ok", text: "" });
    const [failed, setFailed] = React.useState(null);
    const [tested, setTested] = React.useState(null);
    const [saves, setSaves] = React.useState(0);
    const [answers, setAnswers] = React.useState(0);
    const [undone, setUndone] = React.useState(0);
    // Thrown here it reaches the boundary, and Stash's own list is shown.
    if (failed) throw failed;

    async function examine() {
      setSaid((known) => ({ ...known, loading: true }));
      try {
        setSaid({ result: await ui.ask("settings"), refusal: null, loading: false });
        setAnswers((count) => count + 1);
      } catch (refusal) {
        setSaid({ result: null, refusal, loading: false });
      }
    }
    React.useEffect(() => {
      readAll().then((all) => setPage(all[stash.pluginID] || {}), setFailed);
      examine();
    }, []);
    React.useEffect(() => {
      // Nobody is to press anything when the consumer has come: after an install it takes some minutes.
      if (!said.refusal || said.loading) return undefined;
      const timer = setInterval(() => document.hidden || examine(), ASK_AGAIN);
      return () => clearInterval(timer);
    }, [said.refusal, said.loading]);

    const dirty = fields.some((field) => field.name in draft);
    /** Note what a person has put in; what stands there already, or undefined, is no change. */
    const set = (field, value) => {
      setTold({ level: "ok", text: "" });
      const isNone = value === undefined || (typeof value === "string" && value === written(standing(page, field)));
      setDraft(({ [field.name]: _, ...others }) => (isNone ? others : { ...others, [field.name]: value }));
    };
    const undo = () => {
      setDraft({});
      setUndone((count) => count + 1);
      setTold({ level: "ok", text: "" });
    };

    /** Save what was changed; whether that went well. */
    async function save() {
      setBusy(true);
      try {
        const all = await readAll();
        const input = changed(all[stash.pluginID] || {}, fields, draft);
        await configure({ variables: { plugin_id: stash.pluginID, input } });
        setPage(input);
        setDraft({});
        setSaves((count) => count + 1);
        setTold({ level: "ok", text: "Saved." });
        const kept = keepInMind(context, stash.pluginID, input, all);
        await examine();
        if (!(await kept)) setTold({ level: "ok", text: "Saved. Reload this page before you change the settings of another plugin." });
        ui.lookNow();
        return true;
      } catch (error) {
        setTold({ level: "fail", text: `Stash did not save that: ${(error && error.message) || error}` });
        return false;
      } finally {
        setBusy(false);
      }
    }

    async function test() {
      setTested(null);
      if (dirty && !(await save())) return;
      setBusy(true);
      setTold({ level: "ok", text: "Testing the connection..." });
      try {
        const result = await ui.ask("test_connection");
        setTested({ rows: ui.rows(result), refusal: null });
      } catch (refusal) {
        setTested({ rows: [], refusal });
      } finally {
        setTold({ level: "ok", text: "" });
        setBusy(false);
      }
    }

    if (!page) return h("div", { className: "plexsync plexsync-form" }, h(ui.Loading));
    const known = { page, draft, set, saves, undone, answers, said: said.result };
    return h(
      Form,
      {
        className: "plexsync plexsync-form",
        "aria-label": "Settings of PlexSync",
        autoComplete: "off",
        noValidate: true,
        onSubmit: (event) => {
          event.preventDefault();
          if (dirty && !busy) save();
        },
      },
      h(Remarks, { said, again: examine }),
      table.groups.map((group) =>
        h(
          "fieldset",
          { key: group.title },
          h("legend", null, group.title),
          group.fields.map((field) => h(Setting, { key: field.name, field, ...known })),
        ),
      ),
      h(
        "div",
        { className: "plexsync-save" },
        h(Button, { type: "submit", variant: "primary", disabled: !dirty || busy }, "Save"),
        h(Button, { variant: "secondary", disabled: busy, onClick: test }, dirty ? "Save and test connection" : "Test connection"),
        dirty && h(Button, { variant: "secondary", disabled: busy, onClick: undo }, "Undo changes"),
        h("span", { role: told.level === "fail" ? "alert" : "status" }, told.text),
      ),
      tested && h(Tested, { tested }),
    );
  }

  /** Milliseconds after which Stash's settings have written what they were told to save; they wait for half a second. */
  const WRITTEN_BACK = 700;

  /**
   * Stash's settings keep a copy of all plugins' from when they were opened, and write all of it back with the next change
   * of any plugin's. Without this that would take back what was saved here. Gives whether it has been seen to.
   */
  async function keepInMind(context, id, input, all) {
    if (!context || !context.plugins) return true;
    if (!Object.isFrozen(context.plugins)) {
      context.plugins[id] = input;
      return true;
    }
    // At first the copy is what Apollo has frozen. Stash makes another one when it saves, which it may be told to where
    // that writes nothing but what is there already.
    const others = ({ [id]: _, ...rest }) => ordered(rest);
    if (!context.savePluginSettings || others(context.plugins) !== others(all)) return false;
    context.savePluginSettings(id, input);
    await new Promise((done) => setTimeout(done, WRITTEN_BACK));
    return true;
  }

  /** A value as a text that is the same whatever the order of its keys. */
  function ordered(value) {
    return JSON.stringify(value, (_, one) => (ui.isObject(one) ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1))) : one));
  }

  /** What concerns no setting in particular. */
  function Remarks({ said, again }) {
    if (said.refusal) {
      return h(
        ui.Note,
        { level: "warn" },
        h("p", null, "What is set here cannot be checked now: ", h(ui.Text, null, said.refusal.message)),
        said.refusal.remedy && h("p", null, h(ui.Text, null, said.refusal.remedy)),
        h("p", null, "You can save all the same."),
        h(Button, { variant: "secondary", size: "sm", onClick: again }, "Check again"),
      );
    }
    const result = said.result || {};
    const faults = ui.list(result.faults).filter((one) => ui.isObject(one) && !shows(one.name));
    const texts = [
      result.page_unread && `The consumer cannot read what is set here: ${ui.text(result.page_unread)}`,
      ...faults.map(sentence),
      ...ui.list(result.warnings).map(ui.text),
    ].filter(Boolean);
    if (!texts.length) return null;
    return h(
      ui.Note,
      { level: result.page_unread || faults.length ? "fail" : "warn" },
      h("ul", { className: "plexsync-plain" }, texts.map((text, n) => h("li", { key: n }, h(ui.Text, null, text)))),
      result.needs_key && ui.LetIn && h(ui.LetIn),
      result.page_unread && h(Button, { variant: "secondary", size: "sm", onClick: again }, "Check again"),
    );
  }

  const shows = (name) => ui.SETTINGS.groups.some((group) => group.fields.some((field) => field.name === name));
  const sentence = (fault) => `${ui.text(fault.setting)} (${ui.text(fault.source)}) ${ui.text(fault.problem)}: ${ui.text(fault.remedy)}`;

  function Tested({ tested }) {
    const place = React.useRef(null);
    React.useEffect(() => {
      // It stands below a long form.
      if (place.current) place.current.focus();
    }, [tested]);
    const levels = tested.rows.map((row) => row.level);
    const all = levels.includes("fail") ? "Something is wrong." : levels.includes("warn") ? "It works, with a remark." : "All is well.";
    return h(
      "section",
      { ref: place, tabIndex: -1, className: "plexsync-tested", "aria-label": "What the test found" },
      tested.refusal
        ? h(ui.Problem, { refusal: tested.refusal })
        : h(
            React.Fragment,
            null,
            h("strong", null, all),
            h(
              "ul",
              { className: "plexsync-rows" },
              tested.rows.map((row, n) => h("li", { key: n }, h(ui.Level, { level: row.level }), h("span", null, h(ui.Text, null, `${ui.text(row.name)}: ${ui.text(row.text)}`)))),
            ),
          ),
    );
  }

  // --- one setting -----------------------------------------------------------------------------------------------------

  function Setting({ field, page, draft, set, saves, undone, answers, said }) {
    const id = `plexsync-setting-${field.name}`;
    const told = said || {};
    const origin = ui.isObject(told.origins) ? told.origins[field.name] : undefined;
    const name = ui.isObject(told.written_as) ? ui.text(told.written_as[field.name]) : "";
    const overridden = origin === "environment" || origin === "file";
    const faults = ui.list(told.faults).filter((one) => ui.isObject(one) && one.name === field.name);
    const isTouched = field.name in draft;
    const value = isTouched ? draft[field.name] : standing(page, field);
    const inForce = ui.isObject(told.values) ? told.values[field.name] : undefined;
    const Widget = ui.settingWidgets[field.kind] || ui.settingWidgets.text;
    const isGroup = ["libraries", "fields", "paths"].includes(field.kind);
    const wrong = !isTouched && faults.length > 0;
    const describedBy = [`${id}-help`, overridden && `${id}-origin`, wrong && `${id}-wrong`].filter(Boolean).join(" ");
    return h(
      "div",
      { className: "plexsync-setting" },
      h(
        "div",
        null,
        isGroup ? h("span", { className: "plexsync-label", id: `${id}-label` }, field.label) : h("label", { htmlFor: id }, field.label),
        h("small", { className: "text-muted", id: `${id}-help` }, [field.description, field.default].filter(Boolean).join(" ")),
      ),
      h(
        "div",
        isGroup ? { role: "group", "aria-labelledby": `${id}-label`, "aria-describedby": describedBy } : null,
        h(Widget, { key: field.kind === "paths" ? `${saves} ${undone}` : "one", round: saves + undone, id, field, value, stands: standing(page, field), inForce, origin, overridden, wrong, describedBy, answers, isSecretSet: ui.list(told.secrets_set).includes(field.name), isMissing: ui.isObject(said) && !ui.list(told.secrets_set).includes("plex_token"), onChange: (next) => set(field, next) }),
        overridden &&
          h(
            "small",
            { className: "text-muted", id: `${id}-origin` },
            origin === "environment" ? `Set as ${field.variable} in the consumer's environment, which counts before this page.` : `Set as ${name || field.name} in plexsync.toml, which counts before this page.`,
          ),
        !overridden && origin === "page" && name && !keysOf(field).includes(name) && !isTouched && h("small", { className: "text-muted" }, `Set as ${name} on this page, an older name; what you write here counts before it.`),
        isTouched && h("small", { className: "text-muted" }, isSet(value) ? "Changed, not saved yet." : "Back to the default, not saved yet."),
        wrong && h("div", { className: "plexsync-wrong", id: `${id}-wrong`, role: "alert" }, faults.map((fault, n) => h("div", { key: n }, h(ui.Text, null, `${ui.text(fault.problem)}: ${ui.text(fault.remedy)}`)))),
      ),
    );
  }
});
