// What each kind of setting is set with: a field, a switch, libraries to tick, rows of folders.

PlexSync.part("settings widgets", (ui) => {
  "use strict";
  const { React, h } = ui;
  const { Button, Form } = ui.bootstrap;

  /** Whether a value counts as set: an empty text does not. */
  ui.isSet = (value) => value !== undefined && value !== null && !(typeof value === "string" && !value.trim());

  /** A value as it is written: a switch, too, may stand in a field of text. */
  ui.written = (value) => (typeof value === "boolean" ? String(value) : ui.text(value));

  /** What stands in an empty field: the value in force. */
  function hint(field, inForce) {
    const text = ui.written(inForce);
    return text || field.default.replace(/^Default: |\.$/g, "");
  }

  function Text({ id, field, value, inForce, overridden, wrong, describedBy, onChange }) {
    return h(Form.Control, {
      id,
      type: field.kind === "number" ? "number" : "text",
      step: field.kind === "number" ? "any" : undefined,
      value: ui.written(overridden ? inForce : value),
      placeholder: hint(field, inForce),
      disabled: overridden,
      isInvalid: wrong,
      spellCheck: false,
      "aria-describedby": describedBy,
      onChange: (event) => onChange(event.target.value),
    });
  }

  /** A secret is never put into the page: it is set, or not, and can be replaced or taken away. */
  function Secret({ id, field, value, overridden, wrong, describedBy, round, isSecretSet, onChange }) {
    const [typed, setTyped] = React.useState("");
    React.useEffect(() => setTyped(""), [round]);
    const there = ui.isSet(value) || isSecretSet;
    return h(
      "div",
      { className: "plexsync-pair" },
      h(Form.Control, {
        id,
        type: "password",
        value: typed,
        placeholder: overridden || (there && !typed) ? "Set; type here to replace it" : "Not set",
        disabled: overridden,
        isInvalid: wrong,
        autoComplete: "new-password",
        spellCheck: false,
        "aria-describedby": describedBy,
        onChange: (event) => {
          setTyped(event.target.value);
          // An emptied field takes nothing away: there is a button for that.
          onChange(event.target.value || undefined);
        },
      }),
      !overridden &&
        ui.isSet(value) &&
        h(
          Button,
          {
            variant: "secondary",
            "aria-label": `Clear ${field.label}`,
            onClick: () => {
              setTyped("");
              onChange("");
            },
          },
          "Clear",
        ),
    );
  }

  const FLAGS = { true: true, yes: true, on: true, 1: true, false: false, no: false, off: false, 0: false };
  const flag = (value, other) => {
    const read = FLAGS[String(value).trim().toLowerCase()];
    return read === undefined ? other : read;
  };

  function Switch({ id, field, value, stands, inForce, overridden, describedBy, onChange }) {
    const usual = field.default.includes("on");
    const was = flag(stands, usual);
    const isOn = overridden ? inForce === true : flag(value, usual);
    return h(
      "div",
      { className: "plexsync-pair" },
      h(Form.Check, { type: "switch", id, label: isOn ? "On" : "Off", checked: isOn, disabled: overridden, "aria-describedby": describedBy, onChange: (event) => onChange(event.target.checked === was ? undefined : event.target.checked) }),
    );
  }

  function Choice({ id, field, value, inForce, overridden, describedBy, onChange }) {
    const now = overridden ? ui.text(inForce) : ui.text(value);
    const options = field.choices.includes(now) || !now ? field.choices : [...field.choices, now];
    return h(
      Form.Control,
      { as: "select", custom: true, id, value: now, disabled: overridden, "aria-describedby": describedBy, onChange: (event) => onChange(event.target.value) },
      h("option", { value: "" }, field.default || "Default"),
      options.map((one) => h("option", { key: one, value: one }, one)),
    );
  }

  const listed = (value) => (Array.isArray(value) ? value.map(ui.text) : ui.text(value).split(",")).map((one) => one.trim()).filter(Boolean);

  function Fields({ id, value, inForce, overridden, onChange }) {
    const all = ui.SETTINGS.fields;
    const names = overridden ? listed(inForce) : listed(value).map((one) => one.toLowerCase());
    const isAll = !names.length || (names.length === 1 && names[0] === "all");
    const has = (name) => isAll || names.includes(name);
    const others = isAll ? [] : names.filter((name) => !all.includes(name));
    function toggle(name) {
      const next = all.filter((one) => (one === name ? !has(one) : has(one)));
      if (!next.length) return;
      onChange(next.length === all.length && !others.length ? "" : [...next, ...others].join(", "));
    }
    return h(
      "div",
      { className: "plexsync-columns" },
      all.map((name) =>
        h(Form.Check, { key: name, id: `${id}-${name}`, type: "checkbox", label: name.replace(/_/g, " "), checked: has(name), disabled: overridden, onChange: () => toggle(name) }),
      ),
    );
  }

  function Libraries({ id, field, value, inForce, overridden, describedBy, answers, isMissing, onChange }) {
    const answer = ui.useAnswer("libraries", {}, String(answers));
    const rows = ui.rows(answer.result);
    const names = overridden ? listed(inForce) : listed(value);
    if (!answer.result) {
      return h(
        React.Fragment,
        null,
        h(Text, { id, field, value: Array.isArray(value) ? listed(value).join(", ") : value, inForce, overridden, describedBy, onChange }),
        answer.refusal
          ? isMissing
            ? h("small", { className: "text-muted" }, "Once the token is saved, Plex's libraries can be ticked here.")
            : h("small", { className: "text-muted" }, "Plex's libraries cannot be listed now: ", h(ui.Text, null, answer.refusal.message), " ", h(Button, { variant: "secondary", size: "sm", onClick: answer.again }, "Try again"))
          : h("small", { className: "text-muted", role: "status" }, "Asking Plex for its libraries..."),
      );
    }
    const usable = rows.filter((one) => one.usable);
    const isCalled = (one, name) => name === ui.text(one.id) || name.toLowerCase() === ui.text(one.title).toLowerCase();
    const has = (one) => !names.length || names.some((name) => isCalled(one, name));
    const strange = names.filter((name) => !usable.some((one) => isCalled(one, name)));
    const nameOf = (one) => (ui.text(one.title).includes(",") || usable.some((other) => other !== one && isCalled(other, ui.text(one.title))) ? ui.text(one.id) : ui.text(one.title));
    function put(chosen, others) {
      onChange(chosen.length === usable.length && !others.length ? "" : [...chosen.map(nameOf), ...others].join(", "));
    }
    function toggle(one) {
      const chosen = usable.filter((other) => (other === one ? !has(other) : has(other)));
      if (chosen.length) put(chosen, strange);
    }
    return h(
      React.Fragment,
      null,
      usable.map((one) =>
        h(Form.Check, {
          key: ui.text(one.id),
          id: `${id}-${ui.text(one.id)}`,
          type: "checkbox",
          label: h(React.Fragment, null, h(ui.Text, null, one.title), h("small", { className: "text-muted plexsync-path" }, ui.list(one.folders).map(ui.text).join(", "))),
          checked: has(one),
          disabled: overridden,
          onChange: () => toggle(one),
        }),
      ),
      strange.map((name) =>
        h(Form.Check, {
          key: `strange ${name}`,
          id: `${id}-strange-${name}`,
          type: "checkbox",
          label: h(React.Fragment, null, h(ui.Text, null, name), " (Plex has no such movie library)"),
          checked: true,
          disabled: overridden,
          onChange: () => put(names.length ? usable.filter(has) : [], strange.filter((one) => one !== name)),
        }),
      ),
      !usable.length && h("small", null, "Plex has no library of type movie."),
      h("small", { className: "text-muted" }, names.length ? "" : "All of them, and those that you add later."),
    );
  }

  /** The rows of a path map: what stands left and right of each arrow. */
  function pairs(value) {
    if (Array.isArray(value)) return value.map((one) => (Array.isArray(one) ? [ui.text(one[0]), ui.text(one[1])] : [ui.text(one), ""]));
    if (ui.isObject(value)) return Object.entries(value).map(([left, right]) => [left, ui.text(right)]);
    return ui
      .text(value)
      .split(/[;\n]/)
      .filter((one) => one.trim())
      .map((one) => {
        const at = one.indexOf("=>");
        return at < 0 ? [one.trim(), ""] : [one.slice(0, at).trim(), one.slice(at + 2).trim()];
      });
  }

  function Paths({ value, inForce, overridden, onChange }) {
    const [rows, setRows] = React.useState(() => pairs(value));
    if (overridden) return h("div", null, pairs(inForce).map(([left, right], n) => h("div", { key: n }, h(ui.Text, null, `${left} → ${right}`))));
    function put(next) {
      setRows(next);
      const text = next
        .filter(([left, right]) => left.trim() || right.trim())
        .map(([left, right]) => `${left.trim()}=>${right.trim()}`)
        .join("; ");
      onChange(text);
    }
    const edit = (row, side, text) => put(rows.map((one, n) => (n === row ? (side ? [one[0], text] : [text, one[1]]) : one)));
    return h(
      React.Fragment,
      null,
      rows.map(([left, right], n) =>
        h(
          "div",
          { key: n, className: "plexsync-pair" },
          h(Form.Control, { value: left, placeholder: "/data", spellCheck: false, "aria-label": `Folder ${n + 1} in Stash`, onChange: (event) => edit(n, 0, event.target.value) }),
          h("span", { "aria-hidden": true }, "→"),
          h(Form.Control, { value: right, placeholder: "/media/videos", spellCheck: false, "aria-label": `Folder ${n + 1} in Plex`, onChange: (event) => edit(n, 1, event.target.value) }),
          h(Button, { variant: "secondary", "aria-label": `Remove folder ${n + 1}`, onClick: () => put(rows.filter((_, other) => other !== n)) }, "Remove"),
        ),
      ),
      !rows.length && h("small", { className: "text-muted" }, "PlexSync finds out by itself, from files that are in both."),
      h(Button, { variant: "secondary", size: "sm", onClick: () => setRows([...rows, ["", ""]]) }, "Add a folder"),
    );
  }

  /** By the kind of a setting. */
  ui.settingWidgets = { text: Text, number: Text, secret: Secret, switch: Switch, choice: Choice, libraries: Libraries, fields: Fields, paths: Paths };
});
