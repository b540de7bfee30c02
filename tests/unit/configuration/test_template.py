"""Templates: what they make of a scene's texts, and what is wrong with one that a person wrote."""

from __future__ import annotations

import pytest

from plexsync.configuration.template import PLACEHOLDERS, Template, TemplateFault

SCENE = {"studio": "Acme", "date": "2023-05-17", "code": "AC-7", "title": "A day", "director": "Dana Dee"}


@pytest.mark.parametrize(
    ("text", "missing", "filled"),
    [
        ("{code}", "", "AC-7"),
        ("{code}", "code", ""),
        ("{studio} {date} {title}", "", "Acme 2023-05-17 A day"),
        ("{studio} {date} {title}", "date", "Acme A day"),
        ("{studio} {date} {title}", "studio date", "A day"),
        ("{studio} - {date} - {title}", "", "Acme - 2023-05-17 - A day"),
        ("{studio} - {date} - {title}", "date", "Acme - A day"),
        ("{studio} - {date} - {title}", "studio", "2023-05-17 - A day"),
        ("{studio} - {date} - {title}", "title", "Acme - 2023-05-17"),
        ("{studio} - {date} - {title}", "studio date title", ""),
        ("{title} ({date})", "", "A day (2023-05-17)"),
        ("{title} ({date})", "date", "A day"),
        ("({date}) {title}", "date", "A day"),
        ("{title} ({studio}, {date}) [{code}]", "", "A day (Acme, 2023-05-17) [AC-7]"),
        ("{title} ({studio}, {date}) [{code}]", "date", "A day (Acme) [AC-7]"),
        ("{title} ({studio}, {date}) [{code}]", "studio date", "A day [AC-7]"),
        ("{title} ({studio}, {date}) [{code}]", "studio code", "A day (2023-05-17)"),
        ("by {director} for {studio}", "", "by Dana Dee for Acme"),
        ("by {director} for {studio}", "studio", "by Dana Dee"),
        ("by {director} for {studio}", "director", "Acme"),
        ("{studio} presents {title}", "studio", "A day"),
        ("{studio}: {code}{title}", "code", "Acme: A day"),
        ("{code}: {title} (uncut)", "code", "A day (uncut)"),
        ("{code} :) {title}", "", "AC-7 :) A day"),
        ("{title} (", "", "A day ("),
        ("{Studio} {DATE}", "", "Acme 2023-05-17"),
        ("{studio}, {studio}", "", "Acme, Acme"),
    ],
)
def test_a_piece_that_is_empty_leaves_no_separator_behind(text: str, missing: str, filled: str) -> None:
    values = {name: "" if name in missing.split() else value for name, value in SCENE.items()}
    assert Template.parse(text).fill(values) == filled


def test_what_stands_in_a_scenes_texts_is_no_placeholder() -> None:
    assert Template.parse("{studio} {title}").fill({**SCENE, "studio": "{title} (x"}) == "{title} (x A day"


def test_it_is_known_which_texts_a_template_needs() -> None:
    assert Template.parse("{title} ({Date}, {studio})").names == {"title", "date", "studio"}
    assert set(PLACEHOLDERS) == SCENE.keys()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{stuido}", "{stuido} is not a placeholder (did you mean {studio}?)"),
        ("{title} {rating}", "{rating} is not a placeholder"),
        ("{}", "{} is not a placeholder"),
        ("{title", "has a { without its }"),
        ("title}", "has a } without its {"),
        ("{{title}}", "has a { without its }"),
        ("coed", "'coed' names no value of a scene (did you mean code?)"),
        ("My films", "'My films' names no value of a scene"),
    ],
)
def test_what_is_wrong_is_said(text: str, problem: str) -> None:
    with pytest.raises(TemplateFault) as raised:
        Template.parse(text)
    assert str(raised.value) == problem
