"""How the simulated Stash looks for things: criteria, sorts and pages, as strict as Stash's own."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from plexsync.demo.stash.library import SimulatedEntity, StashLibrary, StashRefused, StashScene, number

#: Things on a page where nobody says how many.
PER_PAGE = 25
#: What scenes are looked for by, and the library's name of it.
_PARTS = {"performers": "performers", "studios": "studios", "tags": "tags", "groups": "groups", "movies": "groups"}
_SCENE_SORTS = ("id", "title", "date", "created_at", "updated_at", "organized", "rating")
_T = TypeVar("_T")
_NAMED_SORTS = ("id", "name", "created_at", "updated_at")


def find_scenes(
    library: StashLibrary, criteria: Mapping[str, Any], paging: Mapping[str, Any]
) -> tuple[list[StashScene], int]:
    """One page of the scenes that meet all criteria, and how many do in all.

    :param criteria: a ``SceneFilterType``.
    :param paging: a ``FindFilterType``.
    :raises StashRefused: there is no such sort, or the modifier is none for such a criterion.
    """
    given = {name: value for name, value in criteria.items() if value is not None}
    ids, others = (_any_of(library, given), {}) if "OR" in given else _narrowed(library, given)
    sort = paging.get("sort") or "title"
    text = (paging.get("q") or "").lower()
    if sort == "id" and not text and not others:
        ordered = ids[::-1] if paging.get("direction") == "DESC" else ids
        return [library.scenes[scene_id] for scene_id in _page(ordered, paging)], len(ids)
    found = [
        scene for scene in map(library.scenes.__getitem__, ids) if _contains(scene, text) and _meets(scene, others)
    ]
    found.sort(key=lambda scene: scene.title or "")
    found.sort(key=_sort_key(sort), reverse=paging.get("direction") == "DESC")
    return list(_page(found, paging)), len(found)


def find_named(
    rows: Iterable[SimulatedEntity], criteria: Mapping[str, Any], paging: Mapping[str, Any]
) -> tuple[list[SimulatedEntity], int]:
    """As ``find_scenes``, for performers, studios, tags and groups."""
    text = (paging.get("q") or "").lower()
    times = {name: value for name, value in criteria.items() if value is not None}
    found = [
        row
        for row in rows
        if text in row.name.lower() and all(_compares(getattr(row, name), given) for name, given in times.items())
    ]
    sort = paging.get("sort") or "name"
    if sort not in _NAMED_SORTS:
        raise StashRefused(f"invalid sort: {sort}")
    found.sort(key=lambda row: row.name)
    found.sort(key=lambda row: getattr(row, sort), reverse=paging.get("direction") == "DESC")
    return list(_page(found, paging)), len(found)


#: Levels of filters that Stash's database takes: its parser has a stack of a hundred.
_MOST_NESTED = 45


def _any_of(library: StashLibrary, criteria: Mapping[str, Any]) -> list[int]:
    """The ids, ascending, of scenes that meet a filter or the one that is nested in it."""
    found: set[int] = set()
    nested: Mapping[str, Any] | None = criteria
    for _ in range(_MOST_NESTED):
        if nested is None:
            return sorted(found)
        here = {name: value for name, value in nested.items() if name != "OR" and value is not None}
        match here:
            case {"id": {"modifier": "EQUALS", "value": one}, **rest} if not rest:
                found.update({one} & library.scenes.keys())
            case {"id": {"modifier": "BETWEEN", "value": low, "value2": high}, **rest} if not rest:
                found.update(one for one in range(low, high + 1) if one in library.scenes)
            case _:
                ids, others = _narrowed(library, here)
                found.update(one for one in ids if _meets(library.scenes[one], others))
        nested = nested.get("OR")
    raise StashRefused("error finding IDs: running query: parser stack overflow")


def _narrowed(library: StashLibrary, criteria: Mapping[str, Any]) -> tuple[list[int], dict[str, Any]]:
    """The ids, ascending, that the indexes leave, and the criteria that they do not know."""
    index, others, sets = library.index, dict(criteria), []
    for name, criterion in criteria.items():
        if name == "updated_at" and criterion["modifier"] == "GREATER_THAN":
            sets.append(index.stamped_after(criterion["value"]))
        elif name in _PARTS and criterion["modifier"] == "INCLUDES":
            wanted = {number(text, name) for text in criterion.get("value") or ()}
            sets.append(index.having(_PARTS[name], _with_children(library, name, wanted, criterion.get("depth") or 0)))
        else:
            continue
        del others[name]
    bounds = _bounds(others.get("id"))
    if bounds is None:
        return (sorted(set.intersection(*sets)) if sets else index.ids), others
    del others["id"]
    low, high = bounds
    return (
        sorted(one for one in set.intersection(*sets) if low <= one <= high) if sets else index.between(low, high)
    ), others


def _bounds(criterion: Mapping[str, Any] | None) -> tuple[int, float] | None:
    """The lowest id and the highest that meet a criterion; None for one that is no range of ids."""
    match criterion:
        case {"modifier": "GREATER_THAN", "value": low}:
            return low + 1, math.inf
        case {"modifier": "BETWEEN", "value": low, "value2": high}:
            return low, high
        case {"modifier": "EQUALS", "value": one}:
            return one, one
    return None


def _with_children(library: StashLibrary, kind: str, wanted: set[int], depth: int) -> set[int]:
    """Also those below them, ``depth`` levels (-1: all). Only studios have any here."""
    level = wanted
    while kind == "studios" and level and depth:
        level = {row.id for row in library.studios.values() if row.parent in level} - wanted
        wanted, depth = wanted | level, depth - 1
    return wanted


def _page(found: Sequence[_T], paging: Mapping[str, Any]) -> Sequence[_T]:
    per_page = PER_PAGE if paging.get("per_page") is None else paging["per_page"]
    if per_page < 0:
        return found
    start = (max(paging.get("page") or 1, 1) - 1) * per_page
    return found[start : start + per_page]


def _sort_key(sort: str) -> Callable[[StashScene], Any]:
    if sort not in _SCENE_SORTS:
        raise StashRefused(f"invalid sort: {sort}")
    if sort == "title":
        return lambda scene: scene.title or (scene.files[0].path.rpartition("/")[2] if scene.files else "")
    attribute = "rating100" if sort == "rating" else sort
    return lambda scene: (getattr(scene, attribute) is not None, getattr(scene, attribute))


def _contains(scene: StashScene, text: str) -> bool:
    searched = [scene.title, scene.details, *(file.path for file in scene.files)]
    return not text or any(text in (part or "").lower() for part in searched)


def _meets(scene: StashScene, criteria: Mapping[str, Any]) -> bool:
    nested = {name: criteria[name] for name in ("AND", "OR") if criteria.get(name) is not None}
    if len(nested) > 1:
        raise StashRefused("cannot have both AND and OR in one filter")
    own = {name: value for name, value in criteria.items() if name not in ("AND", "OR") and value is not None}
    if not nested:
        return _meets_all(scene, own)
    ((operator, inner),) = nested.items()
    if operator == "AND":
        return _meets_all(scene, own) and _meets(scene, inner)
    return (bool(own) and _meets_all(scene, own)) or _meets(scene, inner)


def _meets_all(scene: StashScene, criteria: Mapping[str, Any]) -> bool:
    for given, criterion in criteria.items():
        if given in _TEXTS_AND_LENGTHS:
            if not any(_TEXTS_AND_LENGTHS[given](one, criterion) for one in _told(scene, given)):
                return False
            continue
        name = _PARTS.get(given, given)
        value = getattr(scene, name.removesuffix("s") if name == "studios" else name)
        if isinstance(value, str | int) and name != "studios":
            if not _compares(value, criterion):
                return False
        elif not _has({str(part) for part in (value if isinstance(value, list) else [value])}, criterion):
            return False
    return True


def _told(scene: StashScene, name: str) -> Sequence[Any]:
    if name == "title":
        return [scene.title] if scene.title else []
    return [getattr(file, name) for file in scene.files]


def _has_text(text: str, criterion: Mapping[str, Any]) -> bool:
    """As SQLite's LIKE: whatever the case. Of several words any one will do, unless they stand in quotes."""
    wanted = criterion["value"].strip()
    if criterion["modifier"] == "EQUALS":
        return _is_like(text, wanted)
    if criterion["modifier"] != "INCLUDES":
        raise StashRefused(f"unsupported modifier {criterion['modifier']}")
    whole = wanted.strip('"')
    return any(_is_like(text, f"%{one}%") for one in ([whole] if whole != wanted else wanted.split()))


