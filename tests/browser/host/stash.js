// Stash's half of the browser: its client, the GraphQL that plugins use, its toasts, and its settings.

import React from "react";
import * as Apollo from "@apollo/client";
import { Toast } from "react-bootstrap";

export const base = document.querySelector("base").getAttribute("href");

let client;

/** A client that remembers nothing of the one before. */
export function renewClient() {
  if (client) client.stop();
  client = new Apollo.ApolloClient({ uri: `${base}graphql`, cache: new Apollo.InMemoryCache() });
  return client;
}

const { gql } = Apollo;

const ConfigurationDocument = gql`
  query Configuration {
    configuration {
      plugins
    }
  }
`;
const PluginsDocument = gql`
  query Plugins {
    plugins {
      id
      name
      enabled
      settings {
        name
        display_name
        description
        type
      }
    }
  }
`;
const ConfigurePluginDocument = gql`
  mutation ConfigurePlugin($plugin_id: ID!, $input: Map!) {
    configurePlugin(plugin_id: $plugin_id, input: $input)
  }
`;
const RunPluginTaskDocument = gql`
  mutation RunPluginTask($plugin_id: ID!, $task_name: String!, $args_map: Map) {
    runPluginTask(plugin_id: $plugin_id, task_name: $task_name, args_map: $args_map)
  }
`;

export const GQL = {
  ConfigurationDocument,
  PluginsDocument,
  ConfigurePluginDocument,
  RunPluginTaskDocument,
  useConfigurationQuery: (options) => Apollo.useQuery(ConfigurationDocument, options),
  usePluginsQuery: (options) => Apollo.useQuery(PluginsDocument, options),
  useConfigurePluginMutation: (options) => Apollo.useMutation(ConfigurePluginDocument, options),
};

/** What Stash's own hook does: the cached configuration is dropped, and whoever shows it asks for it anew. */
function update(cache, result) {
  if (!result.data) return;
  cache.modify({ fields: { configuration: (_, { DELETE }) => DELETE } });
  cache.gc();
}

export const StashService = {
  getClient: () => client,
  useConfigurePlugin: () => GQL.useConfigurePluginMutation({ update }),
};

// --- toasts ------------------------------------------------------------------------------------------------------------

const ToastContext = React.createContext(null);

export function ToastProvider({ children }) {
  const [toast, setToast] = React.useState(null);
  return (
    <ToastContext.Provider value={setToast}>
      {children}
      <div className="toast-container">
        {toast && (
          <Toast className={toast.variant || "success"} onClose={() => setToast(null)}>
            <Toast.Header>
              <span className="mr-auto">{toast.content}</span>
            </Toast.Header>
          </Toast>
        )}
      </div>
    </ToastContext.Provider>
  );
}

export function useToast() {
  const show = React.useContext(ToastContext);
  if (!show) throw new Error("useToast must be used within a ToastProvider");
  return React.useMemo(
    () => ({
      toast: show,
      success: (content) => show({ content }),
      error: (error) => show({ variant: "danger", content: error instanceof Error ? error.message : String(error) }),
    }),
    [show],
  );
}

// --- settings ----------------------------------------------------------------------------------------------------------

export const SettingsContext = React.createContext(null);

export function useSettings() {
  const context = React.useContext(SettingsContext);
  if (!context) throw new Error("useSettings must be used within a SettingsContext");
  return context;
}

/** Stash's own: keeps the settings of all plugins as they were when it was opened, and writes all of them back. */
export function SettingsProvider({ children }) {
  const { data, loading } = GQL.useConfigurationQuery();
  const [save] = StashService.useConfigurePlugin();
  const [plugins, setPlugins] = React.useState(null);
  const [pending, setPending] = React.useState(null);
  React.useEffect(() => {
    if (data && !plugins) setPlugins(data.configuration.plugins);
  }, [data]);
  React.useEffect(() => {
    if (!pending) return undefined;
    const timer = setTimeout(async () => {
      for (const plugin_id in pending) await save({ variables: { plugin_id, input: pending[plugin_id] } });
      setPending(null);
    }, 500);
    return () => clearTimeout(timer);
  }, [pending]);
  const value = {
    loading: loading || !plugins,
    plugins: plugins || {},
    savePluginSettings(plugin_id, input) {
      setPlugins({ ...plugins, [plugin_id]: input });
      setPending((current) => ({ ...(current || plugins), [plugin_id]: input }));
    },
  };
  return <SettingsContext.Provider value={value}>{children}</SettingsContext.Provider>;
}
