// A small Stash for the browser: navigation bar, routes, a scene's page, settings, and window.PluginApi as plugins get it.

import React from "react";
import ReactDOM from "react-dom";
import * as ReactRouterDOM from "react-router-dom";
import * as Apollo from "@apollo/client";
import * as Bootstrap from "react-bootstrap";
import * as Intl from "react-intl";
import * as FontAwesomeSolid from "@fortawesome/free-solid-svg-icons";
import { FontAwesomeIcon } from "@fortawesome/react-fontawesome";
import { createBrowserHistory } from "history";
import * as leavings from "./leavings";
import * as patch from "./patch";
import { base, GQL, renewClient, StashService, ToastProvider, useSettings, useToast } from "./stash";
import Scene from "./scene";

const { Link, NavLink, Route, Router, Switch } = ReactRouterDOM;
const { Button, Nav, Navbar, Spinner } = Bootstrap;
const { before, components, patchComponent, patchFunction, registerComponent } = patch;

const Icon = patchComponent("Icon", (props) => (
  <FontAwesomeIcon {...props} className={`fa-icon ${props.className || ""}`} />
));
const LoadingIndicator = patchComponent("LoadingIndicator", ({ message }) => (
  <div className="LoadingIndicator">
    <Spinner animation="border" role="status">
      <span className="sr-only">Loading...</span>
    </Spinner>
    {message !== "" && <h4>{message || "Loading..."}</h4>}
  </div>
));

// Loaded late, as Stash splits its code.
const loadSettings = () =>
  new Promise((resolve) =>
    setTimeout(() => {
      const { default: loaded, late } = require("./settings");
      for (const name in late) if (components[name] !== late[name]) registerComponent(name, late[name]);
      resolve({ default: loaded });
    }, 30),
  );
let Settings;

async function loadComponents(loaders) {
  await Promise.all(loaders.map((load) => load()));
}

function useLoadComponents(loaders) {
  const [loading, setLoading] = React.useState(true);
  const [wanted] = React.useState(loaders);
  React.useEffect(() => {
    loadComponents(wanted).then(() => setLoading(false));
  }, [wanted]);
  return loading;
}

/** What plugins are given, with nothing in it that a plugin has changed before. */
const pluginApi = () => ({
  React,
  ReactDOM,
  GQL: { ...GQL },
  // As in v0.30.1, which lacks ReactFontAwesome.
  libraries: { ReactRouterDOM, Bootstrap, Apollo, Intl, FontAwesomeSolid },
  register: {
    route(path, component) {
      before("PluginRoutes", (props) => [
        {
          children: (
            <>
              {props.children}
              <Route path={path} component={component} />
            </>
          ),
        },
      ]);
    },
    component: registerComponent,
  },
  loadableComponents: { Settings: loadSettings },
  components,
  utils: { StashService: { ...StashService }, loadComponents },
  hooks: { useLoadComponents, useToast, useSettings },
  patch: { before, instead: patch.instead, after: patch.after },
});

// --- the page ----------------------------------------------------------------------------------------------------------

class ErrorBoundary extends React.Component {
  constructor(props) {
    super(props);
    this.state = { error: null };
  }

  static getDerivedStateFromError(error) {
    return { error };
  }

  render() {
    return this.state.error ? <h1>Something went wrong.</h1> : this.props.children;
  }
}

const MenuItems = patchComponent("MainNavBar.MenuItems", (props) => <Nav>{props.children}</Nav>);
const UtilityItems = patchComponent("MainNavBar.UtilityItems", (props) => <>{props.children}</>);
const PluginRoutes = patchFunction("PluginRoutes", (props) => <>{props.children}</>);

