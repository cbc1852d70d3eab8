"""Limits and own KPIs on their pages: shown where they are set, tried, kept, and taken back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from portfolio.figures.keep import standing_on
from portfolio.figures.rollup import roll_up
from portfolio.governance import store
from portfolio.model.oversight import KpiValue
from portfolio.store.engine import reading
from tests.conftest import Clock
from tests.webapp.builders import Rows
from tests.webapp.conftest import Visitor

Open = Callable[[], AbstractContextManager[Rows]]
PAGE = "/governance/kpis/SCH-09"
LAX = {"seen": "0", "scope": "global", "green": ".5", "amber": ".6"}
OWN = {
    "name": "Late <b>",
    "words": "How much is late.",
    "unit": "ratio",
    "direction": "-",
    "formula": "overdue / open_items",
}


@pytest.fixture
def late(rows: Open, clock: Clock) -> int:
    """A project whose only item is overdue."""
    with rows() as add:
        jira = add.connection()
        project = add.project("Lateness", jira, type="product", code="LATE")
        today = clock().date()
        add.item(project, jira, created=today - timedelta(days=20), due=today - timedelta(days=5))
        roll_up(add.db, as_of=today, now=clock())
    return project


def colour(engine: Engine, clock: Clock, kpi: str = "SCH-09") -> tuple[str, int | None] | None:
    query = select(KpiValue.rag, KpiValue.settings_number).where(KpiValue.kpi == kpi, standing_on(clock().date()))
    with reading(engine) as connection:
        found = connection.execute(query.where(KpiValue.scope_type == "project")).one_or_none()
    return None if found is None else (found.rag, found.settings_number)


def number(engine: Engine) -> int:
    with reading(engine) as connection:
        return store.number_in_force(connection)


@pytest.mark.usefixtures("late")
def test_a_limit_is_tried_then_kept_and_counts_at_once(ada: Visitor, engine: Engine, clock: Clock) -> None:
    assert "as shipped" in ada.text("/governance/kpis")
    assert "No project would change colour" in ada.post(PAGE, **LAX, do="preview").text
    tried = ada.post(PAGE, **(LAX | {"green": "1", "amber": "1"}), do="preview").text
    assert "1 project would change colour today" in tried
    assert "Lateness" in tried
    assert (number(engine), colour(engine, clock)) == (0, ("red", None))
    saved = ada.post(PAGE, **(LAX | {"green": "1", "amber": "1", "note": "all late here"}), do="save")
    assert saved.status_code == 302
    assert (number(engine), colour(engine, clock)) == (1, ("green", 1))
    page = ada.text(PAGE)
    assert "Version 1 is in force" in page
    assert "all late here" in page
    assert "at most 1, amber 1" in ada.text("/governance/kpis")


@pytest.mark.usefixtures("late")
def test_what_is_set_for_less_is_shown_beside_what_it_inherits(ada: Visitor, engine: Engine, clock: Clock) -> None:
    ada.post(PAGE, **(LAX | {"scope": "type:product", "green": "1", "amber": "1"}), do="save")
    ada.post(PAGE, seen="1", scope="project", code="LATE", on="0", do="save")
    assert colour(engine, clock) is None
    page = ada.text(f"{PAGE}?scope=project:1")
    assert "projects of type product" in page
    assert "switched off" in page
    listed = ada.text("/governance/kpis?scope=project:1")
    assert "1 is switched off" in listed
    ada.post(PAGE, seen="2", scope="project:1", do="save")
    assert colour(engine, clock) == ("green", 1)


@pytest.mark.usefixtures("late")
def test_what_cannot_be_stands_beside_its_field_and_nothing_is_kept(ada: Visitor, engine: Engine) -> None:
    for form, said in (
        ({"green": "lots"}, "write a number"),
        ({"green": ".7"}, "must reach beyond green"),
        ({"amber": ""}, "the limits come together"),
        ({"scope": "project", "code": "NONE"}, "no project of that code"),
        ({"scope": "planet"}, "choose for what it counts"),
        ({"scope": "program:77"}, "there is no program"),
    ):
        answer = ada.post(PAGE, **(LAX | form), do="save")
        assert answer.status_code == 422
        assert said in answer.text
    assert number(engine) == 0
    assert ada.get("/governance/kpis/NOPE").status_code == 404
    assert ada.post("/governance/kpis/NOPE", **LAX, do="save").status_code in (404, 422)
    assert ada.get(f"{PAGE}?scope=project:99").status_code == 404
    assert ada.post(PAGE, scope="global", do="save").status_code == 400


@pytest.mark.usefixtures("late")
def test_who_was_slower_sees_who_changed_it_and_keeps_what_was_typed(ada: Visitor, engine: Engine) -> None:
    ada.post(PAGE, **LAX, do="save")
    answer = ada.post(PAGE, **(LAX | {"green": ".33"}), do="save")
    assert answer.status_code == 409
    assert "ada" in answer.text
    assert 'value=".33"' in answer.text
    assert number(engine) == 1


@pytest.mark.usefixtures("late")
def test_versions_tell_what_changed_and_bring_it_back(ada: Visitor, engine: Engine, clock: Clock) -> None:
    ada.post(PAGE, **(LAX | {"green": "1", "amber": "1"}), do="save")
    ada.post(PAGE, **(LAX | {"seen": "1", "green": "0", "amber": "0"}), do="save")
    assert "green was <bdi>1</bdi>, becomes <bdi>0</bdi>" in ada.text("/governance/versions?number=2")
    ada.post(PAGE, seen="2", number="1", do="back")
    assert colour(engine, clock) == ("green", 3)
    ada.post("/governance/versions/restore", seen="3", number="2")
    assert colour(engine, clock) == ("red", 4)
    assert "Brings back version 2" in ada.text("/governance/versions")
    assert ada.post("/governance/versions/restore", seen="3", number="1").status_code == 409
    assert ada.post("/governance/versions/restore", seen="4", number="77").status_code == 404


@pytest.mark.usefixtures("late")
def test_an_own_kpi_is_tried_on_the_projects_kept_and_shown_everywhere(
    ada: Visitor, engine: Engine, clock: Clock
) -> None:
    tried = ada.post("/governance/own-kpis/new", seen="0", do="preview", **OWN).text
    assert "overdue 1, open_items 1" in tried
    assert number(engine) == 0
    wrong = ada.post("/governance/own-kpis/new", seen="0", do="save", **(OWN | {"formula": "late / 2"}))
    assert wrong.status_code == 422
    assert "there is no fact" in wrong.text
    ada.post("/governance/own-kpis/new", seen="0", do="save", **OWN)
    assert colour(engine, clock, "OWN-01") == ("grey", 1)
    for page in ("/governance/own-kpis", "/governance/kpis", "/governance/kpis/OWN-01", "/projects/1", "/dictionary"):
        assert "Late &lt;b&gt;" in ada.text(page)
    ada.post("/governance/kpis/OWN-01", seen="1", scope="global", green="1", amber="1", do="save")
    assert colour(engine, clock, "OWN-01") == ("green", 2)
    ada.post("/governance/own-kpis/OWN-01", seen="2", do="remove")
    assert colour(engine, clock, "OWN-01") is None
    assert ada.get("/governance/own-kpis/OWN-01").status_code == 404
    ada.post("/governance/versions/restore", seen="3", number="1")
    assert colour(engine, clock, "OWN-01") == ("grey", 4)
