"""What is made late is, once it is used, what it stands for."""

from __future__ import annotations

import ast
import copy
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from plexsync.imports import late
from plexsync.imports.late import Late, late_module, late_pattern, late_regex
from tests.support.places import ROOT

#: What has to run without the package, or on older Pythons, or asks by itself.
ELSEWHERE = ("plexsync/demo/", "plexsync/inbox/", "plexsync/imports/late.py", "plexsync/outside.py")


def is_made(one: Any) -> bool:
    return "_made" in vars(one)


def test_a_pattern_finds_what_a_compiled_one_finds() -> None:
    pattern = late_pattern(r"(?P<letter>[a-z])([0-9]+)", re.IGNORECASE)
    assert not is_made(pattern)
    for _ in range(2):
        assert [found.groups() for found in pattern.finditer("a1, B22")] == [("a", "1"), ("B", "22")]
        assert pattern.sub(r"\2\1", "a1") == "1a"
        assert pattern.fullmatch("a1!") is None
    assert pattern.groupindex == {"letter": 1}
    assert is_made(pattern)
    assert late_pattern(rb"\d+").findall(b"1 22") == [b"1", b"22"]


def test_a_pattern_of_regex_finds_what_re_cannot_say() -> None:
    assert late_regex(r"\p{Lu}").findall("aBÇ") == ["B", "Ç"]


def test_a_module_is_there_at_its_first_use() -> None:
    module = late_module("colorsys")
    assert not is_made(module)
    assert module.rgb_to_hsv(0, 0, 0) == (0.0, 0.0, 0)
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = module.no_such_name


def test_what_is_wrong_is_said_at_each_use() -> None:
    wrong, missing = late_pattern("("), late_module("plexsync_has_no_such_module")
    for _ in range(2):
        with pytest.raises(re.error):
            wrong.match("")
        with pytest.raises(ModuleNotFoundError):
            _ = missing.anything
    late._known[-2:] = []


def test_it_can_be_copied_before_it_is_made() -> None:
    assert copy.copy(late_pattern("a")).findall("aa") == ["a", "a"]


def test_threads_that_come_at_once_get_the_same() -> None:
    made: list[list[str]] = []

    def make() -> object:
        made.append([])
        return re.compile("[a-z]+")

    pattern: Any = Late(make)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: pattern.findall("ab cd"), range(100)))
    assert found == [["ab", "cd"]] * 100
    assert 1 <= len(made) <= 8


def test_all_can_be_made_beforehand() -> None:
    pattern = late_pattern("[a-z]")
    late.make_all()
    assert is_made(pattern)


def _calls_at_import(tree: ast.AST) -> list[ast.Call]:
    """Calls that are made when a module is imported."""
    found: list[ast.Call] = []

    def walk(node: ast.AST) -> None:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            return
        if isinstance(node, ast.Call):
            found.append(node)
        for one in ast.iter_child_nodes(node):
            walk(one)

    walk(tree)
    return found


def _sources() -> list[Path]:
    found = [ROOT / "settings.py", *(ROOT / "plexsync").rglob("*.py"), *(ROOT / "tasks").glob("*.py")]
    return [path for path in found if not path.relative_to(ROOT).as_posix().startswith(ELSEWHERE)]


def test_no_pattern_is_compiled_at_the_start() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in _sources()
        for call in _calls_at_import(ast.parse(path.read_text(encoding="utf-8")))
        if ast.unparse(call.func) in ("re.compile", "regex.compile")
    ]
    assert wrong == [], "take plexsync.imports.late.late_pattern: to compile them took a fifth of every start"


def test_functions_of_re_are_given_no_late_pattern() -> None:
    # They take texts and compiled patterns alone.
    wrong = []
    for path in _sources():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {
            ast.unparse(target)
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None
            if isinstance(node.value, ast.Call) and ast.unparse(node.value.func) == "late_pattern"
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        }
        wrong += [
            f"{path.relative_to(ROOT)}:{call.lineno}"
            for call in ast.walk(tree)
            if isinstance(call, ast.Call) and ast.unparse(call.func).startswith("re.") and call.args
            if ast.unparse(call.args[0]) in names
        ]
    assert wrong == []
