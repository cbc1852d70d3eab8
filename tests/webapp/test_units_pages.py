"""What plans are counted in, on pages: tried, set, and told beside every number that rests on it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine

from portfolio.figures.rollup import roll_up
from portfolio.governance import store
from portfolio.store.engine import reading
from tests.conftest import Clock
from tests.webapp.builders import Rows
from tests.webapp.conftest import Visitor
from tests.webapp.programs import program
from webapp.access import api_permits

Open = Callable[[], AbstractContextManager[Rows]]
PAGE = "/governance/kpis/SCH-01"
POINTS = {"seen": "0", "scope": "global", "counted_in": "points"}


@pytest.fixture
def pointed(rows: Open, clock: Clock) -> int:
    """A project with points and no estimates: of 8 that were due, 5 are done."""
    today = clock().date()
    with rows() as add:
        jira = add.connection()
        project = add.project("Pointed", jira, portfolio_id=add.portfolio("Firm"))
        span = {"created": today - timedelta(days=30), "due": today - timedelta(days=7)}
        begun = today - timedelta(days=20)
        done = {"category": "done", "finished_on": today - timedelta(days=10)}
        add.item(project, jira, start=begun, points=5, **span, **done)
        add.item(project, jira, start=begun, points=3, **span)
        roll_up(add.db, as_of=today, now=clock())
    return project


def test_it_is_tried_then_set_and_counts_at_once(ada: Visitor, pointed: int, engine: Engine) -> None:
    page = ada.text(PAGE)
    assert "plans are counted in <strong>hours</strong>" in page
    assert "counted_in" not in ada.text("/governance/kpis/SCH-04")
    tried = ada.post(PAGE, **POINTS, do="preview").text
    assert "1 project would change colour today" in tried
    for other in ("SCH-04", "RAG-SCHEDULE"):
        assert f'<span class="nowrap">{other}: ' in tried
    with reading(engine) as connection:
        assert store.number_in_force(connection) == 0
    assert ada.post(PAGE, **POINTS, do="save").status_code == 302
    page = ada.text(PAGE)
    assert "plans are counted in <strong>points</strong>" in page
    assert "counted in was nothing, becomes <bdi>points</bdi>" in page
    assert "1 is set otherwise than shipped" in ada.text("/governance/kpis")


def test_programs_are_told_what_a_number_is_counted_in(
    app: Flask, ada: Visitor, pointed: int, engine: Engine, clock: Clock
) -> None:
    ada.post(PAGE, **POINTS, do="save")
    told = program(app, engine, clock(), *map(str, api_permits())).read(f"/projects/{pointed}/kpis/SCH-01")
    assert (told["counted_in"], told["parts"], told["kept"]["numerator"]) == (
        "points",
        {"EV": "5 pts", "PV": "8 pts"},
        None,
    )


@pytest.mark.usefixtures("pointed")
@pytest.mark.parametrize(("page", "unit"), [(PAGE, "days"), ("/governance/kpis/SCH-04", "points")])
def test_what_cannot_be_is_refused(ada: Visitor, page: str, unit: str) -> None:
    assert ada.post(page, **(POINTS | {"counted_in": unit}), do="save").status_code == 422


def test_the_page_that_says_why_the_schedule_is_grey_names_the_remedy(ada: Visitor, pointed: int) -> None:
    remedy = '<a href="/governance/kpis/SCH-01#set">that is set with SPI</a>'
    explained = f"/projects/{pointed}/kpis/SCH-04"
    assert remedy in ada.text(explained)
    # There is no money in points.
    for kpi in ("SCH-02", "CST-01"):
        assert remedy not in ada.text(f"/projects/{pointed}/kpis/{kpi}")
    ada.post(PAGE, **POINTS, do="save")
    assert remedy not in ada.text(explained)


def test_no_hours_stand_beside_points(ada: Visitor, pointed: int, clock: Clock) -> None:
    ada.post(PAGE, **POINTS, do="save")
    explained = ada.text(f"/projects/{pointed}/kpis/SCH-01")
    assert "5 pts / 8 pts" in explained
    assert "<dt>Counted in</dt><dd>points" in explained
    assert "no estimate" not in explained
    path = f"/projects/{pointed}/baselines"
    ada.post(path, token_from=path)
    ada.post(f"{path}/decision", token_from=path, do="approve", version="1")
    page = ada.text(path)
    assert "2 items, 8 points, to be done by" in page
    assert '<td class="num nowrap">8 points</td>' in page
    assert "hours" not in page.partition("<main")[2].partition("</main>")[0]
    assert "as the baseline was taken" in ada.text(f"/projects/{pointed}/kpis/SCH-01")
    assert "8 points" in ada.text(f"/projects/{pointed}")
    money = ada.text(f"/projects/{pointed}/kpis/SCH-02")
    assert "which make no money" in money
    group = ada.text("/all/kpis/SCH-01")
    assert "is no part of the sum" in group


def test_what_differs_is_told_in_the_unit_of_the_plan(ada: Visitor, pointed: int, rows: Open, clock: Clock) -> None:
    ada.post(PAGE, **POINTS, do="save")
    path = f"/projects/{pointed}/baselines"
    ada.post(path, token_from=path)
    ada.post(f"{path}/decision", token_from=path, do="approve", version="1")
    day: date = clock().date()
    with rows() as add:
        add.item(pointed, 1, created=day, due=day, points=2.5)
    page = ada.text(path)
    assert "Points before" in page
    assert '<td class="num">2.5</td>' in page
    assert "Effort" not in page
