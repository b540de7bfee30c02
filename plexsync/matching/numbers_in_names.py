"""What numbers in names say: of one film, of another part, or nothing, as they are counts and slips."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import replace

from plexsync.imports.late import late_pattern
from plexsync.matching import weights
from plexsync.matching.codes import letters_of
from plexsync.matching.evidence import Evidence
from plexsync.matching.evidence_kind import Kind
from plexsync.matching.numbers_of_studios import of_studio
from plexsync.matching.spelt_numbers import spelt_in
from plexsync.matching.texts import Likeness, Text

#: Digits that a number must have to tell something by itself; lines of pictures tell nothing.
_TELLING_DIGITS = 3
#: Digits that count at most.
_MOST_DIGITS = 5
#: A number with a wrong letter in it.
_SPOILT = late_pattern("[0-9]+[a-z][0-9]+")
#: Letters that parts are told apart by.
_MOST_LETTERS = 4
#: A number that may be that of a picture's lines: ``blue_lake_720``, ``Blue Lake (1080)``.
_HEIGHT_AT_END = late_pattern(r"[ ._(\[-](?:480|540|576|720|1080|1440|2160|4320)[\])]?$")
#: The same cut off with a long name: ``... of Winter Harbour 72``. One digit may as well be a part's.
_CUT_AT_END = late_pattern(r"[ ._(\[-][0-9]{2,3}$")
_LONG, _LEAST_OF_LINES = 40, 2
LINES = frozenset((240, 264, 265, 360, 480, 540, 576, 720, 1080, 1440, 2160, 4320))
#: Letters that are read as numbers at the end of a name.
_NUMERALS = (("i", 1), ("v", 5), ("x", 10))


def same_number(ours: Sequence[Text], theirs: Sequence[Text], year: str = "") -> Evidence | None:
    """Evidence of a number of several digits that both have, as sites number what they publish; None for none.

    Zeros before it count as digits where both have them.

    :param year: of the scene: another one in both names is no year, but a number.
    """
    yours = _numbers_of(theirs, year)
    mine = _numbers_of(ours, year) if yours else {}
    same = mine.keys() & yours.keys() - LINES
    if not same:
        # Of most there is none.
        return None
    same -= _of_other_codes(ours, theirs)
    number = max(same, key=lambda one: (min(mine[one], yours[one]), one), default=0)
    digits = min(mine[number], yours[number]) if number else 0
    if digits < _TELLING_DIGITS:
        return None
    return Evidence(Kind.SAME_NUMBER, weights.NUMBER_DIGIT * digits, f"same number {number}")


def _numbers_of(texts: Sequence[Text], year: str) -> dict[int, int]:
    """The numbers of some texts, each with the digits it is written with: two zeros at most before it count."""
    found: dict[int, int] = {}
    for text in texts:
        reading = text.reading
        if not reading.numbers and reading.year is None:
            continue
        is_year = reading.year is None or not year or str(reading.year) == year
        for number in (*reading.numbers, *([] if is_year else [reading.year])):
            if number is None:
                continue
            zeros = next((many for many in (2, 1) if f"{'0' * many}{number}" in text.written), 0)
            found[number] = max(found.get(number, 0), min(len(str(number)) + zeros, _MOST_DIGITS))
    return found


def _of_other_codes(ours: Sequence[Text], theirs: Sequence[Text]) -> set[int]:
    """Numbers that are the digits of codes, where the two sides have no code in common."""
    mine, yours = (
        {code for text in texts for code in (*text.reading.codes, *text.reading.loose_codes)}
        for texts in (ours, theirs)
    )
    if mine & yours:
        return set()
    digits = [{int(code[len(letters_of(code)) :]) for code in codes} for codes in (mine, yours)]
    # Of a code for certain they are on whichever side it is.
    return (digits[0] & digits[1]).union(*(text.reading.of_codes for text in (*ours, *theirs)))


def numbers_against(
    pairs: Sequence[Likeness], best: Likeness, explained: Set[str], heights: Set[int] = frozenset()
) -> Evidence | None:
    """What the numbers say against it. Where title and title or name and name agree in theirs, nothing else counts.

    :param heights: how many lines the pictures may have: such a number at the end of a name is none of a series.
    """
    alike = [
        pair
        for pair in pairs
        if pair is best
        or (pair.weight > 0 and pair.likeness >= weights.LIKENESS_ALIKE and pair.ours.is_title == pair.theirs.is_title)
    ]
    # The V of a studio's name is no fifth part.
    names = {number for numeral, number in _NUMERALS if numeral in explained}
    names.update(int(word) for word in explained if word.isdigit())
    told = [
        (_numbers(pair.ours, pair.theirs, names, heights), _numbers(pair.theirs, pair.ours, names, heights))
        for pair in alike
    ]
    if any(mine and sorted(mine) == sorted(yours) for mine, yours in told):
        return None
    # What another text has as well is missing nowhere.
    akin = [pair for pair in pairs if pair.weight > 0 and pair.own >= weights.NAMESAKES_LEAST]
    all_mine = {number for pair in akin for number in (*pair.ours.reading.numbers, *_lettered(pair.ours, pair.theirs))}
    all_yours = {
        number for pair in akin for number in (*pair.theirs.reading.numbers, *_lettered(pair.theirs, pair.ours))
    }
    told = [
        (
            [one for one in mine if one in yours or one not in all_yours],
            [one for one in yours if one in mine or one not in all_mine],
        )
        for mine, yours in told
    ]
    spoilt = _spoilt(best.ours.written) | _spoilt(best.theirs.written)
    if spoilt:
        told = [_without_spoilt(mine, yours, spoilt) for mine, yours in told]
    letters = (_other_letter(pair, *numbers) for pair, numbers in zip(alike, told, strict=True))
    if (other_letter := next(filter(None, letters), None)) is not None:
        return other_letter
    worst = min((_apart(mine, yours) for mine, yours in told), key=lambda evidence: evidence.weight)
    if worst.weight >= 0:
        return None
    if worst.kind is Kind.NUMBER_OF_ONE:
        together = list(zip(alike, told, strict=True))
        if all(_is_in_front(pair, mine, yours) for pair, (mine, yours) in together):
            return Evidence(Kind.NUMBER_IN_FRONT, weights.NUMBER_IN_FRONT, f"in front: {worst.reason}")
        copies = [_without_copies(pair, mine, yours) for pair, (mine, yours) in together]
        if all(sorted(mine) == sorted(yours) for mine, yours in copies):
            said = f"perhaps of a second file of the name: {worst.reason}"
            return Evidence(Kind.COPY_NUMBER, weights.NUMBER_OF_COPY, said)
    slipped = worst.kind is Kind.OTHER_NUMBER and best.misspelt and best.likeness >= weights.LIKENESS_ALIKE
    if slipped and best.own >= weights.TELLING and all(_is_slip(mine, yours) for mine, yours in told):
        return replace(worst, kind=Kind.MISTYPED_NUMBER, weight=weights.MISTYPED_NUMBER)
    return worst


def _is_slip(mine: Sequence[int], yours: Sequence[int]) -> bool:
    """Whether of a number of several digits one was left out or typed twice, or two of them the wrong way round.

    Another digit in place of one is none: so do the numbers of a series differ.
    """
    left, right = ("".join(map(str, numbers)) for numbers in (mine, yours))
    if left == right:
        return True
    longer, shorter = (left, right) if len(left) >= len(right) else (right, left)
    if len(longer) < _TELLING_DIGITS:
        return False
    if len(longer) == len(shorter) + 1:
        return any(longer[:place] + longer[place + 1 :] == shorter for place in range(len(longer)))
    return any(
        longer[:place] + longer[place + 1] + longer[place] + longer[place + 2 :] == shorter
        for place in range(len(longer) - 1)
    )


def _numbers(text: Text, other: Text, names: Set[int], heights: Set[int]) -> list[int]:
    """The numbers of a text that may be those of parts, and that of its letter where the other has it in figures.

    :param names: numbers that are part of the names of studio and people.
    :param heights: as ``numbers_against`` takes them.
    """
    reading = text.reading
    found = list(reading.numbers)
    if heights and found and _is_height(text.written, found[-1], heights):
        found.pop()
    found = [one for one in found if one not in names and one not in reading.of_codes]
    elsewhere = _written_out(other, text) | of_studio(text, other) if found else set()
    return [one for one in found if one not in elsewhere] + _lettered(text, other)


def _is_height(written: str, number: int, heights: Set[int]) -> bool:
    """Whether the number at the end of a name is that of the picture's lines, or what is left of it in a long name.

    :param heights: how many lines the pictures may have.
    """
    if number in heights:
        return _HEIGHT_AT_END.search(written) is not None
    digits = str(number)
    return (
        len(written) >= _LONG
        and _LEAST_OF_LINES <= len(digits) < len(str(max(heights)))
        and _CUT_AT_END.search(written) is not None
        and any(str(height).startswith(digits) for height in heights)
    )


def _lettered(text: Text, other: Text) -> list[int]:
    """The number that a text's letter stands for, where the other has it in figures: ``_B_180_LR``, ``part 2``."""
    letter = text.reading.letter
    return [letter] if letter is not None and letter in other.reading.numbers else []


