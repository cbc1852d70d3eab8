"""Every figure opens to its explanation, and its link shows the same number later."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from sqlalchemy import Engine, delete, insert, update

from portfolio.figures.explain import explain
from portfolio.figures.rollup import roll_up
from portfolio.model.base import FAR
from portfolio.model.oversight import KpiValue
from portfolio.model.structure import StatusUpdate
from portfolio.model.work import ItemVersion
from portfolio.store.engine import reading, writing
from tests.conftest import Clock
from tests.webapp.builders import Rows
from tests.webapp.conftest import Visitor

Open = Callable[[], AbstractContextManager[Rows]]


@pytest.fixture
def late(rows: Open, clock: Clock) -> None:
    """A program of two projects: of the first one of two dated items is overdue and one has no date."""
    today = clock().date()
    old = today - timedelta(days=30)
    with rows() as add:
        jira = add.connection()
        add.stream(add.run(jira, clock() - timedelta(hours=1)), "items", created=1)
        add.run(jira, clock() - timedelta(days=8))
        program = add.program("Ships", add.portfolio("Sea"))
        one, two = (add.project(name, jira, program_id=program) for name in ("Anchor", "Buoy"))
        add.item(one, jira, created=old, due=today - timedelta(days=9), title="Weigh <it>")
        add.item(one, jira, created=old, due=today + timedelta(days=9))
        add.item(one, jira, created=old)
        add.item(two, jira, created=old, due=today + timedelta(days=9))
        add.item(add.project("Chart", jira, program_id=program, status="closed"), jira, created=old, due=old)
        add.held(jira, "unreadable", b"{}", clock())
        for days in (7, 0):
            roll_up(add.db, as_of=today - timedelta(days=days), now=clock() - timedelta(days=days))


@pytest.mark.usefixtures("late")
def test_a_number_is_explained_down_to_the_items(ada: Visitor) -> None:
    page = ada.text("/projects/1/kpis/SCH-09")
    assert "<strong>50" in page
    assert "overdue / open_with_due" in page
    assert "<code>1 / 2</code>" in page
    assert "at most .05, amber .15" in page
    assert "from the KPI itself" in page
    assert "the defaults" in page
    assert "run of" in page
    assert "1 of 3: no due date" in page
    assert "1 record that could not be read" in page
    assert "Weigh &lt;it&gt;" in page
    assert "Confidence C" in page
    assert "0 of 3 items say something nobody mapped" in page
    assert "https://jira.invalid/browse/" in page
    listed = ada.text("/projects/1")
    assert 'href="/projects/1/kpis/SCH-09' in listed
    row = listed[listed.index('<tr id="SCH-09">') :].partition("</tr>")[0]
    assert 'title="Confidence C: A is best, D worst">C</td>' in row


@pytest.mark.usefixtures("late")
def test_what_has_no_items_behind_it_leads_to_its_rules_and_lacks_no_dates(ada: Visitor) -> None:
    page = ada.text("/projects/1/kpis/GOV-01")
    assert "no due date" not in page
    assert 'href="/projects/1#rules"' in page


@pytest.mark.usefixtures("late")
def test_a_year_without_a_value_has_no_picture(ada: Visitor, engine: Engine, clock: Clock) -> None:
    today = clock().date()
    where = (KpiValue.scope_type == "project", KpiValue.scope_id == 1, KpiValue.kpi == "CST-01")
    row = {"scope_type": "project", "scope_id": 1, "kpi": "CST-01", "n": 0, "rag": "grey", "origin": "observed"}
    with writing(engine) as connection:
        connection.execute(delete(KpiValue).where(*where))
        for since, until, reason in ((today - timedelta(days=9), today, "NO_DATA"), (today, FAR, "ZERO_DENOM")):
            span = {"as_of": since, "until": until, "reason": reason, "computed_at": clock()}
            connection.execute(insert(KpiValue).values(**row, **span))
    page = ada.text("/projects/1/kpis/CST-01")
    assert "no data" in page
    assert "charts/trend" not in page


@pytest.mark.usefixtures("late")
def test_its_link_shows_the_same_number_later_and_says_when_it_would_be_another(
    ada: Visitor, engine: Engine, clock: Clock
) -> None:
    then = clock().date() - timedelta(days=7)
    link = f"/projects/1/kpis/SCH-09?as_of={then}"
    page = ada.text(link)
    assert "<strong>50" in page
    assert "Computed now, it is another number" not in page
    with writing(engine) as connection:
        connection.execute(update(ItemVersion).values(due=None))
    page = ada.text(link)
    assert "<strong>50" in page
    assert "Computed now, it is another number" in page
    with reading(engine) as connection:
        found = explain(connection, ("project", 1), "SCH-09", then, clock())
    assert found is not None
    assert found.differs
    assert found.now is not None
    assert found.now.value is None


@pytest.mark.usefixtures("late")
def test_a_group_shows_what_each_project_brings(ada: Visitor, engine: Engine, clock: Clock) -> None:
    for path in ("/programs/1", "/portfolios/1", "/all"):
        page = ada.text(f"{path}/kpis/SCH-09")
        assert "<strong>33" in page
        assert 'href="/projects/1/kpis/SCH-09"' in page
        assert "sum of numerators over sum of denominators" in page
    with reading(engine) as connection:
        found = explain(connection, ("all", 0), "SCH-09", clock().date(), clock())
    assert found is not None
    assert found.kept is not None
    brought = [share.kept for share in found.contributing if share.kept is not None]
    assert sum(kept.numerator or 0 for kept in brought) == found.kept.numerator == 1
    assert sum(kept.denominator or 0 for kept in brought) == found.kept.denominator == 3
    assert ada.get("/programs/77/kpis/SCH-09").status_code == 404
    assert ada.get("/projects/1/kpis/NOPE").status_code == 404


@pytest.mark.usefixtures("late")
def test_what_is_only_known_of_the_present_is_not_called_another_number(engine: Engine, clock: Clock) -> None:
    then = clock().date() - timedelta(days=7)
    with reading(engine) as connection:
        found = explain(connection, ("project", 1), "DQ-06", then, clock())
    assert found is not None
    assert found.lost
    assert not found.differs


@pytest.mark.usefixtures("late")
def test_what_is_held_against_the_colour_of_a_past_day_is_held_against_the_one_it_had(
    engine: Engine, clock: Clock
) -> None:
    then = clock().date() - timedelta(days=7)
    own = (KpiValue.scope_type == "project", KpiValue.scope_id == 1)
    report = {"connection_id": 1, "project_id": 1, "external_id": "9", "title": "", "rag": "green", "status": ""}
    with writing(engine) as connection:
        judged = (*own, KpiValue.kpi.in_(("GOV-01", "RSK-02")), KpiValue.as_of == then)
        assert connection.execute(update(KpiValue).where(*judged).values(rag="red")).rowcount == 2
        at = clock() - timedelta(days=8)
        connection.execute(insert(StatusUpdate).values(**report, created_at=at))
    with reading(engine) as connection:
        found = explain(connection, ("project", 1), "STK-03", then, clock())
    assert found is not None
    assert found.now is not None
    assert found.now.value == 1


@pytest.mark.usefixtures("late")
def test_every_kpi_can_be_explained(ada: Visitor) -> None:
    for kpi in ("SCH-01", "FLW-01", "FLW-03", "FLW-04", "PRG-02", "RSK-01", "STK-02"):
        assert "How it is made" in ada.text(f"/projects/1/kpis/{kpi}")
        assert "How it is made" in ada.text(f"/all/kpis/{kpi}")
