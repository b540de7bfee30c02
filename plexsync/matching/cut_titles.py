"""A title that a name's end cuts off within its first words: ``Tessa Doe - Turquois``, ``Nico Zander - Canoe Limo``.

Programs and file systems cut names at so many characters. Where studio or people stand first, little of the title is
left; but it is how the title begins, and so no other title.
"""

from __future__ import annotations

from collections.abc import Sequence, Set

from plexsync.matching.texts import Text

#: Characters that a name that was cut has at the least, and letters that are left of a title, of its only word, and of
#: the word that was cut.
_NAME, _TITLE, _ONLY_WORD, _LAST_WORD = 18, 8, 4, 3


def left_of_title(ours: Text, theirs: Text, explained: Set[str]) -> Sequence[str]:
    """The words of a title that are left in a name that was cut off within one of them, that one as it is left.

    Empty where that is not so.

    :param explained: words of studio and people, which the one may have, and not the other.
    """
    return _left(theirs, ours, explained) or _left(ours, theirs, explained)


def _left(name: Text, whole: Text, explained: Set[str]) -> Sequence[str]:
    words = name.reading.words
    if not words or len(name.written) < _NAME or not name.written.casefold().endswith(words[-1]):
        return ()
    last = words[-1]
    if len(last) < _LAST_WORD or not any(word != last and word.startswith(last) for word in whole.reading.words):
        # So are most.
        return ()
    title = [word for word in whole.reading.words if word not in explained]
    *before, _ = [word for word in words if word not in explained] or ("",)
    letters = sum(map(len, before)) + len(last)
    if last in explained or len(title) <= len(before) or title[: len(before)] != before:
        return ()
    following = title[len(before)]
    if following == last or not following.startswith(last):
        return ()
    return (*before, last) if letters >= (_TITLE if before else _ONLY_WORD) else ()
