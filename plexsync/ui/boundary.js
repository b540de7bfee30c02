// Keeps a fault of ours where it is: without this, what throws in the navigation bar blanks all of Stash.

PlexSync.part("boundary", (ui) => {
  "use strict";
  const { React, h } = ui;

  /** Shows its children; once one of them throws, `fallback` (nothing by default), or what `fallback` makes of the error. */
  class Boundary extends React.Component {
    constructor(props) {
      super(props);
      this.state = { error: null };
    }

    static getDerivedStateFromError(error) {
      return { error: error || new Error("unknown") };
    }

    componentDidCatch(error) {
      console.error("PlexSync: its page failed", error);
    }

    render() {
      const { error } = this.state;
      if (!error) return this.props.children;
      const { fallback } = this.props;
      return typeof fallback === "function" ? fallback(error, () => this.setState({ error: null })) : fallback || null;
    }
  }

  /** What stands in the place of a part that failed: says so, and lets the person try again. */
  function sorry(error, again) {
    return h(
      "div",
      { className: "plexsync-problem", role: "alert" },
      h("p", null, "PlexSync could not show this. Stash itself is not affected."),
      h("p", { className: "text-muted" }, h("code", null, String((error && error.message) || error))),
      h(ui.bootstrap.Button, { variant: "secondary", size: "sm", onClick: again }, "Try again"),
    );
  }

  ui.Boundary = Boundary;

  /** The component that the page calls `name`, looked up when it is shown, in a boundary of its own. */
  ui.guarded = function (name, fallback) {
    function Guarded(props) {
      return h(
        Boundary,
        { fallback: fallback === undefined ? sorry : fallback },
        h(Named, { ...props, plexsyncName: name }),
      );
    }
    return Guarded;
  };

  function Named({ plexsyncName, ...props }) {
    const Component = ui[plexsyncName];
    if (!Component) throw new Error(`${plexsyncName} is missing`);
    return h(Component, props);
  }
});