def _written_out(text: Text, other: Text) -> set[int]:
    """The numbers that words and letters of a text stand for, where the other has these in figures: ``two``, V."""
    words, others = text.reading.words, set(other.reading.words)
    found = {number for numeral, number in _NUMERALS if numeral in words}
    return found.union(spelt_in([word for word in words if word not in others]))


def _other_letter(pair: Likeness, mine: Sequence[int], yours: Sequence[int]) -> Evidence | None:
    """Evidence that two names end in other letters, as of halves, or the one in B and the other has part 1.

    :param mine: what is left of the scene's numbers; those that the other one's letter stands for are no longer there.
    :param yours: the same of the item's.
    """
    readings, numbers = (pair.ours.reading, pair.theirs.reading), (mine, yours)
    said: list[str | None] = []
    for place, (reading, other) in enumerate((readings, readings[::-1])):
        left = Counter(numbers[place]) - Counter(numbers[1 - place])
        part = next((number for number in left if number <= _MOST_LETTERS), None)
        if reading.letter is not None:
            # A plan B is one wherever it stands.
            said.append(None if _letter(reading.letter).lower() in other.words else _letter(reading.letter))
        else:
            said.append(None if part is None or other.letter is None else str(part))
    one, other_one = said
    if one is None or other_one is None or one == other_one:
        return None
    return Evidence(Kind.OTHER_PART, weights.OTHER_NUMBER, f"another part ({one} in Stash, {other_one} in Plex)")


