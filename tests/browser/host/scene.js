// A scene's page: tabs and their panes, each patched with all that Stash hands on.

import React from "react";
import { Nav, Tab } from "react-bootstrap";
import { useParams } from "react-router-dom";
import { patchComponent } from "./patch";
import { base } from "./stash";

const Tabs = patchComponent("ScenePage.Tabs", (props) => <>{props.children}</>);
const TabContent = patchComponent("ScenePage.TabContent", (props) => <>{props.children}</>);

const ScenePage = patchComponent("ScenePage", (props) => {
  const [active, setActive] = React.useState("scene-details-panel");
  return (
    <div className="d-flex flex-wrap">
      <div className="scene-tabs">
        <h1>
          <bdi>{props.scene.title}</bdi>
        </h1>
        <Tab.Container activeKey={active} onSelect={(key) => key && setActive(key)}>
          <Nav variant="tabs" className="mr-auto">
            <Tabs {...props}>
              <Nav.Item>
                <Nav.Link eventKey="scene-details-panel">Details</Nav.Link>
              </Nav.Item>
              <Nav.Item>
                <Nav.Link eventKey="scene-file-info-panel">File Info</Nav.Link>
              </Nav.Item>
            </Tabs>
          </Nav>
          <Tab.Content>
            <TabContent {...props}>
              <Tab.Pane eventKey="scene-details-panel">{props.scene.details || "No details"}</Tab.Pane>
              <Tab.Pane eventKey="scene-file-info-panel">{props.scene.files[0].path}</Tab.Pane>
            </TabContent>
          </Tab.Content>
        </Tab.Container>
      </div>
      <div className="scene-player-container">
        <img src={props.scene.paths.screenshot} alt="" />
      </div>
    </div>
  );
});

/** The scenes are those that the test set; one it did not set has a title of its own. */
export default function Scene() {
  const { id } = useParams();
  const scene = {
    id,
    title: `Scene ${id}`,
    details: "",
    updated_at: "2026-01-11T12:00:00Z",
    files: [{ id, path: `/data/scene-${id}.mp4` }],
    paths: { screenshot: `${base}scene/${id}/screenshot` },
    ...(window.rig.scenes[id] || {}),
  };
  return <ScenePage key={id} scene={scene} />;
}
