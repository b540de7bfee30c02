"""What the simulated Plex tells of itself and its sections beside items: enough for python-plexapi to find its way.

Shapes are those of Plex's API document 1.2.2 and of what python-plexapi 4.18 reads.
"""

from __future__ import annotations

from collections.abc import Iterable

from plexsync.demo.plex.answers import Shown
from plexsync.demo.plex.items import TAG_LISTS, StoredItem
from plexsync.demo.plex.library import SimulatedSection

#: Plex's number for a collection.
COLLECTION_TYPE = "18"
#: A collection's rating key is that of its tag and this, so that it is no item's.
_COLLECTION_KEYS = 1_000_000
#: How each kind of field can be compared, by the sign before ``=``.
_OPERATORS = {
    "tag": {"=": "is", "!=": "is not"},
    "string": {
        "=": "contains",
        "!=": "does not contain",
        "==": "is",
        "!==": "is not",
        "<=": "begins with",
        ">=": "ends with",
    },
    "integer": {"=": "is", "!=": "is not", ">>=": "is greater than", "<<=": "is less than"},
    "date": {"<<=": "is before", ">>=": "is after"},
}
#: The fields of a film that python-plexapi may search by, beside its tags.
_FIELDS = {"title": "string", "studio": "string", "year": "integer", "userRating": "integer", "addedAt": "date"}
_SORTS = ("titleSort", "addedAt", "year", "userRating")


def server_information() -> Shown:
    """What ``/`` says of the server, apart from its name and version."""
    return {
        "size": 1,
        "allowMediaDeletion": True,
        "allowSharing": True,
        "friendlyName": "Simulated Plex",
        "multiuser": True,
        "myPlex": True,
        "myPlexSigninState": "ok",
        "platform": "Linux",
        "transcoderActiveVideoSessions": 0,
        "Directory": [{"count": 1, "key": "library", "title": "library"}],
    }


def filters_of(section: SimulatedSection) -> Shown:
    """What a section can be searched and sorted by."""
    return {
        "Type": [
            {
                "key": f"/library/sections/{section.id}/all?type=1",
                "type": section.type,
                "title": "Movies",
                "active": True,
                "Filter": [_filter(section, kind) for kind in TAG_LISTS],
                "Sort": [_sort(name) for name in _SORTS],
                "Field": [
                    *({"key": name, "title": name, "type": kind} for name, kind in _FIELDS.items()),
                    *({"key": kind, "title": kind, "type": "tag"} for kind in TAG_LISTS),
                ],
            }
        ],
        "FieldType": [
            {"type": kind, "Operator": [{"key": key, "title": title} for key, title in operators.items()]}
            for kind, operators in _OPERATORS.items()
        ],
    }


def collection_filters(section: SimulatedSection) -> Shown:
    """What a section's collections can be searched and sorted by."""
    return {
        "key": f"/library/sections/{section.id}/collections?type={COLLECTION_TYPE}",
        "type": "collection",
        "title": "Collections",
        "active": False,
        "Sort": [_sort("titleSort")],
        "Field": [{"key": "title", "title": "title", "type": "string"}],
    }


def choices_of(section: SimulatedSection, kind: str) -> list[Shown]:
    """The tags of one kind that a section's items have."""
    tags = {each.tag.id: each.tag for item in section.items.values() for each in item.tags.get(kind, ())}
    return [
        {
            "key": str(tag.id),
            "fastKey": f"/library/sections/{section.id}/all?{kind}={tag.id}",
            "title": tag.name,
            "type": kind,
        }
        for tag in sorted(tags.values(), key=lambda tag: tag.name.casefold())
    ]


def collections_of(section: SimulatedSection, title: str) -> list[Shown]:
    """A section's collections whose name has ``title`` in it."""
    return [
        {
            "ratingKey": str(_COLLECTION_KEYS + int(choice["key"])),
            "key": f"/library/collections/{_COLLECTION_KEYS + int(choice['key'])}/children",
            "type": "collection",
            "subtype": section.type,
            "title": choice["title"],
            "childCount": sum(
                any(str(each.tag.id) == choice["key"] for each in item.tags.get("collection", ()))
                for item in section.items.values()
            ),
        }
        for choice in choices_of(section, "collection")
        if title.casefold() in choice["title"].casefold()
    ]


def members_of(items: Iterable[StoredItem], rating_key: int) -> list[StoredItem]:
    """The items of a collection."""
    number = rating_key - _COLLECTION_KEYS
    return [item for item in items if any(each.tag.id == number for each in item.tags.get("collection", ()))]


def _filter(section: SimulatedSection, kind: str) -> Shown:
    key = f"/library/sections/{section.id}/{kind}"
    return {"filter": kind, "filterType": "string", "key": key, "title": kind, "type": "filter"}


def _sort(name: str) -> Shown:
    return {"key": name, "descKey": f"{name}:desc", "defaultDirection": "asc", "title": name}