def _is_like(text: str, pattern: str) -> bool:
    parts = {"%": ".*", "_": "."}
    return re.fullmatch("".join(parts.get(one, re.escape(one)) for one in pattern), text, re.I | re.S) is not None


def _is_as_long(seconds: float, criterion: Mapping[str, Any]) -> bool:
    """Lengths are cut to whole seconds."""
    return _compares(int(seconds), criterion)


#: Criteria of what a scene's files, or its title, say.
_TEXTS_AND_LENGTHS: Mapping[str, Callable[[Any, Mapping[str, Any]], bool]] = {
    "title": _has_text,
    "path": _has_text,
    "duration": _is_as_long,
}


def _compares(value: Any, criterion: Mapping[str, Any]) -> bool:
    """Times are compared as the texts they are stored as, ids as numbers."""
    low, high = criterion["value"], criterion.get("value2")
    if high is None:
        high = "9999" if isinstance(value, str) else 0
    meets: dict[str, bool] = {
        "EQUALS": value == low,
        "NOT_EQUALS": value != low,
        "GREATER_THAN": value > low,
        "LESS_THAN": value < low,
        "BETWEEN": low <= value <= high,
        "NOT_BETWEEN": not low <= value <= high,
        "IS_NULL": False,
        "NOT_NULL": True,
    }
    if criterion["modifier"] not in meets:
        raise StashRefused(f"unsupported modifier {criterion['modifier']}")
    return meets[criterion["modifier"]]


def _has(ids: set[str], criterion: Mapping[str, Any]) -> bool:
    wanted = set(criterion.get("value") or ())
    meets: dict[str, bool] = {
        "INCLUDES": bool(ids & wanted),
        "INCLUDES_ALL": ids >= wanted,
        "EXCLUDES": not ids & wanted,
        "IS_NULL": not ids - {"None"},
        "NOT_NULL": bool(ids - {"None"}),
    }
    if criterion["modifier"] not in meets:
        raise StashRefused(f"unsupported modifier {criterion['modifier']}")
    return meets[criterion["modifier"]]
