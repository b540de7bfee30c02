"""The settings that people set in Stash: how the form there groups and describes them.

This is the one source of those words. ``docs.generate`` makes of them the table that the form shows
(``plexsync/ui/settings-table.js``) and the list in ``PlexSync.yml``, which Stash shows where the form cannot be.
"""

from __future__ import annotations

from enum import StrEnum

from plexsync.imports.late_dataclass import dataclass


class InputKind(StrEnum):
    """What a person sets it with."""

    SECRET = "secret"  # noqa: S105 - a kind of field
    TEXT = "text"
    NUMBER = "number"
    SWITCH = "switch"
    CHOICE = "choice"
    LIBRARIES = "libraries"
    FIELDS = "fields"
    PATHS = "paths"


@dataclass(frozen=True, slots=True)
class FormField:
    """One setting of the form.

    :param name: as in ``settings.Settings``.
    :param label: what it is called.
    :param description: what it does, in a sentence or two. Its default is in the table that is made of this.
    :param kind: what it is set with.
    :param key: its key on Stash's page, where an older version has one that is kept; else its name in camel case.
    :param choices: values, for a choice.
    :param is_listed: whether it is in Stash's own list, too. What is a number, or on unless it is switched off, is not:
        that list shows 0 and off where nothing is set, and would save them with the next click.
    """

    name: str
    label: str
    description: str
    kind: InputKind
    key: str = ""
    choices: tuple[str, ...] = ()
    is_listed: bool = False

    @property
    def page_key(self) -> str:
        """Its key on Stash's page."""
        return self.key or self.usual_key

    @property
    def usual_key(self) -> str:
        """The name in camel case, which counts on the page, too."""
        first, *others = self.name.split("_")
        return first + "".join(one.capitalize() for one in others)


@dataclass(frozen=True, slots=True)
class FormGroup:
    """Settings that stand together."""

    title: str
    fields: tuple[FormField, ...]


#: The form, from top to bottom.
FORM = (
    FormGroup(
        "Connection to Plex",
        (
            FormField(
                "plex_token",
                "Plex token",
                "Plex's access token (X-Plex-Token) of the server's owner. Required, here or as PLEXSYNC_PLEX_TOKEN.",
                InputKind.SECRET,
                is_listed=True,
            ),
            FormField(
                "plex_url",
                "Plex address",
                "Where the consumer reaches Plex, such as http://192.168.1.10:32400.",
                InputKind.TEXT,
                is_listed=True,
            ),
            FormField(
                "plex_libraries",
                "Plex libraries",
                "The libraries to sync. If you type them, separate their names or ids by commas.",
                InputKind.LIBRARIES,
                is_listed=True,
            ),
            FormField(
                "plex_verify_tls",
                "Check Plex's certificate",
                "true, false, or the path of a file with the certificate authority's certificates.",
                InputKind.TEXT,
            ),
        ),
    ),
    FormGroup(
        "Files",
        (
            FormField(
                "path_map",
                "Path map",
                "Which folder of Stash is which of Plex: /stash/prefix=>/plex/prefix, several separated by ';'.",
                InputKind.PATHS,
                is_listed=True,
            ),
            FormField(
                "scan_missing",
                "Scan for missing files",
                "Ask Plex to scan the folder of a file that it does not have yet, each at most once an hour.",
                InputKind.SWITCH,
                is_listed=True,
            ),
        ),
    ),
    FormGroup(
        "What is written to Plex",
        (
            FormField(
                "fields",
                "Fields",
                "What is carried to Plex. Fields that are left out stay in Plex as they are.",
                InputKind.FIELDS,
                is_listed=True,
            ),
            FormField(
                "tagline",
                "Tagline",
                "What Plex shows as tagline: code (the studio code), or a template such as {studio} - {date}.",
                InputKind.TEXT,
                is_listed=True,
            ),
            FormField(
                "sort_title",
                "Sort title",
                "What Plex sorts by: a template such as {studio} {date} {title}. Without one Plex sorts by title.",
                InputKind.TEXT,
                is_listed=True,
            ),
            FormField(
                "content_rating",
                "Content rating",
                "Written to every item, such as XXX.",
                InputKind.TEXT,
                is_listed=True,
            ),
            FormField(
                "only_organized",
                "Only organized scenes",
                "Sync only scenes that are marked as organized.",
                InputKind.SWITCH,
                "skipUnorganized",
                is_listed=True,
            ),
            FormField(
                "ascii_titles",
                "Plain titles",
                "Write titles in Plex with plain Latin letters only (ASCII).",
                InputKind.SWITCH,
                "cleanTitles",
                is_listed=True,
            ),
            FormField(
                "lock_fields",
                "Lock written fields",
                "Keep Plex's own agent from changing them when it refreshes an item.",
                InputKind.SWITCH,
            ),
            FormField(
                "preserve_plex_edits",
                "Keep edits made in Plex",
                "Leave alone the fields that a person has changed in Plex.",
                InputKind.SWITCH,
                is_listed=True,
            ),
            FormField(
                "stash_public_url",
                "Stash's address for viewers",
                "Where viewers' devices reach Stash, for performers' pictures. Only if Stash asks for no password.",
                InputKind.TEXT,
            ),
        ),
    ),
    FormGroup(
        "Matching",
        (
            FormField(
                "all_items",
                "All items of a scene",
                "If a scene has several items in Plex (two resolutions, two libraries), write to all of them.",
                InputKind.SWITCH,
            ),
            FormField(
                "match_auto",
                "Sync from confidence",
                "From this confidence on (0 to 100) a scene is synced with the item that was found for it.",
                InputKind.NUMBER,
            ),
            FormField(
                "match_review",
                "Ask from confidence",
                "From this confidence on (0 to 100) a match waits for your decision. Below, it is not considered.",
                InputKind.NUMBER,
            ),
        ),
    ),
    FormGroup(
        "Running",
        (
            FormField(
                "autostart",
                "Start by itself",
                "Let Stash start the consumer if none runs. Switch it off if a service or a container runs it.",
                InputKind.SWITCH,
            ),
            FormField(
                "reconcile",
                "Daily comparison",
                "When to compare everything, such as 04:00; off for never.",
                InputKind.TEXT,
                is_listed=True,
            ),
            FormField(
                "max_writes_per_second",
                "Writes per second",
                "At most so many writes to Plex. 0: as many as it handles easily.",
                InputKind.NUMBER,
            ),
            FormField(
                "dry_run",
                "Dry run",
                "Write nothing to Plex; the log says what would be written.",
                InputKind.SWITCH,
                is_listed=True,
            ),
            FormField(
                "log_level",
                "Log",
                "How much the consumer logs. It takes effect when the consumer is restarted.",
                InputKind.CHOICE,
                choices=("debug", "info", "warning", "error"),
            ),
        ),
    ),
)
#: The fields, in the same order.
FORM_FIELDS = tuple(one for group in FORM for one in group.fields)