def other_half(ours: Text, theirs: Text) -> Evidence | None:
    """Evidence that of two names that hold one code the one is another half or disc than the other; None for no such.

    Other numbers beside a code are anything; so only small ones count, and letters, but for a C, which is subtitled.
    """
    mine, yours = (_halves(text) for text in (ours, theirs))
    if not mine or not yours or mine & yours:
        return None
    told = f"another part ({listed(sorted(mine))} in Stash, {listed(sorted(yours))} in Plex)"
    return Evidence(Kind.OTHER_PART, weights.OTHER_NUMBER, told)


def _halves(text: Text) -> set[int]:
    reading = text.reading
    found = {number for number in reading.numbers if number <= _MOST_LETTERS and number not in reading.of_codes}
    return found | ({reading.letter} if reading.letter in (1, 2) else set())


def _letter(number: int) -> str:
    return chr(ord("A") + number - 1)


def _is_in_front(pair: Likeness, mine: Sequence[int], yours: Sequence[int]) -> bool:
    """Whether the numbers are the same but for one in front of a name, where the other has none there."""
    ours, theirs = pair.ours.reading.in_front, pair.theirs.reading.in_front
    left, right = list(mine), list(yours)
    if ours is not None and theirs is None and ours in left:
        left.remove(ours)
    elif theirs is not None and ours is None and theirs in right:
        right.remove(theirs)
    return sorted(left) == sorted(right)


def _without_copies(pair: Likeness, mine: Sequence[int], yours: Sequence[int]) -> tuple[list[int], list[int]]:
    """The numbers of two names without those that a program may have added to one of them."""
    left, right = list(mine), list(yours)
    for one, other, copy in ((left, right, pair.ours.reading.copy), (right, left, pair.theirs.reading.copy)):
        if copy is not None and one.count(copy) > other.count(copy):
            one.remove(copy)
    return left, right


def _spoilt(text: str) -> set[str]:
    """The numbers of a text that have a wrong letter in them, as they stand: ``28r6`` for ``286``."""
    return set(_SPOILT.findall(text.lower()))


def _without_spoilt(mine: Sequence[int], yours: Sequence[int], spoilt: Set[str]) -> tuple[list[int], list[int]]:
    """Two lists of numbers without those that the one has whole, and the other with a letter in them."""
    left, right = list(mine), list(yours)
    for text in spoilt:
        whole = re.compile(re.sub("[a-z]", "[0-9]?", text))
        parts = [int(part) for part in re.findall("[0-9]+", text)]
        for one, other in ((left, right), (right, left)):
            meant = next((number for number in one if whole.fullmatch(str(number))), None)
            if meant is not None and not Counter(parts) - Counter(other):
                one.remove(meant)
                for part in parts:
                    other.remove(part)
                break
    return left, right


def _apart(mine: Sequence[int], yours: Sequence[int]) -> Evidence:
    left, right = Counter(mine), Counter(yours)
    if left == right:
        return Evidence(Kind.SAME_NUMBER, 0.0, "same numbers")
    only_left, only_right = left - right, right - left
    if only_left and only_right:
        told = f"another number ({listed(mine)} in Stash, {listed(yours)} in Plex)"
        return Evidence(Kind.OTHER_NUMBER, weights.OTHER_NUMBER, told)
    extra = only_left or only_right
    told = f"number {listed(sorted(extra))} only in {'Stash' if only_left else 'Plex'}"
    if set(extra) == {1}:
        return Evidence(Kind.NUMBER_ONE_OF_ONE, weights.NUMBER_ONE_OF_ONE, told)
    return Evidence(Kind.NUMBER_OF_ONE, weights.NUMBER_OF_ONE, told)


def listed(numbers: Sequence[int | str]) -> str:
    return ", ".join(map(str, numbers))
