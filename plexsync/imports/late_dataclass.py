"""Data classes whose methods are made when one of them is called first.

``dataclasses`` writes and compiles the methods of a class when the class is made, half a millisecond for each class;
that was a quarter of what it took to start. A process uses few of the classes that it imports. So here a class is made
with its fields alone, and its methods come, from ``dataclasses`` itself, when it is first made an instance of, compared
or shown. From then on there is no difference.

``fields``, ``replace`` and ``asdict`` of ``dataclasses`` work on such a class as on any.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import dataclass as dataclass

#: The methods that are made, by the option that asks for them.
_COMPARING = ("__lt__", "__le__", "__gt__", "__ge__")
#: What ``dataclasses`` notes in a class of its fields.
_DESCRIBING = ("__dataclass_fields__", "__dataclass_params__", "__match_args__")
#: How the types begin of what is none.
_NO_FIELDS = ("ClassVar", "typing.ClassVar")
#: What each class gets anew.
_PER_CLASS = ("__dict__", "__weakref__")
#: What makes the methods of each class that has none yet.
_unmade: dict[type, Callable[[], None]] = {}


def make_all() -> None:
    """Make the methods of all classes that there are: for a process from which others are forked."""
    for make in list(_unmade.values()):
        make()


def _dataclass(
    cls: type | None = None,
    /,
    *,
    repr: bool = True,  # noqa: A002 - its options are those of dataclasses
    eq: bool = True,
    order: bool = False,
    frozen: bool = False,
    slots: bool = False,
    kw_only: bool = False,
) -> Any:
    """As ``dataclasses.dataclass``. A class may derive only from such as are made here, too.

    :raises TypeError: the class has a method that only ``dataclasses`` itself would know what to do with.
    """

    options = {"repr": repr, "eq": eq, "order": order, "frozen": frozen}

    def made(cls: type) -> Any:
        return _made(cls, options, slots=slots, kw_only=kw_only)

    return made if cls is None else made(cls)


if not TYPE_CHECKING:
    dataclass = _dataclass


def _made(cls: type, options: dict[str, bool], *, slots: bool, kw_only: bool) -> Any:
    own = frozenset(cls.__dict__)
    has_own_hash = "__hash__" in own and not (cls.__dict__["__hash__"] is None and "__eq__" in own)
    if own & {"__init__", "__setattr__", "__delattr__"}:
        raise TypeError(f"{cls.__qualname__} has a method that would be made for it")
    types = cls.__annotations__
    given = {name: cls.__dict__[name] for name in types if name in cls.__dict__}
    done: Any = _with_fields(cls, types, given, slots=slots)
    wanted = {"__init__": True, "__repr__": options["repr"], "__eq__": options["eq"]}
    wanted |= dict.fromkeys(_COMPARING, options["order"])
    names = [name for name, is_wanted in wanted.items() if is_wanted and name not in own]
    if options["eq"] and not has_own_hash:
        if options["frozen"]:
            names.append("__hash__")
        else:
            # As dataclasses does with what may change.
            done.__hash__ = None

    def make() -> None:
        _unmade.pop(done, None)
        told = _told(done, types, given, {**options, "kw_only": kw_only})
        for one in (*names, *_DESCRIBING):
            setattr(done, one, told.__dict__[one])

    def stand_in(name: str) -> Any:
        def method(self: Any, *args: Any, **kwargs: Any) -> Any:
            make()
            return getattr(done, name)(self, *args, **kwargs)

        return method

    _unmade[done] = make

    for name in names:
        setattr(done, name, stand_in(name))
    for name in _DESCRIBING:
        setattr(done, name, _Described(name, make))
    if options["frozen"]:
        _freeze(done, slots=slots)
    return done


def _with_fields(cls: type, types: dict[str, Any], given: dict[str, Any], *, slots: bool) -> Any:
    """The class as ``dataclasses`` leaves it, without the methods and what is known of its fields."""
    names = [name for name, told in types.items() if not str(told).startswith(_NO_FIELDS)]
    if slots:
        return _slotted(cls, names)
    for name in names:
        if isinstance(one := given.get(name), dataclasses.Field):
            if one.default is dataclasses.MISSING:
                delattr(cls, name)
            else:
                setattr(cls, name, one.default)
    return cls


def _slotted(cls: type, names: list[str]) -> Any:
    """The same class with a place for each field, and for nothing else."""
    inherited = {slot for base in cls.__mro__[1:-1] for slot in _slots_of(base)}
    space = {name: value for name, value in cls.__dict__.items() if name not in _PER_CLASS and name not in inherited}
    for name in names:
        space.pop(name, None)
    space["__slots__"] = tuple(name for name in names if name not in inherited)
    done = type(cls)(cls.__name__, cls.__bases__, space)
    done.__qualname__ = cls.__qualname__
    return done


def _slots_of(cls: type) -> tuple[str, ...]:
    slots = cls.__dict__.get("__slots__", ())
    return (slots,) if isinstance(slots, str) else tuple(slots)


class _Described:
    """What ``dataclasses`` knows of a class, worked out when it is asked for."""

    __slots__ = ("_make", "_name")

    def __init__(self, name: str, make: Callable[[], None]) -> None:
        self._name = name
        self._make = make

    def __get__(self, one: object, owner: Any = None) -> Any:
        self._make()
        return getattr(owner, self._name)


def _told(cls: Any, types: dict[str, Any], given: dict[str, Any], options: dict[str, bool]) -> Any:
    """What ``dataclasses`` makes of the same fields: a class that nobody uses, but for its methods."""
    space = {
        "__module__": cls.__module__,
        "__qualname__": cls.__qualname__,
        # Without a text, dataclasses works one out, which takes as long as all its methods.
        "__doc__": cls.__name__,
        "__annotations__": types,
        **given,
    }
    if hasattr(cls, "__post_init__"):
        space["__post_init__"] = cls.__post_init__
    bases = tuple(base for base in cls.__bases__ if dataclasses.is_dataclass(base))
    return dataclasses.dataclass(**options)(type(cls)(cls.__name__, bases, space))


def _freeze(cls: Any, *, slots: bool) -> None:
    """Let nothing of an instance be changed."""

    def set_attribute(self: Any, name: str, value: object) -> None:
        if type(self) is cls or name in cls.__dataclass_fields__:
            raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")
        super(cls, self).__setattr__(name, value)

    def delete_attribute(self: Any, name: str) -> None:
        if type(self) is cls or name in cls.__dataclass_fields__:
            raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")
        super(cls, self).__delattr__(name)

    cls.__setattr__, cls.__delattr__ = set_attribute, delete_attribute
    if slots:
        # Copies and pickles are filled by these, as nothing can be set.
        for name, function in (("__getstate__", _state), ("__setstate__", _set_state)):
            if name not in cls.__dict__:
                setattr(cls, name, function)


def _state(self: Any) -> list[Any]:
    return [getattr(self, one.name) for one in dataclasses.fields(self)]


def _set_state(self: Any, state: list[Any]) -> None:
    for one, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, one.name, value)
