"""What is tried when lists of names read back differ from what was written: servers differ in how they take them.

A list that is written in the way of Plex's own web app stands at once, as a rule, and nothing of this happens.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from plexsync.metadata import left_names, lost_names
from plexsync.metadata.names import alike
from plexsync.model import Edit, Field, Item


def settle(
    edit: Edit,
    item: Item,
    write: Callable[[Edit, bool], object],
    read: Callable[[], Item],
    once_helps: Callable[[], object] = lambda: None,
    is_torn: Callable[[], object] = lambda: None,
) -> Item:
    """Bring the lists of an item about that ``edit`` wrote and that do not stand; each thing is tried once.

    A name that is still shown is removed by a request of its own: beside a list it may have been passed over, or it was
    not named there, as it is but another spelling of one that stays. Then it is named encoded once instead of twice. A
    name that is not shown (it may have gone with its other spelling) is written again, with the whole list.

    :param edit: what was written.
    :param item: the item as it was read back.
    :param write: writes an edit to the item; the second argument says whether names to be removed are encoded once.
    :param read: reads the item again.
    :param once_helps: told where it was the encoding.
    :param is_torn: told where a name with a comma was taken for several: what it is made of is gone.
    :returns: the item as it was read last, whether or not all stands by then.
    """
    tries: tuple[Callable[[Item], Edit], ...] = (
        lambda now: Edit(remove=left_names(edit, now)),
        lambda now: Edit(remove=_without_commas(left_names(edit, now))),
        lambda now: _again(edit, lost_names(edit, now)),
    )
    for attempt, remedy in enumerate(tries):
        if _tore(edit, item):
            is_torn()
        if rest := remedy(item):
            write(rest, attempt == 1)
            item = read()
            if attempt == 1 and not _without_commas(left_names(edit, item)):
                once_helps()
    return item


def _tore(edit: Edit, item: Item) -> bool:
    """Whether names are not shown of which one with a comma is made that was to be removed."""
    removed = [name for names in edit.remove.values() for name in names if "," in name]
    if not removed:
        return False
    parts = {alike(part) for name in removed for part in name.split(",")}
    return any(alike(name) in parts for names in lost_names(edit, item).values() for name in names)


def _without_commas(names: Mapping[Field, Sequence[str]]) -> dict[Field, tuple[str, ...]]:
    """The names that can be told apart in a list that is encoded once only."""
    kept = {field: tuple(name for name in some if "," not in name) for field, some in names.items()}
    return {field: some for field, some in kept.items() if some}


def _again(edit: Edit, lost: Mapping[Field, Sequence[str]]) -> Edit:
    """What writes the lists once more that lack a name."""
    lists = {field: edit.lists[field] for field in lost if edit.lists.get(field)}
    add = {field: tuple(tag for tag in tags if tag.name in lost[field]) for field, tags in lists.items()}
    return Edit(add=add, lists=lists)
