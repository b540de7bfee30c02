// What Stash loads late: its settings page, and the components that exist only from then on.

import React from "react";
import { Button, Form } from "react-bootstrap";
import { patchFunction } from "./patch";
import { GQL, SettingsProvider, useSettings } from "./stash";

const Setting = patchFunction("Setting", ({ heading, subHeading, id, children }) => (
  <div className="setting" id={id}>
    <div>
      <h3>{heading}</h3>
      {subHeading && <div className="sub-heading">{subHeading}</div>}
    </div>
    <div>{children}</div>
  </div>
));

const StringSetting = patchFunction("StringSetting", ({ id, heading, subHeading, value, onChange }) => {
  const [typed, setTyped] = React.useState(value);
  return (
    <Setting {...{ id, heading, subHeading }}>
      <Form.Control aria-label={heading} value={typed} onChange={(event) => setTyped(event.target.value)} />
      <Button onClick={() => onChange(typed)}>Save {heading}</Button>
    </Setting>
  );
});

const BooleanSetting = patchFunction("BooleanSetting", ({ id, heading, subHeading, checked, onChange }) => (
  <Setting {...{ heading, subHeading }}>
    <Form.Switch id={id} label={heading} checked={checked} onChange={() => onChange(!checked)} />
  </Setting>
));

const PluginSettings = patchFunction("PluginSettings", ({ pluginID, settings }) => {
  const { plugins, savePluginSettings } = useSettings();
  const values = plugins[pluginID] || {};
  const save = (name, value) => savePluginSettings(pluginID, { ...values, [name]: value });
  return (
    <div className="plugin-settings">
      {settings.map(({ name, display_name, description, type }) => {
        const own = {
          key: name,
          id: `plugin-${pluginID}-${name}`,
          heading: display_name || name,
          subHeading: description,
          onChange: (value) => save(name, value),
        };
        return type === "BOOLEAN" ? (
          <BooleanSetting {...own} checked={values[name] || false} />
        ) : (
          <StringSetting {...own} value={values[name] || ""} />
        );
      })}
    </div>
  );
});

/** What is registered when this is loaded. */
export const late = { Setting, StringSetting, BooleanSetting, PluginSettings };

function Plugins() {
  const { loading: settingsLoad } = useSettings();
  const { data, loading } = GQL.usePluginsQuery();
  if (loading || settingsLoad) return <p>Loading...</p>;
  return ((data && data.plugins) || []).map((plugin) => (
    <section key={plugin.id} className="setting-group" aria-label={plugin.name}>
      <h2>{plugin.name}</h2>
      <PluginSettings pluginID={plugin.id} settings={plugin.settings || []} />
    </section>
  ));
}

export default function Settings() {
  return (
    <SettingsProvider>
      <h1>Settings</h1>
      <Plugins />
    </SettingsProvider>
  );
}
