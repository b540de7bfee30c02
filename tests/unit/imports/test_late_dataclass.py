"""Data classes that are made late are, once they are used, what ``dataclasses`` makes."""

from __future__ import annotations

import ast
import copy
import dataclasses
import importlib
import inspect
import pickle
import sys
from collections.abc import Callable
from dataclasses import FrozenInstanceError, field
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

import pytest

from plexsync.imports import late_dataclass
from tests.support.places import ROOT

#: What has to run without the package, or on older Pythons.
ELSEWHERE = ("plexsync/demo/", "plexsync/inbox/", "plexsync/imports/late_dataclass.py")

Make = Callable[..., Any]
Told = TypeVar("Told")
BOTH = pytest.mark.parametrize("dataclass", [dataclasses.dataclass, late_dataclass.dataclass], ids=["std", "late"])


@late_dataclass.dataclass(frozen=True, slots=True)
class Kept:
    """One that can be pickled: it stands at the top."""

    number: int
    names: tuple[str, ...] = ()


def frozen(dataclass: Make) -> Any:
    @dataclass(frozen=True, slots=True)
    class Point:
        """A point."""

        x: int
        y: int = 2
        seen: list[int] = field(default_factory=list, compare=False)
        hidden: str = field(default="h", repr=False)

        @property
        def both(self) -> int:
            return self.x + self.y

    return Point


@BOTH
def test_it_takes_compares_and_shows_the_same(dataclass: Make) -> None:
    point = frozen(dataclass)
    one = point(1)
    assert (one.x, one.y, one.seen, one.hidden, one.both) == (1, 2, [], "h", 3)
    assert one == point(1, seen=[1]) != point(2)
    assert one != (1, 2)
    assert hash(one) == hash(point(1, 2))
    assert repr(one).endswith("Point(x=1, y=2, seen=[])")
    assert point(1).seen is not one.seen
    assert dataclasses.replace(one, y=5) == point(1, 5)
    assert dataclasses.asdict(one) == {"x": 1, "y": 2, "seen": [], "hidden": "h"}
    assert [each.name for each in dataclasses.fields(point)] == ["x", "y", "seen", "hidden"]
    assert point.__match_args__ == ("x", "y", "seen", "hidden")
    assert not hasattr(one, "__dict__")


@BOTH
def test_it_refuses_the_same(dataclass: Make) -> None:
    point = frozen(dataclass)
    with pytest.raises(TypeError, match=r"missing 1 required positional argument: 'x'"):
        point()
    with pytest.raises(TypeError, match="unexpected keyword argument 'z'"):
        point(1, z=3)
    one = point(1)
    with pytest.raises(FrozenInstanceError):
        one.x = 3
    with pytest.raises(FrozenInstanceError):
        del one.x


@BOTH
def test_what_may_change_is_not_hashed(dataclass: Make) -> None:
    @dataclass(slots=True)
    class Counter:
        """Counts."""

        count: int = 0

    one = Counter()
    one.count += 1
    assert one == Counter(1)
    with pytest.raises(TypeError, match="unhashable"):
        hash(one)


@BOTH
def test_what_is_compared_by_identity_stays_so(dataclass: Make) -> None:
    @dataclass(eq=False)
    class Job:
        """A job."""

        name: str = ""

        def __post_init__(self) -> None:
            self.name = self.name or "none"

    assert Job().name == "none"
    assert Job("a") != Job("a")
    assert len({Job("a"), Job("a")}) == 2


@BOTH
def test_classes_that_derive_have_all_fields(dataclass: Make) -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Base:
        """A base."""

        first: int
        second: int = 0

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Derived(Base):
        """Derives."""

        third: int

        def __repr__(self) -> str:
            return "derived"

    one = Derived(first=1, third=3)
    assert (one.first, one.second, one.third) == (1, 0, 3)
    assert repr(one) == "derived"
    assert one == Derived(first=1, third=3) != Base(first=1)
    with pytest.raises(TypeError):
        Derived(1, 2, 3)

    class Plain(Derived):
        __slots__ = ()

    assert Plain(first=1, third=3).third == 3
    with pytest.raises(FrozenInstanceError):
        Plain(first=1, third=3).first = 2


@BOTH
def test_they_are_ordered_where_that_is_asked_for(dataclass: Make) -> None:
    @dataclass(frozen=True, order=True)
    class Version:
        """A version."""

        major: int
        minor: int = 0

    assert sorted([Version(2), Version(1, 5), Version(1)]) == [Version(1), Version(1, 5), Version(2)]
    assert Version(1) <= Version(1) < Version(2) > Version(1, 9)


def test_copies_and_pickles_hold_the_same() -> None:
    one = Kept(1, ("a",))
    assert copy.copy(one) == copy.deepcopy(one) == pickle.loads(pickle.dumps(one)) == one


