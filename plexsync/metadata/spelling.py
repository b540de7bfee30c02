"""Which of the names that an item shows stands for which of ours: Plex may spell a name its own way.

Plex finds tags regardless of the case of ASCII letters, as far as is known, and shows a tag as it was spelled first.
Nobody knows it for other letters. So names are compared exactly first. A name that was written and is read back in
another spelling stands as Plex spells it: that is noted with what we wrote, and not written again and again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from plexsync.metadata.names import alike, cased, fold
from plexsync.metadata.text import single_line
from plexsync.model import TAG_FIELDS, Applied, Field, Item


def standing(names: Iterable[str], shown: Collection[str]) -> dict[str, str]:
    """The names that an item shows, each with the spelling that comes closest; those it does not show are not in it.

    One shown name may stand for several: a server may take ``Masse`` and ``Maße`` for one.
    """
    wanted = list(names)
    # As a rule all of them stand as they are.
    found = {name: name for name in wanted if name in shown}
    if len(found) == len(wanted):
        return found
    levels: tuple[Callable[[str], str], ...] = (single_line, alike, cased, fold)
    for same in levels:
        missing = [name for name in wanted if name not in found]
        if not missing:
            break
        spellings: dict[str, str] = {}
        for name in shown:
            spellings.setdefault(same(name), name)
        found |= {name: spellings[same(name)] for name in missing if same(name) in spellings}
    return found


def as_written(field: Field, names: Iterable[str], applied: Applied, shown: Collection[str]) -> dict[str, str]:
    """As ``standing``, but for spellings that a write might change.

    A name stands as it is, in the spelling that Plex showed after it was written, or, where it was written, in another
    case of ASCII letters: of what earlier versions wrote the spelling was not noted.
    """
    noted, before = applied.spelled.get(field, {}), applied.tags.get(field, ())
    found: dict[str, str] = {}
    for name, spelling in standing(names, shown).items():
        if (
            spelling == name
            or single_line(spelling) == single_line(name)
            or (name in before and alike(spelling) == alike(name))
        ):
            found[name] = spelling
        elif noted.get(name) in shown:
            found[name] = noted[name]
    return found


def ours_among(shown: Collection[str], applied: Collection[str]) -> set[str]:
    """Those of the shown names that we wrote: all that Plex takes for the same, and what stands in place of one."""
    same = {alike(name) for name in applied}
    return {*standing(applied, shown).values(), *(name for name in shown if alike(name) in same)}


def in_order(names: Iterable[str], stands: Mapping[str, str], shown: Collection[str]) -> bool:
    """Whether the names that stand do so in their order; others may stand between them.

    :param stands: as ``standing`` says.
    """
    places = {name: place for place, name in reversed(list(enumerate(shown)))}
    taken = [places[stands[name]] for name in names if name in stands]
    return taken == sorted(taken)


def names_in_order(field: Field, names: Iterable[str], item: Item) -> bool:
    """Whether an item shows names in this order, those that it shows at all."""
    wanted, shown = list(names), [tag.name for tag in item.tags.get(field, ())]
    return in_order(wanted, standing(wanted, shown), shown)


def spelled_by(item: Item, applied: Applied) -> dict[Field, dict[str, str]]:
    """The names we wrote that an item shows in another spelling, by field, with that spelling."""
    found: dict[Field, dict[str, str]] = {}
    for field in TAG_FIELDS:
        shown = [tag.name for tag in item.tags.get(field, ())]
        stands = standing(applied.tags.get(field, ()), shown)
        others = {
            name: spelling
            for name, spelling in stands.items()
            if spelling != name and single_line(spelling) != single_line(name)
        }
        if others:
            found[field] = others
    return found


def spelling_notes(applied: Applied) -> tuple[str, ...]:
    """A sentence for a person about each name that Plex spells its own way, and each list that it orders so."""
    return (
        *(
            f'{field}: Plex spells "{name}" as "{spelling}".'
            for field in TAG_FIELDS
            for name, spelling in applied.spelled.get(field, {}).items()
        ),
        *(f"{field}: Plex shows them in an order of its own." for field in TAG_FIELDS if field in applied.unordered),
    )
