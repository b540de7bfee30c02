"""What the ledger keeps of a scene: what we wrote, around a write and after it, and how it stands there as text."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from plexsync.errors import PermanentError
from plexsync.metadata.canonical import canonical, parsed
from plexsync.metadata.fit import is_cut
from plexsync.metadata.incomplete import with_what_stands
from plexsync.metadata.inherited import all_inherited, inherited_after, inherited_while
from plexsync.metadata.names import cased
from plexsync.metadata.ratings import same_rating, shown_alike
from plexsync.metadata.spelling import in_order, spelled_by, standing
from plexsync.metadata.text import paragraphs, single_line
from plexsync.model import ORDERED_FIELDS, TAG_FIELDS, TEXT_FIELDS, Applied, Desired, Edit, Field, Item, Tag


def after(applied: Applied, edit: Edit, desired: Desired, item: Item | None = None) -> Applied:
    """What to record once ``edit`` is confirmed.

    All that is desired counts as ours from then on, also what stood in Plex already: Stash asks for it, so it is to go
    when Stash no longer does. What is not desired is no longer ours, whether it was cleared or someone else's stands
    there now. Fields that ``desired`` says nothing of stay as they were. So do those in which an earlier scene's values
    stay (``plexsync.metadata.inherited``). A list of which nothing is left stays known as written, so that its lock is
    not taken for a person's.

    :param item: the item, read since: how Plex spells and orders names is noted. None where it was not read.
    """
    inherited = inherited_after(applied, edit, desired)
    desired = with_what_stands(desired, applied)
    texts = dict(applied.texts)
    for field, wanted in desired.texts.items():
        if field in inherited:
            continue
        text = edit.texts.get(field, wanted)
        if field not in edit.texts and is_cut(wanted, texts.get(field, "")):
            continue
        if text:
            texts[field] = text
        else:
            texts.pop(field, None)
    tags = dict(applied.tags)
    for field, names in desired.tags.items():
        if field not in inherited and (names or field in tags or field in edit.remove):
            tags[field] = tuple(tag.name for tag in names)
    rated = Field.RATING in desired.selected and Field.RATING not in inherited
    titled = Field.TITLE in desired.texts and Field.TITLE not in inherited
    now = Applied(
        texts=texts,
        tags=tags,
        thumbs=dict(applied.thumbs) if Field.PERFORMERS in inherited else _thumbs_after(applied, desired),
        rating=desired.rating if rated else applied.rating,
        rating_written=desired.rating is not None if rated else applied.rating_written,
        title_from_file=desired.title_from_file if titled else applied.title_from_file,
        inherited=inherited,
        spelled={
            field: kept
            for field, spelled in applied.spelled.items()
            if (kept := {name: spelling for name, spelling in spelled.items() if name in tags.get(field, ())})
        },
        unordered=applied.unordered - edit.order,
    )
    return now if item is None else _as_shown(now, edit, item)


def _as_shown(applied: Applied, edit: Edit, item: Item) -> Applied:
    """``applied`` with what of it Plex shows in a spelling or an order of its own."""
    unordered = set()
    for field in ORDERED_FIELDS:
        if field in edit.lists or field in applied.unordered:
            shown = [tag.name for tag in item.tags.get(field, ())]
            names = applied.tags.get(field, ())
            if not in_order(names, standing(names, shown), shown):
                unordered.add(field)
    spelled = spelled_by(item, applied)
    if not (unordered or spelled or applied.unordered or applied.spelled):
        # As a rule: nothing is to be noted.
        return applied
    return replace(applied, spelled=spelled, unordered=frozenset(unordered))


def possibly(applied: Applied, edit: Edit, desired: Desired | None = None) -> Applied:
    """What to record before ``edit`` is sent.

    If the process dies between the write and the record of it, Plex may or may not have taken the edit. With this in
    the ledger, every name that may have been added is known as ours and can be removed later, and nothing that may
    still stand is forgotten: names being removed and values being cleared stay until :func:`after`. Pictures of
    performers are left as they were, so that they are sent again. Compare with the item itself then, not with this.

    :param desired: what is to be shown: of it what ``edit`` only locks, or it would be taken for a person's later.
    """
    stay = desired or Desired({}, {}, None, {}, frozenset())
    locked = {field: text for field, text in stay.texts.items() if field in edit.lock and text}
    tags = dict(applied.tags)
    for field in TAG_FIELDS:
        added = stay.tags.get(field, ()) if field in edit.lock else edit.add.get(field, ())
        if added:
            tags[field] = tuple(dict.fromkeys((*tags.get(field, ()), *(tag.name for tag in added))))
    rated = edit.rate and edit.rating is not None
    return Applied(
        texts={**applied.texts, **locked, **{field: text for field, text in edit.texts.items() if text}},
        tags=tags,
        thumbs=dict(applied.thumbs),
        rating=edit.rating if rated else applied.rating,
        rating_written=rated or applied.rating_written,
        title_from_file=applied.title_from_file,
        inherited=inherited_while(applied, edit),
        spelled=applied.spelled,
        unordered=applied.unordered,
    )


def as_it_stands(applied: Applied, intended: Applied, item: Item) -> Applied:
    """What of ours stands in an item after a crash between a write and the record of it.

    Of each value that was being replaced, either the old one or the new one is there, if nobody else came in between:
    whichever it is, it is ours. A name of which another spelling stands may not have arrived, so it is written again.

    :param applied: what was confirmed before.
    :param intended: what :func:`possibly` said before the write.
    :param item: the item, read since.
    """
    shown = {field: paragraphs(text) for field, text in item.texts.items()}
    old = {field: text for field, text in applied.texts.items() if paragraphs(text) == shown.get(field)}
    old_rating = applied.rating_written and same_rating(applied.rating, item.user_rating)
    return Applied(
        texts={**intended.texts, **old},
        tags={field: _arrived(field, names, applied, item) for field, names in intended.tags.items()},
        thumbs=dict(intended.thumbs),
        rating=applied.rating if old_rating else intended.rating,
        rating_written=intended.rating_written,
        title_from_file=intended.title_from_file,
        inherited=intended.inherited,
        spelled=applied.spelled,
        unordered=applied.unordered,
    )


def _arrived(field: Field, names: Sequence[str], applied: Applied, item: Item) -> tuple[str, ...]:
    """The names that may have been written; as the item spells them where it is not known that Plex does so."""
    stands = standing(names, [tag.name for tag in item.tags.get(field, ())])
    before = applied.tags.get(field, ())
    return tuple(dict.fromkeys(name if name in before else stands.get(name, name) for name in names))


def confirmed(before: Applied, applied: Applied, item: Item) -> Applied:
    """What of ours is confirmed to stand in an item, where a write is in doubt: what is missing did not arrive.

    Of each value in doubt it is the one that the item shows, else the one confirmed before; a name counts when it is
    shown or was confirmed.

    :param before: what was confirmed before.
    :param applied: what :func:`as_it_stands` says.
    :param item: the item, read since.
    """
    shown = {field: single_line(text) for field, text in item.texts.items()}
    texts = {field: text for field, text in applied.texts.items() if single_line(text) == shown.get(field)}
    tags = {}
    for field, names in applied.tags.items():
        arrived = {*before.tags.get(field, ()), *standing(names, [tag.name for tag in item.tags.get(field, ())])}
        kept = tuple(name for name in names if name in arrived)
        if kept or field in before.tags:
            tags[field] = kept
    rated = applied if shown_alike(applied.rating, item.user_rating) else before
    return Applied(
        texts={**before.texts, **texts},
        tags=tags,
        thumbs=dict(applied.thumbs),
        rating=rated.rating,
        rating_written=rated.rating_written,
        title_from_file=applied.title_from_file,
        inherited=applied.inherited,
        spelled=applied.spelled,
        unordered=applied.unordered,
    )


def fingerprint(desired: Desired) -> str:
    """A text of hexadecimal digits that differs when another ``desired`` may need another edit: two digests and a dot.

    The addresses of the scene's pictures are left out, as they change with every edit of the scene, and so are notes.
    The pictures of performers are in: theirs change with the performer alone. Before the dot the order of names does
    not count, after it nothing else does: see :func:`stands`.
    """
    rated = Field.RATING in desired.selected
    values = canonical(
        {
            "texts": desired.texts,
            "tags": {field: sorted(map(_name_and_thumb, tags)) for field, tags in desired.tags.items()},
            "rating": [desired.rating] if rated else [],
            "pictures": sorted(desired.pictures),
            **({"incomplete": sorted(desired.incomplete)} if desired.incomplete else {}),
        },
        desired.rating if rated else None,
    )
    order = canonical({field: [tag.name for tag in desired.tags.get(field, ())] for field in ORDERED_FIELDS})
    return f"{hashlib.sha256(values.encode()).hexdigest()}.{hashlib.sha256(order.encode()).hexdigest()[:16]}"


def stands(noted: str | None, now: str) -> bool:
    """Whether a fingerprint that was noted says the same as the one of now.

    One that an earlier version noted says nothing of the order of names: then that is taken to be right.
    """
    return noted is not None and noted in (now, now.partition(".")[0])


def to_json(applied: Applied) -> str:
    """``applied`` as JSON with sorted keys and no white space: equal values are equal texts."""
    rarely = {
        "title_from_file": applied.title_from_file,
        "inherited": sorted(applied.inherited),
        "spelled": applied.spelled,
        "unordered": sorted(applied.unordered),
    }
    return canonical(
        {
            "texts": applied.texts,
            "tags": applied.tags,
            "thumbs": applied.thumbs,
            "rating": applied.rating,
            "rating_written": applied.rating_written,
            **{key: value for key, value in rarely.items() if value},
        },
        applied.rating,
    )


def from_json(text: str) -> Applied:
    """The reverse of :func:`to_json`. Keys and fields that a newer version added are passed over.

    Where ``inherited`` is true instead of a list, all of it is (``plexsync.ledger.holding``).

    :raises PermanentError: the text is not what :func:`to_json` writes.
    """
    try:
        record = _mapping(parsed(text))
        texts = _known(record, "texts", TEXT_FIELDS)
        tags = _known(record, "tags", TAG_FIELDS)
        rating, inherited = record.get("rating"), record.get("inherited", [])
        applied = Applied(
            texts={field: _string(value) for field, value in texts.items()},
            tags={field: tuple(map(_string, _sequence(names))) for field, names in tags.items()},
            thumbs={name: _string(thumb) for name, thumb in _mapping(record.get("thumbs", {})).items()},
            rating=None if rating is None else _number(rating),
            rating_written=record.get("rating_written") is True,
            title_from_file=record.get("title_from_file") is True,
            spelled={
                field: {name: _string(spelling) for name, spelling in _mapping(spelled).items()}
                for field, spelled in _known(record, "spelled", TAG_FIELDS).items()
            },
            unordered=frozenset(field for field in TAG_FIELDS if field in _sequence(record.get("unordered", []))),
        )
        if inherited is True:
            return all_inherited(applied)
        names = _sequence(inherited)
        return (
            applied if not names else replace(applied, inherited=frozenset(field for field in Field if field in names))
        )
    except (TypeError, ValueError) as error:
        raise PermanentError(
            f"The ledger's record of what was written to Plex cannot be read ({error}): "
            "run ./huey_consumer.sh reconcile --full"
        ) from error


def _thumbs_after(applied: Applied, desired: Desired) -> dict[str, str]:
    """A performer who is still desired keeps the address sent last, unless there is a new one."""
    if Field.PERFORMERS not in desired.tags:
        return dict(applied.thumbs)
    sent = {cased(name): thumb for name, thumb in applied.thumbs.items()}
    thumbs = {tag.name: tag.thumb or sent.get(cased(tag.name)) for tag in desired.tags[Field.PERFORMERS]}
    return {name: thumb for name, thumb in thumbs.items() if thumb}


def _name_and_thumb(tag: Tag) -> list[str]:
    return [tag.name, tag.thumb or ""]


def _known(record: dict[str, Any], key: str, fields: tuple[Field, ...]) -> dict[Field, Any]:
    values = _mapping(record.get(key, {}))
    return {field: values[field] for field in fields if field in values}


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("an object was due")
    return value


def _sequence(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("a list was due")
    return value


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a text was due")
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise TypeError("a finite number was due")
    return float(value)
