"""Scenes with something odd in each, for tests that edit many."""

from __future__ import annotations

from collections.abc import Iterator

from plexsync.demo.world import World

ODD = (
    "commas, in, a, row",
    "\"double\" and 'single' “quotes”",
    "Rock & Roll; 50% off + more = fun?",
    "family 👨‍👩‍👧‍👦 and flags 🇦🇷🇯🇵",
    "<b>bold</b> &amp; <script>alert(1)</script>",
    "decomposed: cafe\u0301 n\u0303o\u0308",
    "日本語のタイトル 中文標題 한국어",
    "עברית ושלום العربية",
    "back\\slash / slash | pipe",
    "tag.tag- genre[0].tag.tag=X&id=1#fragment",
    "tab\tand  double  spaces ",
    "control\x07bell\x1band escape",
    "ﬁne ligature, Ǆ digraph, ß, İstanbul",
    "नमस्ते क्षत्रिय",
    "%2C %252C %20 already encoded",
    "x" * 285,
    "long " * 56,
    "🎬" * 40,
    "dots... and - dashes – — …",
    "null-ish: None null undefined NaN",
)


def edits(world: World, count: int) -> Iterator[tuple[int, dict[str, object]]]:
    """``count`` scenes, made here, each with an edit to be sent to Stash; every oddity goes through every field."""
    stash = world.stash
    for number in range(count):
        odd = ODD[number % len(ODD)]
        scene = world.add(f"folder {number % 7}/{number:03d} [x] & y, z.mp4", guess=f"Guess {number}")
        yield (
            scene,
            {
                "title": f"{odd} {number}",
                "details": f"{odd}\n\nSecond paragraph {number}: {ODD[(number + 1) % len(ODD)]}",
                "date": ("2023-05-17", "2023-05", "2023")[number % 3],
                "rating100": number % 101,
                "director": f"Director {number % 3}",
                "studio_id": _known(stash.add_studio, f"Studio {odd} {number % 40}", world),
                "performer_ids": [
                    _known(stash.add_performer, f"{ODD[(number + step) % len(ODD)]} {number % 30}", world)
                    for step in (2, 3, 4, 5)
                ],
                "tag_ids": [
                    _known(stash.add_tag, f"{ODD[(number + step) % len(ODD)]} {number % 25}", world)
                    for step in (6, 7, 8)
                ],
                "groups": [
                    {"group_id": _known(stash.add_group, f"Group {ODD[(number + 9) % len(ODD)]} {number % 10}", world)}
                ],
            },
        )


_IDS: dict[tuple[int, str, str], str] = {}


def _known(add: object, name: str, world: World) -> str:
    """The id of what has this name, made when it is missing."""
    key = (id(world), getattr(add, "__name__", ""), name)
    if key not in _IDS:
        _IDS[key] = str(add(name))  # type: ignore[operator]  # one of the add_... methods
    return _IDS[key]
