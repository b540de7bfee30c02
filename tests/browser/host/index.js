// A small Stash for the browser: navigation bar, routes, a scene's page, settings, and window.PluginApi as plugins get it.

import React from "react";
import ReactDOM from "react-dom";
import * as ReactRouterDOM from "react-router-dom";
import * as Apollo from "@apollo/client";
import * as Bootstrap from "react-bootstrap";
import * as Intl from "react-intl";
import * as FontAwesomeSolid from "@fortawesome/free-solid-svg-icons";
import { FontAwesomeIcon } from "@fortawesome/react-fontawesome";
import { after, before, components, instead, patchComponent, patchFunction, registerComponent } from "./patch";
import { base, GQL, StashService, ToastProvider, useSettings, useToast } from "./stash";
import Scene from "./scene";

const { Link, NavLink, Route, Router, Switch } = ReactRouterDOM;
const { Button, Nav, Navbar, Spinner } = Bootstrap;

// What the real page is set by: the test puts it in before this script.
window.rig = Object.assign({ scenes: {}, theme: "dark", locale: "en-GB" }, window.rig);

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
  new Promise((resolve) => setTimeout(() => resolve({ default: require("./settings").default }), 30));
const Settings = React.lazy(loadSettings);

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

window.PluginApi = {
  React,
  ReactDOM,
  GQL,
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
  utils: { StashService, loadComponents },
  hooks: { useLoadComponents, useToast, useSettings },
  patch: { before, instead, after },
};

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

const history = require("history").createBrowserHistory({ basename: base.replace(/\/$/, "") });
document.body.classList.add(`theme-${window.rig.theme}`);
(async () => {
  for (const address of window.rig.scripts || []) await loadScript(address);
  ReactDOM.render(
    <Apollo.ApolloProvider client={StashService.getClient()}>
      <Router history={history}>
        <App />
      </Router>
    </Apollo.ApolloProvider>,
    document.getElementById("root"),
  );
})();
