// The Plex tab on a scene's page: its item and why, what syncing would change, and what a person can decide about it.

PlexSync.part("scene tab", (ui) => {
  "use strict";
  const { React, h } = ui;
  const { Button } = ui.bootstrap;

  /** Milliseconds between two looks at a scene that is being synced, and at one that waits for its next try. */
  const SOON = 1000;
  const LATER = 5000;
  /** Milliseconds after an edit or a click in which the scene may not be in the queue yet. */
  const SETTLING = 4000;

  /** How sure a match is, in words; nothing where that is not known. */
  const sure = (one) => ui.sureness(one.confidence) && `${ui.sureness(one.confidence)} sure`;

  /** What may come right by itself. */
  const PASSING = ["offline", "not_running", "busy", "timeout"];

  const FIELDS = {
    summary: "Description",
    content_rating: "Content rating",
    sort_title: "Sort title",
  };
  const fieldName = (name) => FIELDS[name] || (ui.text(name).charAt(0).toUpperCase() + ui.text(name).slice(1)).replace(/_/g, " ");

  ui.SceneTab = function ({ scene }) {
    const id = Number(scene && scene.id);
    const [round, setRound] = React.useState(0);
    const acted = React.useRef(Date.now());
    const known = ui.useAnswer("scene", { scene_id: id }, `${scene && scene.updated_at} ${round}`);
    const [settled, setSettled] = React.useState(0);
    const facts = known.result;
    const atWork = Boolean(facts) && (facts.queue === "pending" || facts.queue === "in progress");
    const wasAtWork = React.useRef(false);

    React.useEffect(() => {
      acted.current = Date.now();
    }, [scene && scene.updated_at]);
    React.useEffect(() => {
      // What it came to is to be seen, and what is left to be done.
      if (wasAtWork.current && !atWork) setSettled((count) => count + 1);
      wasAtWork.current = atWork;
    }, [atWork]);
    React.useEffect(() => {
      const waits = facts && facts.queue === "scheduled";
      const soon = atWork || Date.now() - acted.current < SETTLING;
      if (known.loading || !(soon || waits || (known.refusal && PASSING.includes(known.refusal.kind)))) return undefined;
      const timer = setTimeout(() => document.hidden || setRound((count) => count + 1), soon ? SOON : LATER);
      return () => clearTimeout(timer);
    });

    const after = () => {
      acted.current = Date.now();
      setRound((count) => count + 1);
      setSettled((count) => count + 1);
    };
    if (known.refusal && !facts) {
      return h(
        "div",
        { className: "plexsync plexsync-tab" },
        h(ui.Problem, { refusal: known.refusal, again: known.again }),
        h("p", null, h(ui.router.Link, { to: ui.ROUTE }, "Open PlexSync's page")),
      );
    }
    if (!facts) return h("div", { className: "plexsync plexsync-tab" }, h(ui.Loading, null, "Asking PlexSync..."));
    const mark = `${scene.updated_at} ${settled}`;
    return h(
      "div",
      { className: "plexsync plexsync-tab" },
      h(State, { facts, atWork }),
      h(Item, { id, facts, scene, atWork, after }),
      h(Problems, { facts }),
      !atWork && h(Difference, { id, mark }),
      // What was never looked at has nothing to decide yet.
      facts.state !== "unknown" && h(Decide, { id, facts, scene, after }),
    );
  };

  function State({ facts, atWork }) {
    const state = ui.text(facts.state);
    const words = atWork ? (facts.queue === "in progress" ? "Syncing now" : "Waits in the queue") : ui.STATES[state] || "Not synced yet";
    const variants = { synced: "success", failed: "danger", review: "warning", not_found: "warning" };
    return h(
      "div",
      { className: "plexsync-actions", role: "status" },
      h(ui.Badge, { variant: (!atWork && variants[state]) || "secondary" }, words),
      facts.synced_at && h("span", null, "Last synced ", h(ui.When, { at: facts.synced_at })),
      !atWork && facts.next_try_at && h("span", null, "Next try ", h(ui.When, { at: facts.next_try_at })),
      ui.isObject(facts.rests) && h("span", null, h(ui.Text, null, `Waits for ${ui.text(facts.rests.service)}: ${ui.text(facts.rests.why)}`)),
    );
  }

  function Item({ id, facts, scene, atWork, after }) {
    const key = facts.rating_key;
    const item = useItem(key);
    const snapshot = ui.useStatus(false).result;
    const address = ui.plexAddress(snapshot && snapshot.plex, key);
    const further = ui.list(facts.items).filter((one) => ui.isObject(one) && !one.own);
    const title = ui.text(item.title) || (key ? `Item ${ui.text(key)}` : "");
    return h(
      React.Fragment,
      null,
      key
        ? h(
            "dl",
            { className: "plexsync-facts" },
            h("dt", null, "Item"),
            h("dd", null, h(ui.Text, null, title), h("span", { className: "text-muted" }, ` (${ui.text(key)})`)),
            item.library && h("dt", null, "Library"),
            item.library && h("dd", null, h(ui.Text, null, item.library)),
            item.file && h("dt", null, "File in Plex"),
            item.file && h("dd", null, h(ui.Text, null, item.file)),
            further.length > 0 && h("dt", null, "Also shown by"),
            further.length > 0 &&
              h(
                "dd",
                null,
                further.map((one) =>
                  h(
                    "div",
                    { key: ui.text(one.rating_key), className: "plexsync-actions" },
                    h(ui.Text, null, `${ui.text(one.file)} (${ui.text(one.rating_key)})`),
                    h(ui.Act, { mode: "reject", args: { scene_id: id, rating_key: one.rating_key }, after, label: `Not item ${ui.text(one.rating_key)}` }, "Not this one"),
                  ),
                ),
              ),
            h("dt", null, "Match"),
            h("dd", null, sure(facts) || "not known how sure", h(ui.Reasons, { reasons: facts.reasons })),
          )
        : h("p", null, "This scene has no item in Plex yet."),
      h(
        "div",
        { className: "plexsync-actions" },
        h(ui.Act, { mode: "sync", args: { scene_ids: [id] }, variant: "primary", disabled: atWork, after }, atWork ? "Syncing..." : "Sync now"),
        address && h("a", { className: "btn btn-secondary btn-sm", href: address, target: "_blank", rel: "noopener noreferrer" }, "Open in Plex"),
        key &&
          h(
            ui.Act,
            {
              mode: "reject",
              args: { scene_id: id },
              after,
              confirm: {
                title: "Not this item?",
                text: [
                  h("p", { key: 1 }, h(ui.Text, null, `“${ui.text(scene.title) || `Scene ${id}`}” is no longer synced with “${title}”. PlexSync looks for another item.`)),
                  h("p", { key: 2 }, "What was written to the item stays there. You can take this back with “Forget decisions”."),
                ],
              },
            },
            "Not this item",
          ),
        (facts.pinned || ui.list(facts.vetoed).length > 0) && h(ui.Act, { mode: "forget", args: { scene_id: id }, after }, "Forget decisions"),
      ),
      (facts.pinned || ui.list(facts.vetoed).length > 0) &&
        h(
          "p",
          { className: "text-muted" },
          [facts.pinned && `You chose item ${ui.text(facts.pinned)}.`, ui.list(facts.vetoed).length > 0 && `You ruled out item ${ui.list(facts.vetoed).map(ui.text).join(", ")}.`]
            .filter(Boolean)
            .join(" "),
        ),
    );
  }

  /** What Plex's index has of an item; nothing while that is not known. */
  function useItem(key) {
    const [item, setItem] = React.useState({});
    React.useEffect(() => {
      let gone = false;
      setItem({});
      if (key) {
        ui.ask("items", { rating_key: key }).then(
          (result) => gone || setItem(ui.rows(result)[0] || {}),
          // Its number is shown all the same.
          () => null,
        );
      }
      return () => {
        gone = true;
      };
    }, [key]);
    return item;
  }

  function Problems({ facts }) {
    const notes = ui.list(facts.notes).map(ui.text).filter(Boolean);
    return h(
      React.Fragment,
      null,
      facts.last_error &&
        h(ui.Note, { level: facts.state === "failed" ? "fail" : "warn" }, h("p", null, h(ui.Text, null, facts.last_error)), facts.last_error_at && h("span", { className: "text-muted" }, h(ui.When, { at: facts.last_error_at }))),
      notes.length > 0 && h("ul", { className: "plexsync-notes", "aria-label": "Notes" }, notes.map((note, n) => h("li", { key: n }, h(ui.Text, null, note)))),
    );
  }

  const ENDS = {
    right: "Plex shows this scene as Stash has it: syncing would change nothing.",
    not_in_plex: "Plex does not have this scene's file.",
    review: "It is not certain which item is this scene's, so nothing would be written.",
    left_alone: "This scene is left alone.",
    gone: "Stash has this scene no longer.",
    failed: "What syncing would change could not be found out just now.",
  };

  function Difference({ id, mark }) {
    const answer = ui.useAnswer("difference", { scene_id: id }, mark);
    const found = answer.result || {};
    const changes = ui.list(found.changes).filter(ui.isObject);
    const notes = ui.list(found.notes).map(ui.text).filter(Boolean);
    return h(
      "section",
      { className: "plexsync-difference", "aria-labelledby": `plexsync-difference-${id}`, "aria-busy": answer.loading },
      h("h2", { className: "h6", id: `plexsync-difference-${id}` }, "What syncing would change"),
      answer.refusal
        ? h(ui.Problem, { refusal: answer.refusal, again: answer.again })
        : !answer.result
          ? h(ui.Loading, null, "Comparing with Plex...")
          : changes.length
            ? h(ui.Rows, {
                caption: "What syncing would change, field by field",
                heads: ["Field", "In Plex", "From Stash"],
                rows: changes.map((one, n) => ({
                  key: n,
                  cells: [fieldName(one.field), h(Value, { value: one.before, other: one.after, gone: true }), h(Value, { value: one.after, other: one.before })],
                })),
              })
            : h("p", null, ENDS[found.end] || ENDS.failed),
      found.text && h("p", { className: "text-muted" }, h(ui.Text, null, found.text)),
      notes.length > 0 && h("ul", { className: "plexsync-notes" }, notes.map((note, n) => h("li", { key: n }, h(ui.Text, null, note)))),
    );
  }

  /** A value; of a list of names those are marked that the other side does not have. */
  function Value({ value, other, gone }) {
    if (value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length)) {
      return h("span", { className: "text-muted" }, "nothing");
    }
    if (!Array.isArray(value)) return h("div", { className: "plexsync-value" }, h(ui.Text, null, value));
    const others = new Set(ui.list(other).map(ui.text));
    return h(
      "div",
      { className: "plexsync-value" },
      value.map((one, n) => [
        n > 0 && ", ",
        h(others.has(ui.text(one)) ? "span" : gone ? "del" : "ins", { key: n }, h(ui.Text, null, one)),
      ]),
    );
  }

  function Decide({ id, facts, scene, after }) {
    const [open, setOpen] = React.useState(false);
    const candidates = ui.list(facts.candidates).filter(ui.isObject);
    const panel = `plexsync-choose-${id}`;
    const toggle = React.useRef(null);
    const chosen = () => {
      setOpen(false);
      // What was pressed is gone: whoever works with keys goes on from here.
      if (toggle.current) toggle.current.focus();
      after();
    };
    return h(
      "section",
      null,
      candidates.length > 0 &&
        h(
          React.Fragment,
          null,
          h("h2", { className: "h6" }, "It may be one of these"),
          candidates.map((one) => h(Choice, { key: ui.text(one.rating_key), id, one: { ...one, file: one.path }, after })),
          h(ui.Act, { mode: "reject", args: { scene_id: id }, after }, candidates.length === 1 ? "It is not that one" : "None of these"),
        ),
      h(
        "p",
        { className: "mt-3" },
        h(Button, { ref: toggle, variant: "secondary", size: "sm", "aria-expanded": open, "aria-controls": panel, onClick: () => setOpen(!open) }, facts.rating_key ? "Choose another item" : "Choose an item"),
      ),
      h("div", { id: panel }, open && h(Search, { id, scene, chosen: facts.rating_key, after: chosen })),
    );
  }

  function Search({ id, scene, chosen, after }) {
    const file = ui.text(ui.list(scene.files)[0] && scene.files[0].path);
    // The ending of a file says nothing of what is in it.
    const [text, setText] = React.useState(ui.text(scene.title) || file.split(/[\\/]/).pop().replace(/\.[a-z0-9]{1,5}$/i, ""));
    const search = ui.useSettled(text).trim().slice(0, 200);
    const answer = ui.useAnswer("items", { search, limit: 20 });
    const rows = ui.rows(answer.result);
    return h(
      React.Fragment,
      null,
      h(ui.Search, { value: text, onChange: setText, label: "Search Plex's titles and files" }),
      h(
        "div",
        { role: "status", className: "sr-only" },
        answer.result && !answer.loading ? `${ui.counted(rows.length, "item")} found` : "",
      ),
      h(
        ui.Answered,
        { answer, isEmpty: !rows.length, empty: search ? "Nothing in the libraries in use is called so." : "Type a title or the name of a file." },
        rows.map((one) => h(Choice, { key: ui.text(one.rating_key), id, one, isChosen: one.rating_key === chosen, after })),
      ),
    );
  }

  /** An item that may be chosen, with who has it now. */
  function Choice({ id, one, isChosen, after }) {
    const title = ui.text(one.title) || `Item ${ui.text(one.rating_key)}`;
    const other = one.scene_id && one.scene_id !== id ? one.scene_id : null;
    return h(
      "div",
      { className: "plexsync-item", role: "group", "aria-label": title },
      h(
        "div",
        null,
        h("strong", null, h(ui.Text, null, title)),
        one.library && h("span", { className: "text-muted" }, " ", h(ui.Text, null, one.library)),
        sure(one) && h("span", { className: "text-muted" }, ` (${sure(one)})`),
        h("div", { className: "plexsync-path" }, h(ui.Text, null, one.file)),
        h(ui.Reasons, { reasons: one.reasons }),
        other && h("div", null, "Has it now: ", h(ui.SceneLink, { id: other })),
      ),
      isChosen
        ? h("span", { className: "text-muted" }, "Its item now")
        : h(
            ui.Act,
            {
              mode: "accept",
              args: { scene_id: id, rating_key: one.rating_key },
              label: `Choose ${title}`,
              after,
              confirm: other
                ? {
                    title: "Take the item from another scene?",
                    text: h("p", null, h(ui.Text, null, `Scene ${ui.text(other)} has “${title}” now. It loses the item, and waits for review.`)),
                  }
                : undefined,
            },
            "This one",
          ),
    );
  }
});
