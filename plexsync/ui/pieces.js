// What the tabs are made of: states of a list, tables, buttons that act, links.

PlexSync.part("pieces", (ui) => {
  "use strict";
  const { React, h } = ui;
  const { Alert, Button, Form, Modal, Spinner, Table } = ui.bootstrap;

  ui.Loading = function ({ children }) {
    return h(
      "div",
      { className: "plexsync-loading", role: "status" },
      h(Spinner, { animation: "border", size: "sm", "aria-hidden": true }),
      h("span", null, children || "Loading..."),
    );
  };

  ui.Empty = ({ children }) => h("p", { className: "plexsync-empty text-muted" }, children);

  /** A refusal in words: what is wrong, what mends it, and a button to ask again. */
  ui.Problem = function ({ refusal, again }) {
    return h(
      "div",
      { className: "plexsync-problem", role: "alert" },
      h("p", null, h(ui.Text, null, refusal.message)),
      refusal.remedy && h("p", { className: "text-muted" }, h(ui.Text, null, refusal.remedy)),
      again && h(Button, { variant: "secondary", size: "sm", onClick: again }, "Try again"),
    );
  };

  /** One of: the refusal, the wait, what stands for nothing, or the children. */
  ui.Answered = function ({ answer, empty, isEmpty, children }) {
    if (answer.refusal) return h(ui.Problem, { refusal: answer.refusal, again: answer.again });
    if (!answer.result) return h(ui.Loading);
    if (isEmpty) return h(ui.Empty, null, empty);
    return h("div", { "aria-busy": answer.loading }, children);
  };

  /** A table whose rows become cards on a narrow screen. `rows`: [{key, cells: [...]}], `heads`: the columns' names. */
  ui.Rows = function ({ caption, heads, rows }) {
    return h(
      Table,
      { className: "plexsync-table", size: "sm", role: "table" },
      h("caption", { className: "sr-only" }, caption),
      // Rows that are laid out as cards lose what they are to a screen reader: it is said once more.
      h(
        "thead",
        { role: "rowgroup" },
        h(
          "tr",
          { role: "row" },
          heads.map((head, n) => h("th", { key: n, scope: "col", role: "columnheader" }, head)),
        ),
      ),
      h(
        "tbody",
        { role: "rowgroup" },
        rows.map(({ key, cells }) =>
          h(
            "tr",
            { key, role: "row" },
            cells.map((cell, n) => h("td", { key: n, role: "cell" }, cell)),
          ),
        ),
      ),
    );
  };

  /** Where in a list one is, and the way to its other pages. */
  ui.Pager = function ({ answer, noun, many }) {
    const { total, page, next, previous, loading } = answer;
    return h(
      "nav",
      { className: "plexsync-pager", "aria-label": "Pages of the list" },
      h(
        "span",
        { role: "status" },
        [total !== null && ui.counted(total, noun, many), (next || previous) && `page ${page}`]
          .filter(Boolean)
          .join(", "),
      ),
      (next || previous) &&
        h(Button, { variant: "secondary", size: "sm", disabled: !previous || loading, onClick: previous }, "Previous"),
      (next || previous) &&
        h(Button, { variant: "secondary", size: "sm", disabled: !next || loading, onClick: next }, "Next"),
    );
  };

  ui.Search = function ({ value, onChange, label }) {
    return h(Form.Control, {
      className: "plexsync-search",
      type: "search",
      value,
      placeholder: label,
      "aria-label": label,
      maxLength: 200,
      onChange: (event) => onChange(event.target.value),
    });
  };

  /** A scene's title, leading to its page in Stash. */
  ui.SceneLink = function ({ id, title }) {
    const number = ui.text(id);
    return h(
      ui.router.Link,
      { to: `/scenes/${encodeURIComponent(number)}` },
      h(ui.Text, null, title || `Scene ${number}`),
    );
  };

  /** A dialog with more about one row. */
  ui.Details = function ({ title, onClose, children }) {
    return h(
      Modal,
      {
        show: true,
        onHide: onClose,
        size: "lg",
        "aria-labelledby": "plexsync-details",
        animation: false,
        className: "plexsync",
      },
      h(
        Modal.Header,
        { closeButton: true },
        h(Modal.Title, { id: "plexsync-details", as: "h2", className: "h5" }, title),
      ),
      h(Modal.Body, null, children),
    );
  };

  /** A dialog that asks before something that cannot be undone. */
  ui.Confirm = function ({ title, children, yes, onYes, onNo }) {
    return h(
      Modal,
      { show: true, onHide: onNo, "aria-labelledby": "plexsync-confirm", animation: false, className: "plexsync" },
      h(Modal.Header, null, h(Modal.Title, { id: "plexsync-confirm", as: "h2" }, title)),
      h(Modal.Body, null, children),
      h(
        Modal.Footer,
        null,
        h(Button, { variant: "secondary", onClick: onNo, autoFocus: true }, "Cancel"),
        h(Button, { variant: "danger", onClick: onYes }, yes),
      ),
    );
  };

  /**
   * A button that carries an action out, tells what came of it, and then calls `after` with the result. `confirm` asks
   * before it does: `{title, text}`.
   */
  ui.Act = function ({ mode, args, after, confirm, variant, label, disabled, children }) {
    const [act, busy] = ui.useAction();
    const [asking, setAsking] = React.useState(false);
    async function go() {
      setAsking(false);
      const result = await act(mode, args || {});
      if (result && after) after(result);
    }
    return h(
      React.Fragment,
      null,
      h(
        Button,
        {
          variant: variant || "secondary",
          size: "sm",
          disabled: busy || disabled,
          "aria-label": label,
          onClick: () => (confirm ? setAsking(true) : go()),
        },
        busy && h(Spinner, { animation: "border", size: "sm", className: "mr-1", "aria-hidden": true }),
        children,
      ),
      asking &&
        h(ui.Confirm, { title: confirm.title, yes: children, onYes: go, onNo: () => setAsking(false) }, confirm.text),
    );
  };

  /** A note with a level, in Stash's light and dark alike (its own alerts are light in both). */
  ui.Note = function ({ level, title, children, role }) {
    return h(
      Alert,
      { className: `plexsync-note plexsync-note-${level}`, variant: "dark", role: role || "status" },
      title && h("strong", null, title),
      children,
    );
  };

  /**
   * The address of an item in Plex's web app; null where Plex's name for itself is not known. It is plex.tv's: the address
   * that the consumer reaches Plex at is often none that the browser can reach.
   */
  ui.plexAddress = function (plex, ratingKey) {
    const machine = ui.isObject(plex) ? ui.text(plex.machine_identifier) : "";
    if (!machine || !ratingKey) return null;
    const key = encodeURIComponent(`/library/metadata/${ui.text(ratingKey)}`);
    return `https://app.plex.tv/desktop/#!/server/${encodeURIComponent(machine)}/details?key=${key}`;
  };

  /** Why an item was taken for a scene's. */
  ui.Reasons = function ({ reasons }) {
    const known = ui.list(reasons).map(ui.text).filter(Boolean);
    return known.length
      ? h(
          "ul",
          { className: "plexsync-reasons" },
          known.map((one, n) => h("li", { key: n }, h(ui.Text, null, one))),
        )
      : null;
  };
});
