"""A function of PostgreSQL's that folds the case of letters as ``str.casefold`` does, which PostgreSQL learns in 18."""

from __future__ import annotations

from functools import lru_cache

#: Letters beyond these have no fold but their small form.
_LETTERS = 0x10000


@lru_cache(maxsize=1)
def _folds() -> dict[str, str]:
    """The small letters that fold to something else, such as ``ß`` to ``ss``."""
    small = (chr(code) for code in range(0x80, _LETTERS) if not 0xD800 <= code < 0xE000)
    return {one: fold for one in small if one.lower() == one and (fold := one.casefold()) != one}


def function(collation: str) -> str:
    """The statement that makes ``folded(text)``.

    :param collation: what tells small letters and capitals of all scripts, as ``collate "..."``; ``""`` for the
        database's own.
    """
    folds = _folds()
    letters = {one: fold for one, fold in folds.items() if len(fold) == 1}
    folded = f"translate(small, '{''.join(letters)}', '{''.join(letters.values())}')"
    for one, fold in folds.items():
        if one not in letters:
            folded = f"replace({folded}, '{one}', '{fold}')"
    # Hardly a text holds any of them.
    return f"""
create or replace function folded(text) returns text immutable language sql as $$
select case when small ~ '[{"".join(folds)}]' then {folded} else small end
from (select lower($1 {collation})) as of (small)
$$"""
