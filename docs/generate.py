"""Writes the parts of the documents that the program itself knows: ``.venv/bin/python -m docs.generate``.

The references come from click and from the schema of the settings, the README's picture from what the demo printed
(``docs/guide/demo.md``), the tables of ``docs/development/bounds.md`` from measured costs (``tests/bench/bounds``).
``--demo`` plays the demo first, and keeps what it prints. ``--check`` writes nothing, and ends with 1 if a document is
not what would be written. ``--api`` builds only the API reference (``docs/api.py``), and ends with 1 if a docstring or
a name of ours is wrong.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

import click
import yaml

import settings
from docs import api
from plexsync import __version__
from plexsync.cli.commands import COMMANDS
from plexsync.cli.commands import main as command_line
from plexsync.configuration.form import FORM, FORM_FIELDS, FormField, InputKind
from plexsync.configuration.setting_values import FIELDS
from tests.bench.bounds import costs
from tests.bench.bounds import page as bounds

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
DEMO = DOCS / "guide" / "demo.md"
MANIFEST = ROOT / "PlexSync.yml"
SCRIPT = "./huey_consumer.sh"
MADE = "<!-- Made by docs/generate.py: change that, or what it reads. -->\n"
#: Columns of the help texts.
WIDTH = 100
#: The acts of the demo that the picture shows; the closing table is shown as well.
SHOWN = ("A scene is edited in Stash", "Plex goes down while", "The consumer is killed", "Studio, performer and tag")


def main() -> int:
    """Write the documents, or compare them; returns the exit code."""
    parser = argparse.ArgumentParser(description="Write the parts of the documents that the program itself knows.")
    parser.add_argument("--demo", action="store_true", help="play the demo first, and keep what it prints")
    parser.add_argument("--check", action="store_true", help="write nothing; end with 1 where a document is old")
    parser.add_argument("--api", action="store_true", help="build the API reference, which is not committed")
    options = parser.parse_args()
    if options.api:
        return build_api()
    if options.demo:
        DEMO.write_text(with_demo(DEMO.read_text(encoding="utf-8"), play()), encoding="utf-8")
    old = [path for path, text in documents() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if not options.check:
        for path, text in documents():
            path.write_text(text, encoding="utf-8")
        return 0
    for path in old:
        sys.stderr.write(f"{path.relative_to(ROOT)} is old: run .venv/bin/python -m docs.generate\n")
    return 1 if old else 0


def build_api() -> int:
    """Build the API reference; returns the exit code."""
    wrong = api.build()
    for text in wrong:
        sys.stderr.write(f"{text}\n")
    sys.stdout.write(f"open {api.FOLDER.relative_to(ROOT)}/index.html\n")
    return 1 if wrong else 0


def documents() -> Iterator[tuple[Path, str]]:
    """Each document that is made, with its text."""
    manifest = with_settings(MANIFEST.read_text(encoding="utf-8"))
    yield MANIFEST, manifest
    yield ROOT / "plexsync" / "ui" / "settings-table.js", settings_table()
    yield DOCS / "reference" / "settings.md", settings_page(manifest)
    yield DOCS / "reference" / "commands.md", commands_page()
    page = bounds.PAGE.read_text(encoding="utf-8")
    yield bounds.PAGE, bounds.with_tables(page, costs.load())
    yield DOCS / "demo.svg", picture(demo_text(DEMO.read_text(encoding="utf-8")))


# --- references -------------------------------------------------------------------------------------------------------


def settings_page(manifest: str) -> str:
    """Every setting with its default, and those that are on the plugin's page in Stash."""
    rows = [f"| `{one.name}` | {one.default} | {one.meaning} |" for one in settings.describe()]
    page = yaml.safe_load(manifest)["settings"]
    shown = [f"| {one['displayName']} (`{key}`) | {one['description']} |" for key, one in page.items()]
    return "\n".join(
        [
            f"{MADE}# Settings",
            "",
            "[How to set them, and what the less obvious ones do](../guide/settings.md).",
            "",
            "| environment | default | meaning |",
            "| --- | --- | --- |",
            *rows,
            "",
            f"In `{settings.CONFIG_FILE}` the same names are written in lower case and without `{settings.PREFIX}`:",
            '`PLEXSYNC_PLEX_URL` is `plex_url = "http://nas:32400"`.',
            "",
            "In place of a secret, a variable may name a file that holds it, as Docker mounts secrets:",
            f"{', '.join(f'`{one.file_name}`' for one in settings.describe() if one.file_name)}.",
            "",
            "On the plugin's page in Stash (*Settings > Plugins > PlexSync*):",
            "",
            "| setting | description |",
            "| --- | --- |",
            *shown,
            "",
        ]
    )


