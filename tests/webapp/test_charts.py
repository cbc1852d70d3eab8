"""Pictures of figures: made of the same numbers as the table behind them, drawn once, for whom may see them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine

from portfolio.access.grants import usual
from portfolio.access.roles import Role
from portfolio.kpis.catalogue import KPIS
from portfolio.model.base import FAR
from portfolio.model.oversight import KpiValue
from portfolio.model.work import MilestoneVersion
from portfolio.store.engine import reading
from tests.webapp.builders import Rows, at_noon
from tests.webapp.conftest import Signed, Visitor
from webapp.charts import draw, milestones
from webapp.charts.trend import Dot, spark, trend
from webapp.queries.movement import Turn, move
from webapp.queries.slips import slips_of
from webapp.queries.trend import Trend, kept_of, trends, weeks_to
from webapp.trends import limits as trend_limits

Open = Callable[[], AbstractContextManager[Rows]]
TODAY = date(2026, 3, 2)
WEEK = timedelta(days=7)
WORDS = {"observed": "on the day", "reconstructed": "later", "told": "As told on", "due": "Due"}


def keep(rows: Rows, project_id: int, kpi: str, *spans: tuple[int, int, float | None, str]) -> None:
    """Readings of a KPI: from so many weeks ago up to so many, a value and its origin."""
    for first, until, value, origin in spans:
        rows.row(
            KpiValue,
            scope_type="project",
            scope_id=project_id,
            kpi=kpi,
            as_of=TODAY - WEEK * first,
            until=FAR if until < 0 else TODAY - WEEK * until,
            value=value,
            n=5,
            rag="grey" if value is None else "amber",
            reason="NO_DATA" if value is None else None,
            origin=origin,
            computed_at=at_noon(TODAY),
        )


def seen(connection: Connection, project_id: int, days: Sequence[date]) -> tuple[Trend, ...]:
    kpis = ("SCH-09", "SCH-01")
    return trends(kept_of(connection, project_id, kpis, days), (KPIS[kpi] for kpi in kpis), days)


@pytest.fixture
def alpha(rows: Open) -> int:
    with rows() as add:
        project = add.project("Alpha", add.connection())
        spans = (9, 6, 0.7, "reconstructed"), (6, 3, None, "reconstructed"), (3, 1, 0.8, "observed")
        keep(add, project, "SCH-01", *spans, (1, -1, 0.9, "observed"))
        return project


def test_a_trend_is_what_was_kept_week_by_week(engine: Engine, alpha: int) -> None:
    with reading(engine) as connection:
        [found] = seen(connection, alpha, weeks_to(TODAY, 11))
        before = seen(connection, alpha, weeks_to(TODAY - WEEK * 2, 2))
    assert [point.value for point in found.points] == [None, 0.7, 0.7, 0.7, None, None, None, 0.8, 0.8, 0.9, 0.9]
    assert [point.origin for point in found.points][:2] == [None, "reconstructed"]
    assert found.reconstructed
    assert [point.value for point in before[0].points] == [0.8, 0.8]


def test_the_picture_and_the_table_hold_the_same_numbers(ada: Visitor, engine: Engine, alpha: int) -> None:
    with reading(engine) as connection:
        [found] = seen(connection, alpha, weeks_to(TODAY))
    dots = [Dot(point.day, point.value, point.origin == "observed") for point in found.points]
    spec = trend(dots, "index", {}, WORDS)
    drawn = {row["day"]: row["value"] for row in spec["data"]["values"] if row["value"] is not None}
    page = ada.text(f"/projects/{alpha}?as_of={TODAY}")
    table = page[page.index('class="behind"') :].split("</table>")[0]
    told = re.findall(r"(\d{4}-\d\d-\d\d)</th>\s*<td class=\"num\">([\d.]+)", table)
    assert {day: float(number) for day, number in told} == drawn
    assert len(drawn) == 7


def test_lines_meet_where_the_past_was_reconstructed_up_to() -> None:
    dots = [Dot(TODAY + WEEK * week, value, week > 1) for week, value in enumerate((1.0, 2.0, 3.0))]
    rows = trend(dots, "items", {"green up to 2": 2.0}, WORDS)["data"]["values"]
    assert [(row["value"], row["kind"]) for row in rows] == [
        (1, "later"),
        (2, "later"),
        (3, "later"),
        (3, "on the day"),
    ]
    assert [(stroke.observed, stroke.points.count(",")) for stroke in spark(dots)] == [(False, 3), (True, 2)]
    assert spark([Dot(TODAY, None, True)]) == ()


@pytest.mark.parametrize(
    ("kpi", "then", "now", "turn"),
    [
        ("SCH-01", 0.97, 0.81, Turn.WORSE),
        ("SCH-09", 0.97, 0.81, Turn.BETTER),
        ("SCH-09", 0.5, 0.5, Turn.SAME),
        ("SCH-09", 0.501, 0.502, Turn.SAME),
        ("SCH-09", 0.501, 0.512, Turn.WORSE),
        ("SCH-09", None, 0.5, None),
        ("SCH-09", 0.5, None, None),
    ],
)
def test_which_way_a_figure_went(kpi: str, then: float | None, now: float | None, turn: Turn | None) -> None:
    went = move(KPIS[kpi], then, now)
    assert (went.turn if went else None) is turn


def test_when_milestones_were_due_is_told_by_their_history(engine: Engine, rows: Open, alpha: int) -> None:
    days = weeks_to(TODAY, 5)
    with rows() as add:
        pilot = add.milestone(alpha, 1, "Pilot", due=TODAY + WEEK * 4)
        for first, until, weeks in ((3, 1, 2), (1, -1, 4)):
            add.row(
                MilestoneVersion,
                milestone_id=pilot,
                valid_from=TODAY - WEEK * first,
                valid_to=FAR if until < 0 else TODAY - WEEK * until,
                due=TODAY + WEEK * weeks,
            )
        item = add.item(alpha, 1, created=TODAY - WEEK * 9, kind="milestone", due=TODAY + WEEK)
        add.milestone(alpha, 1, "Agreed", due=TODAY + WEEK, item_id=item, finished_on=TODAY - WEEK * 2)
        add.milestone(alpha, 1, "Dropped", due=TODAY, cancelled=True)
    with reading(engine) as connection:
        agreed, pilot_told = slips_of(connection, alpha, days)
    assert pilot_told.dues == (None, TODAY + WEEK * 2, TODAY + WEEK * 2, TODAY + WEEK * 4, TODAY + WEEK * 4)
    assert (pilot_told.changes, agreed.changes) == (1, 0)
    assert agreed.dues == (TODAY + WEEK,) * 3 + (None, None)  # reached two weeks ago
    lines = [milestones.Line(it.name, it.dues) for it in (agreed, pilot_told)]
    drawn = milestones.slip(days, lines, WORDS)["data"]["values"]
    assert [row["due"] for row in drawn if row["milestone"] == "Pilot"] == [
        due.isoformat() for due in pilot_told.dues if due
    ]


def test_a_picture_is_drawn_once_and_asked_for_again(ada: Visitor, alpha: int, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    monkeypatch.setattr("webapp.charts.answer.svg", lambda spec: made.append(spec) or "<svg/>")
    path = f"/projects/{alpha}/charts/trend.svg?kpi=SCH-01&as_of={TODAY}"
    first = ada.get(path)
    assert (first.status_code, first.mimetype, first.data) == (200, "image/svg+xml", b"<svg/>")
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = ada.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data, len(made)) == (304, b"", 1)
    assert ada.get(f"/projects/{alpha}/charts/trend.svg?kpi=SCH-09").status_code == 404
    assert ada.get(f"/projects/{alpha}/charts/nothing.svg").status_code == 404


def test_pictures_of_figures_are_for_those_who_see_figures(signed: Signed, alpha: int) -> None:
    loads = signed("res", usual(Role.RESOURCE_MANAGER), None)
    path = f"/projects/{alpha}/charts/trend.svg?kpi=SCH-01"
    assert loads.get(path).status_code == 404
    assert loads.get(f"/projects/{alpha}/charts/milestones.svg").status_code == 200
    assert signed("new", usual(Role.PROJECT_MANAGER), None).get(path).status_code == 404


def test_the_drawing_asks_for_nothing_and_holds_no_script() -> None:
    name = "<script>alert(1)</script>&\"'"
    spec = milestones.slip(weeks_to(TODAY, 3), [milestones.Line(name, [TODAY, TODAY + WEEK, TODAY])], WORDS)
    picture = draw.svg(spec)
    assert picture.startswith("<svg")
    assert "<script" not in picture
    assert "&lt;script&gt;" in picture
    with pytest.raises(ValueError, match="not allowed"):
        draw.svg(spec | {"data": {"url": "http://127.0.0.1:9/data.json"}})


def test_limits_stand_in_a_picture_only_on_the_scale_of_what_is_drawn(app: Flask) -> None:
    with app.app_context():
        assert list(trend_limits(KPIS["SCH-09"]).values()) == [5, 15]
        # Held against the number per person, while the whole number is drawn.
        assert trend_limits(KPIS["FLW-04"]) == {}


def test_a_picture_of_nothing_is_a_picture() -> None:
    words = {name: name for name in ("told", "due", "today", *milestones.MARKS)}
    days = [date(2026, 1, 5), date(2026, 1, 12)]
    nothing = (
        milestones.slip(days, [], words),
        milestones.slip(days, [milestones.Line("never told", [None, None])], words),
        milestones.timeline([], days[0], words),
    )
    for spec in nothing:
        drawn = draw.svg(spec)
        assert "<svg" in drawn
        assert "Infinity" not in drawn
        assert "e+308" not in drawn
