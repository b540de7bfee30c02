"""From a scene as Stash has it to what Plex should show."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from unidecode import unidecode

from plexsync.configuration.template import PLACEHOLDERS, Template
from plexsync.fields import FieldRow, TextShape
from plexsync.metadata import addresses
from plexsync.metadata.dates import full_date
from plexsync.metadata.directors import directors
from plexsync.metadata.names import unique
from plexsync.metadata.namesakes import told_apart
from plexsync.metadata.ratings import rounded
from plexsync.metadata.rules import Rules
from plexsync.metadata.schema import sendable
from plexsync.metadata.text import (
    ENCODED_BYTES,
    NAME_CHARACTERS,
    encoded_length,
    paragraphs,
    shorten,
    shorten_between_sentences,
    single_line,
)
from plexsync.metadata.titles import title_from
from plexsync.model import PICTURE_FIELDS, TAG_FIELDS, TEXT_FIELDS, Desired, Field, Scene, Tag

#: Sentences for a person, gathered on the way.
_Notes = list[str]


def desired(scene: Scene, rules: Rules) -> Desired:
    """What Plex should show for ``scene``: every selected field, cleaned and within the limits.

    What Stash does not hold is ``""`` or ``()``. A field nothing can be said of (a date that is none, no title and no
    file, no content rating set) is no key, and a note tells why where a person can do something about it. A rating
    that cannot be read is left out of ``selected`` likewise, since None there would mean to clear it. So is every field
    of which Stash could tell nothing (``Scene.unread``), and whatever cannot be sent to Plex although it was cleaned.
    """
    notes: _Notes = list(scene.faults)
    selected = rules.selected - _unread(scene, rules)
    texts = {field: _text(field, scene, rules, notes) for field in TEXT_FIELDS if field in selected}
    tags = {field: _TAGS[field](scene, rules, notes) for field in TAG_FIELDS if field in selected}
    rating: float | None = None
    if Field.RATING in selected and scene.rating100 is not None:
        if 0 <= scene.rating100 <= 100:
            rating = rounded(round(scene.rating100 / 10, 1), rules.rating_step())
        else:
            notes.append(f"The rating {scene.rating100} is left out: it is not within 0 to 100.")
            selected -= {Field.RATING}
    return sendable(
        Desired(
            texts={field: text for field, text in texts.items() if text is not None},
            tags=tags,
            rating=rating,
            pictures=_pictures(scene, rules, notes),
            selected=selected,
            notes=tuple(notes),
            title_from_file=Field.TITLE in selected and not single_line(scene.title),
            incomplete=scene.incomplete & selected,
        )
    )


def _unread(scene: Scene, rules: Rules) -> frozenset[Field]:
    """The fields of which Stash could tell nothing, or not all that a template has."""
    if not (scene.unread and rules.templates):
        return scene.unread
    made = {field: {PLACEHOLDERS[name] for name in template.names} for field, template in rules.templates}
    unread = {field for field, pieces in made.items() if pieces & scene.unread}
    return frozenset({*unread, *(field for field in scene.unread if field not in made)})


def _text(field: Field, scene: Scene, rules: Rules, notes: _Notes) -> str | None:
    """A text as its row of the table says, where it needs no function of its own."""
    if (special := _TEXTS.get(field)) is not None:
        return special(scene, rules, notes)
    if field.row.is_templated:
        template = dict(rules.templates).get(field)
        return None if template is None else _fitting(field.row, _filled(template, scene, rules), notes)
    return _fitting(field.row, getattr(scene, field.row.stash), notes)


def _filled(template: Template, scene: Scene, rules: Rules) -> str:
    """What a template makes of a scene; a title that is made of its file's name does not make it alone.

    That would be no news to Plex, and would take the place of what an earlier scene of the file has left there.
    """
    values = _values(scene, rules)
    if not single_line(scene.title) and not template.fill({**values, "title": ""}):
        return ""
    return template.fill(values)


def _values(scene: Scene, rules: Rules) -> dict[str, str]:
    """What templates may be filled with, by the names of ``PLACEHOLDERS``."""
    return {
        "studio": single_line(scene.studio),
        "date": single_line(scene.date),
        "code": single_line(scene.code),
        "title": _shown_title(scene, rules),
        "director": ", ".join(directors(scene.director)),
    }


def _shown_title(scene: Scene, rules: Rules) -> str:
    """The scene's title, or one that is made of its file's name; ``""`` where it has neither."""
    title = single_line(scene.title) or (title_from(scene.files[0].path) if scene.files else "")
    return (single_line(unidecode(title)) or title) if rules.ascii_titles else title


def _title(scene: Scene, rules: Rules, notes: _Notes) -> str | None:
    title = _shown_title(scene, rules)
    if not title:
        notes.append("The title is left alone: the scene has neither a title nor a file with a readable name.")
        return None
    return _fitting(Field.TITLE.row, title, notes)


def _date(scene: Scene, _rules: Rules, notes: _Notes) -> str | None:
    text = single_line(scene.date)
    if not text:
        return ""
    try:
        date = full_date(text)
    except ValueError as error:
        notes.append(f"The date {shorten(text, 40)!r} is left out: {error}.")
        return None
    if date != text:
        notes.append(f"The date {text} is not a whole one: Plex shows {date}.")
    return date


def _content_rating(_scene: Scene, rules: Rules, notes: _Notes) -> str | None:
    return _fitting(Field.CONTENT_RATING.row, rules.content_rating, notes) or None


def _performers(scene: Scene, rules: Rules, notes: _Notes) -> tuple[Tag, ...]:
    unreachable = False
    performers = []
    names, told = told_apart(scene.performers)
    notes += told
    for name, performer in zip(names, scene.performers, strict=True):
        thumb = None
        if rules.show_performer_pictures and performer.image_url:
            thumb = _thumb(performer.image_url, rules)
            unreachable = unreachable or thumb is None
        performers.append((name, thumb))
    if unreachable:
        notes.append(
            "Performers' pictures are left out where the viewers' devices could not reach them: "
            "set the public address of Stash."
        )
    return _tag_list(performers, "performer", notes)


def _thumb(image_url: str, rules: Rules) -> str | None:
    address = addresses.public(image_url, rules.stash_url, rules.public_url)
    return address if address and encoded_length(address) <= addresses.ENCODED_BYTES else None


def _tags(scene: Scene, _rules: Rules, notes: _Notes) -> tuple[Tag, ...]:
    return _tag_list(((name, None) for name in scene.tags), "tag", notes)


def _directors(scene: Scene, _rules: Rules, notes: _Notes) -> tuple[Tag, ...]:
    return _tag_list(((name, None) for name in directors(scene.director)), "director", notes)


def _collections(scene: Scene, _rules: Rules, notes: _Notes) -> tuple[Tag, ...]:
    names = (*scene.groups, scene.studio) if single_line(scene.studio) else scene.groups
    return _tag_list(((name, None) for name in names), "collection", notes)


def _pictures(scene: Scene, rules: Rules, notes: _Notes) -> dict[Field, str]:
    wanted = [field for field in PICTURE_FIELDS if field in rules.selected - scene.unread]
    if not wanted or not scene.screenshot_url:
        return {}
    address = addresses.without_key(scene.screenshot_url, rules.stash_url)
    if address is None:
        notes.append("The picture is left out: what Stash gave is not an address.")
        return {}
    return dict.fromkeys(wanted, address)


def _tag_list(named: Iterable[tuple[str, str | None]], kind: str, notes: _Notes) -> tuple[Tag, ...]:
    tags = []
    for raw, thumb in named:
        name = single_line(raw)
        if name:
            tags.append(Tag(_within(name, NAME_CHARACTERS, f"The name of a {kind}", notes), thumb))
        else:
            notes.append(f"A {kind} is left out: its name holds nothing readable.")
    found = unique(tags)
    if len(found) < len({tag.name for tag in tags}):
        notes.append(f"Of {kind}s whose names differ in case alone Plex shows one.")
    return found


def _fitting(row: FieldRow, raw: str, notes: _Notes) -> str:
    """A text cleaned and cut as its row says."""
    if row.shape is TextShape.PARAGRAPHS:
        text = paragraphs(raw)
        return _shortened(text, shorten_between_sentences(text, row.encoded or ENCODED_BYTES), row.subject, notes)
    return _within(single_line(raw), row.characters, row.subject, notes)


def _within(text: str, characters: int, subject: str, notes: _Notes) -> str:
    return _shortened(text, shorten(text, characters), subject, notes)


def _shortened(text: str, short: str, subject: str, notes: _Notes) -> str:
    if short != text:
        notes.append(f"{subject} is cut from {len(text)} to {len(short)} characters to fit into one request.")
    return short


#: Texts that are made of more than one text of the scene, or checked otherwise than by their row.
_TEXTS: dict[Field, Callable[[Scene, Rules, _Notes], str | None]] = {
    Field.TITLE: _title,
    Field.DATE: _date,
    Field.CONTENT_RATING: _content_rating,
}
_TAGS: dict[Field, Callable[[Scene, Rules, _Notes], tuple[Tag, ...]]] = {
    Field.PERFORMERS: _performers,
    Field.TAGS: _tags,
    Field.DIRECTOR: _directors,
    Field.GROUPS: _collections,
}