def commands_page() -> str:
    """What each command's ``--help`` prints."""
    script = [ROOT / "huey_consumer.sh", "--help"]
    usage = subprocess.run(script, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    parts = [
        f"{MADE}# Commands",
        "",
        "Each works from any folder, and through a link to the script. The exit code is 0 if all is well, 1 if",
        "something failed, and 2 for wrong usage or wrong settings.",
        "",
        *_block(usage),
    ]
    context = click.Context(command_line)
    for name in COMMANDS:
        command = command_line.get_command(context, name)
        if command is not None and not command.hidden and name != "login":
            parts += _described([name], command)
    return "\n".join(parts)


def _described(words: list[str], command: click.Command) -> list[str]:
    name = " ".join([SCRIPT, *words])
    context = click.Context(command, info_name=name, terminal_width=WIDTH, max_content_width=WIDTH)
    parts = [f"{'#' * (len(words) + 1)} {' '.join(words)}", "", *_block(command.get_help(context))]
    for sub, inner in command.commands.items() if isinstance(command, click.Group) else ():
        parts += _described([*words, sub], inner)
    return parts


def _block(text: str) -> list[str]:
    return ["```text", text.strip("\n"), "```", ""]


# --- the settings in Stash --------------------------------------------------------------------------------------------


def with_settings(manifest: str) -> str:
    """The manifest with the program's version, and the settings that Stash's own list is to show."""
    manifest = re.sub(r"^version: .*$", f"version: {__version__}", manifest, count=1, flags=re.MULTILINE)
    before, _, rest = manifest.partition("\nsettings:\n")
    after = re.sub(r"\A(?:[ #][^\n]*\n|\n)*", "", rest)
    lines = ["", "settings:"]
    for one in (one for one in FORM_FIELDS if one.is_listed):
        lines += [
            f"  {one.page_key}:",
            f"    displayName: {one.label}",
            f"    description: {json.dumps(f'{one.description} {_default(one)}'.strip())}",
            f"    type: {'BOOLEAN' if one.kind is InputKind.SWITCH else 'STRING'}",
        ]
    return "\n".join([before, *lines[1:], after])


def settings_table() -> str:
    """What the form in Stash shows, as a part of the page's script."""
    table = {
        "groups": [
            {
                "title": group.title,
                "fields": [
                    {
                        "name": one.name,
                        "key": one.page_key,
                        "also": [one.usual_key] if one.usual_key != one.page_key else [],
                        "variable": f"{settings.PREFIX}{one.name.upper()}",
                        "label": one.label,
                        "description": one.description,
                        "default": _default(one),
                        "kind": str(one.kind),
                        "choices": list(one.choices),
                    }
                    for one in group.fields
                ],
            }
            for group in FORM
        ],
        "fields": list(FIELDS),
    }
    return (
        "// Made by docs/generate.py of plexsync/configuration/form.py and settings.py: change those.\n\n"
        f'PlexSync.part("settings table", (ui) => {{\n  ui.SETTINGS = {_indented(json.dumps(table, indent=2))};\n}});\n'
    )


def _default(one: FormField) -> str:
    """A sentence on what counts where nothing is set; ``""`` where that is told otherwise."""
    known = {info.name: info.default for info in settings.describe()}[f"{settings.PREFIX}{one.name.upper()}"]
    if one.kind is InputKind.SECRET or (one.kind is InputKind.SWITCH and known == "false"):
        return ""
    return f"Default: {'on' if one.kind is InputKind.SWITCH else known}."


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ")


# --- the demo ---------------------------------------------------------------------------------------------------------


def play() -> str:
    """What the demo prints."""
    done = subprocess.run([ROOT / "huey_consumer.sh", "--demo"], capture_output=True, text=True, check=True)
    return done.stdout


def demo_text(page: str) -> str:
    """What the demo printed, as the page has it."""
    found = re.search(r"```text\n\$ [^\n]*--demo\n(.*?)```", page, re.DOTALL)
    if found is None:
        raise ValueError("the page shows no demo")
    return found[1]


def with_demo(page: str, text: str) -> str:
    """The page with what the demo has printed now."""
    return page.replace(demo_text(page), text)


def picture(text: str) -> str:
    """A picture of a terminal, as SVG, with some of what the demo printed."""
    lines = [f"$ {SCRIPT} --demo", *_acts(text)]
    columns = max(map(_columns, lines))
    width, height = columns * 8 + 32, len(lines) * 19 + 52
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        'aria-label="The demo in a terminal">',
        f'<rect width="{width}" height="{height}" rx="8" fill="#16181d"/>',
        '<g fill="#5a606b"><circle cx="20" cy="17" r="5"/><circle cx="38" cy="17" r="5"/>'
        '<circle cx="56" cy="17" r="5"/></g>',
        '<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,\'DejaVu Sans Mono\',monospace" font-size="13" '
        'fill="#c9d1d9" xml:space="preserve">',
    ]
    for number, line in enumerate(lines):
        parts += _row(line, 50 + number * 19)
    return "\n".join([*parts, "</g>", "</svg>", ""])


def _acts(text: str) -> Iterator[str]:
    """The lines of some acts, of the table, and the last one; what is left out is marked."""
    *acts, table, end = text.strip("\n").split("\n\n")
    was_left_out = False
    for act in acts:
        head = act.partition("\n")[0]
        was_shown = head.startswith(SHOWN) or act is acts[0]
        if was_shown:
            yield from ["", *(line.rstrip() for line in act.splitlines())]
        elif not was_left_out:
            yield from ["", "  ⋮"]
        was_left_out = not was_shown
    yield from ["", *(line.rstrip() for line in table.splitlines()), "", end]


def _row(line: str, y: int) -> Iterator[str]:
    if not line:
        return
    is_head = not line.startswith((" ", "$")) and not line[0].isdigit()
    is_end = re.match(r"\d+ of \d+ scenes", line) is not None
    style = ' font-weight="bold" fill="#ffffff"' if is_head or line.startswith("$") or is_end else ""
    rest, right, _ = line.rpartition("right") if line.endswith("right") else (line, "", "")
    # Each column where a terminal has it, whatever the widths of the font's letters.
    for column, word in _words(rest):
        yield f'<text x="{16 + column * 8}" y="{y}"{style}>{escape(word)}</text>'
    if right:
        yield f'<text x="{16 + _columns(rest) * 8}" y="{y}" fill="#56d364">right</text>'


def _words(line: str) -> Iterator[tuple[int, str]]:
    for found in re.finditer(r"\S+(?: \S+)*", line):
        yield _columns(line[: found.start()]), found[0]


def _columns(text: str) -> int:
    return len(text) + sum(unicodedata.east_asian_width(one) in "WF" for one in text)


if __name__ == "__main__":
    sys.exit(main())
