"""The program page: its sentence, what its projects share, and what of it who sees."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from portfolio.access.grants import usual
from portfolio.access.roles import Grant, Role, Scope, ScopeType
from portfolio.facts.links import links
from portfolio.figures.rollup import roll_up
from portfolio.store.engine import reading, writing
from tests.conftest import Clock
from tests.webapp.builders import Rows
from tests.webapp.conftest import Signed, Visitor

Open = Callable[[], AbstractContextManager[Rows]]
TODAY = date(2026, 3, 2)


@pytest.fixture
def web(rows: Open, engine: Engine, clock: Clock) -> dict[str, int]:
    """A program of two projects that depend on each other, and one outside it that waits for them."""
    with rows() as add:
        jira = add.connection("Jira EU")
        mia, ned = add.person("Mia Maker"), add.person("Ned Helper")
        program = add.program("Web", add.portfolio("Growth"), mia)
        one, two = (add.project(name, jira, program_id=program) for name in ("One", "Two"))
        far = add.project("Far", jira)
        made: dict[str, Any] = {"created": TODAY - timedelta(days=30), "assignee_id": ned}
        first = add.item(one, jira, **made, due=TODAY + timedelta(days=9), key="ON-1", flow="blocked")
        second = add.item(two, jira, **made, due=TODAY + timedelta(days=3), key="TW-1")
        last = add.item(far, jira, **made, due=TODAY + timedelta(days=30), key="FA-1")
        add.item(one, jira, **made, kind="risk", key="ON-9", title="Supplier fails")
        add.link(jira, first, second)
        add.link(jira, second, last)
        add.milestone(one, jira, "Pilot", baseline=TODAY - timedelta(days=9), due=TODAY - timedelta(days=2))
        add.milestone(two, jira, "Go-live", due=TODAY + timedelta(days=20))
    with writing(engine) as connection:
        roll_up(connection, as_of=TODAY, now=clock())
    return {"program": program, "one": one, "two": two, "far": far}


def words(page: str) -> str:
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    return re.sub(r" (?=[.,;:)])", "", text)


def test_a_program_tells_what_its_projects_share(ada: Visitor, web: dict[str, int]) -> None:
    page = words(ada.text(f"/programs/{web['program']}"))
    assert "1 milestone is overdue. 1 dependency is broken." in page
    assert "1 of 2 cannot be met by the dates they have now." in page
    assert page.index("Broken ON-1") < page.index("Open TW-1")
    assert "Pilot (opens in the tracker) One Overdue" in page
    assert "Supplier fails One" in page
    assert "Ned Helper 2 3" in page
    assert "ON-1 has been blocked longest" in page
    drawn = ada.get(f"/programs/{web['program']}/milestones.svg")
    assert (drawn.status_code, drawn.mimetype) == (200, "image/svg+xml")
    assert "Go-live" in ada.text(f"/programs/{web['program']}")
    assert f'href="/programs/{web["program"]}"' in ada.text("/")
    assert f'href="/programs/{web["program"]}"' in ada.text(f"/projects/{web['one']}")


def test_of_projects_out_of_sight_a_program_tells_nothing(signed: Signed, web: dict[str, int]) -> None:
    over = frozenset({Grant(Role.PROJECT_MANAGER, Scope(ScopeType.PROJECT, web["one"]))})
    manager = signed("pm", over, None)
    page = words(manager.text(f"/programs/{web['program']}"))
    assert "Two" not in page
    assert "TW-1" not in page
    assert "an item of a project that is not yours to see" in page
    assert "Nobody has open items in more than one of these projects" in page
    assert (
        signed("far", frozenset({Grant(Role.PROJECT_MANAGER, Scope(ScopeType.PROJECT, web["far"]))}), None)
        .get(f"/programs/{web['program']}")
        .status_code
        == 404
    )
    executive = words(signed("ex", usual(Role.EXECUTIVE), None).text(f"/programs/{web['program']}"))
    assert "Ned Helper" not in executive
    assert "too few to show" in executive


def test_the_page_and_the_figure_mean_the_same_by_broken(ada: Visitor, rows: Open, engine: Engine) -> None:
    def on(days: int) -> date:
        return TODAY + timedelta(days=days)

    cases: list[tuple[dict[str, Any], dict[str, Any], bool]] = [
        ({"due": on(5)}, {"due": on(4)}, True),
        ({"due": on(5)}, {"due": on(5)}, False),
        ({"due": on(5)}, {"start": on(3), "due": on(9)}, True),
        ({"due": on(-9)}, {"due": on(-1)}, True),
        ({"due": on(5), "finished_on": TODAY}, {"due": TODAY}, False),
        ({}, {"due": TODAY}, False),
        ({"due": TODAY}, {}, False),
    ]
    with rows() as add:
        jira = add.connection()
        program = add.program("Web", add.portfolio("Growth"))
        one, two = (add.project(name, jira, program_id=program) for name in ("One", "Two"))
        for before, after, _ in cases:
            ends = [add.item(which, jira, created=on(-30), **dates) for which, dates in ((one, before), (two, after))]
            add.link(jira, *ends)
    broken = sum(expected for *_, expected in cases)
    page = words(ada.text(f"/programs/{program}"))
    assert f"{broken} of {len(cases)} cannot be met by the dates they have now." in page
    assert "starts" in page
    with reading(engine) as connection:
        assert links(connection, TODAY)[two].cross_broken == broken


def test_progress_tells_the_same_in_pictures_and_tables(ada: Visitor, web: dict[str, int]) -> None:
    page = words(ada.text(f"/projects/{web['one']}/progress"))
    assert "0 of 1 items of work are done; too few weeks with finished work to say when the rest will be." in page
    assert "ON-1 has been blocked longest, for 31 days." in page
    assert "Mon 2026-03-02 1 0 0" in page  # cumulative flow: to do, in progress, done; the risk is no work
    for chart in ("burn-up", "flow", "milestones"):
        assert ada.get(f"/projects/{web['one']}/charts/{chart}.svg").status_code == 200
    assert ada.get(f"/projects/{web['one']}/charts/ageing.svg").status_code == 404  # nothing is in progress
