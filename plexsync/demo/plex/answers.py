"""How the simulated Plex shows sections and items: short in listings, whole one by one, in JSON or XML."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any
from xml.etree import ElementTree as ET

from plexsync.demo.http.exchange import Response
from plexsync.demo.plex.items import TAG_LISTS, StoredItem, Tagging
from plexsync.demo.plex.library import SimulatedSection
from plexsync.model import Part

#: How many tags a listing shows of each list.
LISTED_TAGS = 2
#: How many actors a listing shows.
LISTED_ROLES = 3

#: Codecs that Plex has another name for than ffmpeg.
_CODECS = {"dts": "dca"}
#: Classes of resolutions, and the width or height in pixels from which a video is in one.
_CLASSES = (("4k", 3000, 1620), ("1080", 1700, 900), ("720", 1100, 650), ("576", 1025, 560), ("480", 700, 470))

Shown = dict[str, Any]


def section(each: SimulatedSection) -> Shown:
    """A section as ``/library/sections`` lists it."""
    return {
        "allowSync": False,
        "filters": True,
        "refreshing": bool(each.scans),
        "key": str(each.id),
        "type": each.type,
        "title": each.title,
        "agent": each.agent,
        "scanner": each.scanner,
        "language": "en-US",
        "uuid": each.uuid,
        "content": True,
        "directory": True,
        "contentChangedAt": each.content_changed_at,
        "hidden": 0,
        "Location": [{"id": number, "path": path} for number, path in enumerate(each.locations, 1)],
    }


def listed_item(item: StoredItem, item_type: str) -> Shown:
    """An item as a listing shows it: tag lists cut short, no locks."""
    shown = _plain(item, item_type)
    for kind, name in TAG_LISTS.items():
        limit = LISTED_ROLES if kind == "actor" else LISTED_TAGS
        shown[name] = [{"tag": each.tag.name} for each in item.tags.get(kind, ())[:limit]]
    return shown


def whole_item(item: StoredItem, section: SimulatedSection) -> Shown:
    """An item with all there is to it."""
    shown = _plain(item, section.type)
    shown |= {"librarySectionTitle": section.title, "librarySectionID": section.id}
    for kind, name in TAG_LISTS.items():
        shown[name] = [_tag(each, kind) for each in item.tags.get(kind, ())]
    shown["Field"] = [{"locked": True, "name": name} for name in sorted(item.locked)]
    shown["Image"] = [
        {"alt": item.texts["title"], "type": kind, "url": path}
        for kind, path in (("coverPoster", item.picture_path("thumb")), ("background", item.picture_path("art")))
        if path
    ]
    return shown


def tree(item: StoredItem, *, with_hashes: bool) -> Shown:
    """An item as its tree shows it, under names of its own."""
    parts = [
        {
            "metadataType": 1,
            "id": item.rating_key * 100 + number,
            "file": part.file,
            "size": part.size,
            "openSubtitleHash": item.hashes.get(part.file) if with_hashes else None,
            "duration": part.duration_ms,
        }
        for number, part in enumerate(item.parts)
    ]
    return {
        "id": item.rating_key,
        "title": item.texts["title"],
        "guid": item.guid,
        "addedAt": item.added_at,
        "MediaItem": [{"id": part["id"], "MediaPart": [part]} for part in parts],
    }


def trimmed(shown: Shown, without: Iterable[str]) -> Shown:
    """The item without the fields and elements that were asked away."""
    names = set(without)
    return {name: value for name, value in shown.items() if name not in names}


def without_files(content: Shown) -> Shown:
    """The items without the paths of their files."""
    items = [
        {
            **item,
            "Media": [
                {**media, "Part": [{k: v for k, v in part.items() if k != "file"} for part in media["Part"]]}
                for media in item.get("Media", [])
            ],
        }
        for item in content.get("Metadata", [])
    ]
    return {**content, "Metadata": items}


def answer(content: Mapping[str, Any], *, as_json: bool) -> Response:
    """A ``MediaContainer``. JSON leaves out empty lists and what is None."""
    container = _without_empty(content)
    headers = {
        header: str(container[name])
        for header, name in (("X-Plex-Container-Start", "offset"), ("X-Plex-Container-Total-Size", "totalSize"))
        if name in container
    }
    if as_json:
        body = json.dumps({"MediaContainer": container}, ensure_ascii=False).encode()
        return Response(200, body, "application/json", headers)
    tree = _element("MediaContainer", container)
    body = ET.tostring(tree, encoding="utf-8", xml_declaration=True)
    return Response(200, body, "text/xml;charset=utf-8", headers)


def _plain(item: StoredItem, item_type: str) -> Shown:
    """Everything but tags, locks and images."""
    key = item.rating_key
    return {
        "ratingKey": str(key),
        "key": f"/library/metadata/{key}",
        "guid": item.guid,
        "type": item_type,
        **{name: text or None for name, text in item.texts.items()},
        # "Returned if the content should be sorted by a different value" (API document).
        "titleSort": item.texts["titleSort"]
        if item.texts.get("titleSort") not in (None, "", item.texts["title"])
        else None,
        "year": item.year,
        "userRating": item.user_rating,
        "thumb": item.picture_path("thumb"),
        "art": item.picture_path("art"),
        "duration": item.parts[0].duration_ms if item.parts else None,
        "addedAt": item.added_at,
        "updatedAt": item.updated_at,
        "Media": [_media(key * 100 + number, part) for number, part in enumerate(item.parts)],
    }


def _media(number: int, part: Part) -> Shown:
    # Windows paths come with backslashes, and only the end of the name matters here.
    container = PurePosixPath(part.file).suffix.removeprefix(".").lower() or None
    stored = {
        "id": number,
        "key": f"/library/parts/{number}/0/file",
        "duration": part.duration_ms,
        "file": part.file,
        "size": part.size,
        "container": container,
    }
    return {
        "id": number,
        "duration": part.duration_ms,
        "bitrate": part.bit_rate // 1000 or None,
        "width": part.width or None,
        "height": part.height or None,
        "audioCodec": _CODECS.get(part.audio_codec, part.audio_codec) or None,
        "videoCodec": part.video_codec or None,
        "videoResolution": _resolution(part),
        "container": container,
        "videoFrameRate": _frame_rate(part.frame_rate),
        "Part": [stored],
    }


def _resolution(part: Part) -> str | None:
    """The class that Plex files a video under, by whichever of its sides is the larger for that."""
    if not part.height:
        return None
    found = (name for name, width, height in _CLASSES if part.width >= width or part.height >= height)
    return next(found, "sd")


def _frame_rate(rate: float) -> str | None:
    """The class that Plex has for frames a second."""
    if not rate:
        return None
    return {25: "PAL", 30: "NTSC"}.get(round(rate), f"{round(rate)}p")


def _tag(tagging: Tagging, kind: str) -> Shown:
    tag = tagging.tag
    return {
        "id": tag.id,
        "filter": f"{kind}={tag.id}",
        "tag": tag.name,
        "role": tagging.text or None,
        "thumb": tag.thumb or None,
    }


def _without_empty(shown: Mapping[str, Any]) -> Shown:
    full: Shown = {}
    for name, value in shown.items():
        if isinstance(value, list) and value:
            full[name] = [_without_empty(each) for each in value]
        elif isinstance(value, dict):
            full[name] = _without_empty(value)
        elif value is not None and value != []:
            full[name] = value
    return full


def _element(name: str, shown: Mapping[str, Any]) -> ET.Element:
    plain = {key: _attribute(value) for key, value in shown.items() if not isinstance(value, list | dict)}
    element = ET.Element(name, plain)
    for key, value in shown.items():
        if isinstance(value, dict):
            element.append(_element(key, value))
        elif isinstance(value, list):
            element.extend(_element(_xml_name(key, each), each) for each in value)
    return element


def _xml_name(key: str, shown: Mapping[str, Any]) -> str:
    """XML names what JSON calls ``Metadata`` by what it is: a film, a collection, or a picture."""
    if key != "Metadata":
        return key
    return {"movie": "Video", "collection": "Directory"}.get(shown.get("type", ""), "Photo")


def _attribute(value: object) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)