function MainNavbar() {
  const [expanded, setExpanded] = React.useState(false);
  const utility = (
    <NavLink className="nav-utility" exact to="/settings">
      <Button className="minimal d-flex align-items-center h-100" title="Settings">
        <Icon icon={FontAwesomeSolid.faCog} />
      </Button>
    </NavLink>
  );
  return (
    <Navbar
      collapseOnSelect
      fixed="top"
      variant="dark"
      bg="dark"
      className="top-nav"
      expand="xl"
      expanded={expanded}
      onToggle={setExpanded}
    >
      <Navbar.Collapse className="bg-dark order-sm-1">
        <MenuItems>
          <Nav.Link eventKey="/scenes" as="div" className="col-4 col-sm-3 col-md-2 col-lg-auto">
            <Link to="/scenes/1">
              <Button className="minimal p-4 p-xl-2">Scenes</Button>
            </Link>
          </Nav.Link>
        </MenuItems>
        <Nav>
          <UtilityItems>{utility}</UtilityItems>
        </Nav>
      </Navbar.Collapse>
      <Navbar.Brand as="div">
        <Link to="/">
          <Button className="minimal brand-link d-inline-block">Stash</Button>
        </Link>
      </Navbar.Brand>
      <Nav className="navbar-buttons flex-row ml-auto order-xl-2">
        <UtilityItems>{utility}</UtilityItems>
        <Navbar.Toggle className="nav-menu-toggle ml-sm-2">
          <Icon icon={expanded ? FontAwesomeSolid.faTimes : FontAwesomeSolid.faBars} />
        </Navbar.Toggle>
      </Nav>
    </Navbar>
  );
}

function App() {
  return (
    <ErrorBoundary>
      <Intl.IntlProvider locale={window.rig.locale} messages={{}} onError={() => {}}>
        <ToastProvider>
          <MainNavbar />
          <div className="main container-fluid">
            <ErrorBoundary>
              <React.Suspense fallback={<LoadingIndicator />}>
                <Switch>
                  <Route exact path="/" render={() => <h1>Front page</h1>} />
                  <Route path="/scenes/:id" component={Scene} />
                  <Route path="/settings" component={Settings} />
                  <PluginRoutes />
                  <Route render={() => <h1>404 page not found.</h1>} />
                </Switch>
              </React.Suspense>
            </ErrorBoundary>
          </div>
        </ToastProvider>
      </Intl.IntlProvider>
    </ErrorBoundary>
  );
}

// --- start: first the plugins' scripts, then the page, as Stash does -----------------------------------------------------

function loadScript(address) {
  return new Promise((resolve) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = script.onerror = resolve;
    document.head.append(script);
  });
}

patch.keep();
// With the first icon its package brings a style, and no second time.
ReactDOM.render(<FontAwesomeIcon icon={FontAwesomeSolid.faCog} />, document.createElement("div"));

let root = null;

/** Load Stash with its plugins, at the address that the browser shows. */
async function start(rig) {
  leavings.open();
  // What the real page is set by: the test puts it in.
  window.rig = { scenes: {}, theme: "dark", locale: "en-GB", ...rig };
  patch.reset();
  window.PluginApi = pluginApi();
  Settings = React.lazy(loadSettings);
  const client = renewClient();
  document.body.classList.add(`theme-${window.rig.theme}`);
  const own = document.getElementById("root") || document.body.appendChild(document.createElement("div"));
  own.id = "root";
  root = own;
  for (const address of window.rig.scripts || []) await loadScript(address);
  if (root !== own) return;
  ReactDOM.render(
    <Apollo.ApolloProvider client={client}>
      <Router history={createBrowserHistory({ basename: base.replace(/\/$/, "") })}>
        <App />
      </Router>
    </Apollo.ApolloProvider>,
    own,
  );
}

// Tests go on in one page: to load it anew costs several times as much of the processor as to start Stash in it again.
Object.defineProperty(window, "rigPage", {
  value: {
    /** End all that goes on, once what was asked is answered; false where the page is of no use any more. */
    async stop() {
      if (!root) return true;
      const hasAnswers = leavings.close();
      ReactDOM.unmountComponentAtNode(root);
      if (!(await hasAnswers)) return false;
      root = null;
      return leavings.clear();
    },
    /** Start again at an address, as if it were loaded; false, and nothing is done, while Stash runs. */
    async restart(rig, address) {
      if (root) return false;
      window.history.replaceState(null, "", address);
      await start(rig);
      return true;
    },
  },
});
start(window.rig);
