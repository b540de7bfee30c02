"""How the simulated Stash looks for scenes: criteria, sorts and pages, as strict as Stash's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from plexsync.demo.stash.library import Refused, StashScene

#: Scenes on a page where nobody says how many.
PER_PAGE = 25
_SORTS = ("id", "title", "date", "created_at", "updated_at", "organized", "rating")


def search(
    scenes: Iterable[StashScene], criteria: Mapping[str, Any], paging: Mapping[str, Any]
) -> tuple[list[StashScene], int]:
    """One page of the scenes that meet all criteria, and how many do in all.

    :param criteria: a ``SceneFilterType``.
    :param paging: a ``FindFilterType``.
    :raises Refused: there is no such sort, or the modifier is none for such a criterion.
    """
    text = (paging.get("q") or "").lower()
    found = [scene for scene in scenes if _contains(scene, text) and _meets(scene, criteria)]
    found.sort(key=lambda scene: scene.title or "")
    found.sort(key=_sort_key(paging.get("sort") or "title"), reverse=paging.get("direction") == "DESC")
    per_page = PER_PAGE if paging.get("per_page") is None else paging["per_page"]
    if per_page < 0:
        return found, len(found)
    start = (max(paging.get("page") or 1, 1) - 1) * per_page
    return found[start : start + per_page], len(found)


def _sort_key(sort: str) -> Callable[[StashScene], Any]:
    if sort not in _SORTS:
        raise Refused(f"invalid sort: {sort}")
    if sort == "title":
        return lambda scene: scene.title or (scene.files[0].path.rpartition("/")[2] if scene.files else "")
    attribute = "rating100" if sort == "rating" else sort
    return lambda scene: (getattr(scene, attribute) is not None, getattr(scene, attribute))


def _contains(scene: StashScene, text: str) -> bool:
    searched = [scene.title, scene.details, *(file.path for file in scene.files)]
    return not text or any(text in (part or "").lower() for part in searched)


def _meets(scene: StashScene, criteria: Mapping[str, Any]) -> bool:
    for name, criterion in criteria.items():
        if criterion is None:
            continue
        value = getattr(scene, name.removesuffix("s") if name == "studios" else name)
        if isinstance(value, str):
            # Times are compared as the texts they are stored as.
            if not _compares(value, criterion["value"], criterion.get("value2") or "9999", criterion["modifier"]):
                return False
        elif name == "id":
            if not _compares(value, criterion["value"], criterion.get("value2") or 0, criterion["modifier"]):
                return False
        elif not _has({str(part) for part in (value if isinstance(value, list) else [value])}, criterion):
            return False
    return True


def _compares(value: Any, low: Any, high: Any, modifier: str) -> bool:
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
    if modifier not in meets:
        raise Refused(f"unsupported modifier {modifier}")
    return meets[modifier]


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
        raise Refused(f"unsupported modifier {criterion['modifier']}")
    return meets[criterion["modifier"]]