@BOTH
@pytest.mark.parametrize("slots", [False, True])
def test_a_class_has_the_same_attributes(dataclass: Make, *, slots: bool) -> None:
    @dataclass(slots=slots)
    class Open(Generic[Told]):
        KIND: ClassVar[str] = "open"
        first: Told
        second: int = 2
        third: list[int] = field(default_factory=list)
        fourth: int = field(default=4)

    shown = {name: getattr(Open, name, None) for name in ("KIND", "first", "second", "third", "fourth")}
    if slots:
        assert shown.pop("KIND") == "open"
        assert {type(one).__name__ for one in shown.values()} == {"member_descriptor"}
        assert Open.__slots__ == ("first", "second", "third", "fourth")
    else:
        assert shown == {"KIND": "open", "first": None, "second": 2, "third": None, "fourth": 4}
    assert dataclasses.is_dataclass(Open)
    match Open("a", fourth=5):
        case Open(first, second, third, fourth):
            assert (first, second, third, fourth) == ("a", 2, [], 5)
    assert [one.name for one in dataclasses.fields(Open)] == ["first", "second", "third", "fourth"]
    assert Open.__module__ == __name__
    assert Open.__qualname__.endswith("<locals>.Open")


def test_fields_are_worked_out_when_somebody_asks() -> None:
    point = frozen(late_dataclass.dataclass)
    assert "__dataclass_fields__" in vars(point)
    assert not isinstance(vars(point)["__dataclass_fields__"], dict)
    assert point.__dataclass_fields__ is point.__dataclass_fields__
    assert isinstance(vars(point)["__dataclass_fields__"], dict)


def test_nothing_is_written_for_a_class_that_is_not_used() -> None:
    point = frozen(late_dataclass.dataclass)
    assert inspect.getsourcefile(point.__init__) == late_dataclass.__file__
    point(1)
    assert point.__init__.__code__.co_filename == "<string>"


def test_a_class_is_worked_out_once_and_no_text_about_it(monkeypatch: pytest.MonkeyPatch) -> None:
    worked_out: list[str] = []
    process = dataclasses._process_class  # type: ignore[attr-defined]

    def spy(cls: type, *options: Any) -> type:
        worked_out.append(cls.__name__)
        return process(cls, *options)

    def no_text(*_: object, **__: object) -> None:
        raise AssertionError("dataclasses asks for the text that it would give the class")

    monkeypatch.setattr(dataclasses, "_process_class", spy)
    monkeypatch.setattr(inspect, "signature", no_text)
    point = frozen(late_dataclass.dataclass)
    assert point(1) == dataclasses.replace(point(1))
    assert hash(point(1)) == hash(point(1))
    assert worked_out == ["Point"]


@BOTH
def test_what_is_told_of_a_class_is_the_same(dataclass: Make) -> None:
    params = frozen(dataclass).__dataclass_params__
    assert (params.init, params.repr, params.eq, params.order, params.frozen) == (True, True, True, False, True)


def test_a_class_with_an_own_beginning_is_refused() -> None:
    with pytest.raises(TypeError, match="Own has a method that would be made for it"):

        @late_dataclass.dataclass
        class Own:
            def __init__(self) -> None:
                pass


def _sources() -> list[Path]:
    found = [ROOT / "settings.py", *(ROOT / "plexsync").rglob("*.py"), *(ROOT / "tasks").glob("*.py")]
    return [path for path in found if not path.relative_to(ROOT).as_posix().startswith(ELSEWHERE)]


def test_all_of_ours_are_made_late() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in _sources()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.ImportFrom) and node.module == "dataclasses" and "dataclass" in _names(node))
        or (isinstance(node, ast.Attribute) and node.attr == "dataclass")
    ]
    assert wrong == [], "take plexsync.imports.late_dataclass: each class costs half a millisecond at every start"


def _names(node: ast.ImportFrom) -> list[str]:
    return [one.name for one in node.names]


def test_all_of_ours_can_be_made() -> None:
    importlib.import_module("plexsync.app")
    modules = [module for name, module in sys.modules.items() if name.startswith("plexsync.")]
    values = [value for module in modules for value in vars(module).values()]
    ours = {one for one in values if isinstance(one, type) and "__dataclass_fields__" in one.__dict__}
    assert len(ours) > 100
    for one in ours:
        told = [each.name for each in dataclasses.fields(one) if each.init]
        assert one.__init__.__code__.co_filename == "<string>"
        assert sorted(inspect.signature(one.__init__).parameters) == sorted(["self", *told])


def test_what_forks_can_have_all_methods_made_beforehand() -> None:
    made = frozen(late_dataclass.dataclass)
    stands_in = made.__init__
    late_dataclass.make_all()
    assert made.__init__ is not stands_in
    assert made(1) == made(1)
