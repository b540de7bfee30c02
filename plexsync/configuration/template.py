"""Templates: a text that is made of several texts of a scene, as ``{studio} - {date} - {title}``.

What a scene does not have leaves nothing behind: neither its separator nor the brackets around it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from plexsync.fields import Field
from plexsync.imports.late import late_pattern
from plexsync.imports.late_dataclass import dataclass

#: What may stand in a template, each with the field that is left alone in Plex where Stash could not tell it: then
#: nothing is known of what is made of it either.
PLACEHOLDERS: Mapping[str, Field] = {
    "studio": Field.STUDIO,
    "date": Field.DATE,
    "code": Field.TAGLINE,
    "title": Field.TITLE,
    "director": Field.DIRECTOR,
}
_TOKEN = late_pattern(r"\{([^{}]*)\}|[{}()\[\]]|[^{}()\[\]]+")
_CLOSING = {"(": ")", "[": "]"}


class TemplateFault(ValueError):
    """A template that cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class _Placeholder:
    name: str


@dataclass(frozen=True, slots=True)
class _Group:
    """What stands in brackets and has placeholders: it goes with them."""

    opening: str
    nodes: tuple[_Node, ...]


_Node = str | _Placeholder | _Group


@dataclass(frozen=True, slots=True)
class Template:
    """A template that was read. ``text`` is what was written."""

    text: str
    _nodes: tuple[_Node, ...]

    @classmethod
    def parse(cls, text: str) -> Template:
        """Read a template.

        :raises TemplateFault: it names something that is not a placeholder, or nothing at all, or a brace stands alone.
        """
        template = cls(text, _parsed(text))
        if not template.names:
            import difflib

            near = difflib.get_close_matches(text.lower(), PLACEHOLDERS, n=1)
            guess = f" (did you mean {near[0]}?)" if near else ""
            raise TemplateFault(f"{text[:40]!r} names no value of a scene{guess}")
        return template

    @property
    def names(self) -> frozenset[str]:
        """The placeholders in it."""
        return frozenset(_names(self._nodes))

    def fill(self, values: Mapping[str, str]) -> str:
        """The text that comes of it; ``""`` where none of its placeholders has a value.

        :param values: a value for each placeholder, ``""`` for none.
        """
        return _filled(self._nodes, values)


def _parsed(text: str) -> tuple[_Node, ...]:
    levels: list[tuple[str, list[_Node]]] = [("", [])]
    for found in _TOKEN.finditer(text):
        piece, name, (opening, nodes) = found[0], found[1], levels[-1]
        if name is not None:
            nodes.append(_placeholder(name))
        elif piece in "{}":
            raise TemplateFault("has a { without its }" if piece == "{" else "has a } without its {")
        elif piece in _CLOSING:
            levels.append((piece, []))
        elif opening and piece == _CLOSING[opening]:
            levels.pop()
            levels[-1][1].extend(_closed(opening, nodes))
        else:
            nodes.append(piece)
    while len(levels) > 1:
        # A bracket that nothing closes is a character as any other.
        opening, nodes = levels.pop()
        levels[-1][1].extend([opening, *nodes])
    return tuple(levels[0][1])


def _placeholder(name: str) -> _Placeholder:
    known = name.strip().lower()
    if known not in PLACEHOLDERS:
        import difflib

        near = difflib.get_close_matches(known, PLACEHOLDERS, n=1)
        guess = f" (did you mean {{{near[0]}}}?)" if near else ""
        raise TemplateFault(f"{{{name[:40]}}} is not a placeholder{guess}")
    return _Placeholder(known)


def _closed(opening: str, nodes: list[_Node]) -> list[_Node]:
    if any(True for _ in _names(nodes)):
        return [_Group(opening, tuple(nodes))]
    return [opening, *nodes, _CLOSING[opening]]


def _names(nodes: tuple[_Node, ...] | list[_Node]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, _Placeholder):
            yield node.name
        elif isinstance(node, _Group):
            yield from _names(node.nodes)


def _filled(nodes: tuple[_Node, ...], values: Mapping[str, str]) -> str:
    """The values with what stands before each, the first one's only at the beginning, and what stands behind the last.

    Between two values of which one that stood between them is missing comes what stands directly before the latter.
    """
    text = before = between = ""
    is_first, is_last_kept = True, False
    for node in nodes:
        if isinstance(node, str):
            between += node
            continue
        value = _value(node, values)
        # Where nothing separates it from one that is missing, what stood before that one does.
        before = between or ("" if is_last_kept else before)
        if value:
            text += (before if text or is_first else "") + value
        is_first, is_last_kept, between = False, bool(value), ""
    return text + (between if is_last_kept else "")


def _value(node: _Placeholder | _Group, values: Mapping[str, str]) -> str:
    if isinstance(node, _Placeholder):
        return values[node.name]
    inner = _filled(node.nodes, values)
    return f"{node.opening}{inner}{_CLOSING[node.opening]}" if inner else ""
