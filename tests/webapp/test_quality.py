"""The data-quality list: what to mend, by manager, with the fix and the way into the tracker; only what is in sight."""

from __future__ import annotations

import csv
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, timedelta
from io import StringIO

import pytest
from sqlalchemy import Engine, event, insert

from portfolio.access.grants import usual
from portfolio.access.roles import Role
from portfolio.access.viewer import Viewer
from portfolio.model.landing import UnmappedValue
from portfolio.store.engine import reading, writing
from tests.conftest import Clock
from tests.webapp.builders import Rows, at_noon
from tests.webapp.conftest import Visitor
from tests.webapp.test_portfolio import words
from webapp.queries.quality import SORTS, Wish, count_items, list_items, managers
from webapp.tables import Order

TODAY = date(2026, 3, 2)
OLD = TODAY - timedelta(days=40)
Open = Callable[[], AbstractContextManager[Rows]]


@pytest.fixture
def faulty(rows: Open, engine: Engine, clock: Clock) -> dict[str, int]:
    """Mia's Alpha in Jira and nobody's Beta in Asana, each with items of which some want mending."""
    with rows() as add:
        jira, asana = add.connection("Jira EU"), add.connection("Asana", "asana")
        mia, ned = add.person("Mia Manager"), add.person("Ned")
        alpha, beta = add.project("Alpha", jira, manager_id=mia), add.project("Beta", asana)
        whole = {"created": TODAY, "assignee_id": ned, "due": TODAY, "updated_at": at_noon(TODAY)}
        add.item(alpha, jira, **whole)
        add.item(alpha, jira, created=OLD, finished_on=OLD)
        add.item(alpha, jira, key="A-1", **(whole | {"start": TODAY + timedelta(days=1)}))
        add.item(alpha, jira, key="A-2", **(whole | {"created": OLD, "started": OLD, "updated_at": at_noon(OLD)}))
        add.item(alpha, jira, key="A-3", **(whole | {"assignee_id": None, "due": None}))
        add.item(alpha, jira, key="A-4", **(whole | {"due": TODAY - timedelta(days=1), "status": "Limbo"}))
        add.item(beta, asana, key="B-1", kind="milestone", created=TODAY)
    with writing(engine) as store:
        row = {"connection_id": jira, "subject": "status", "value": "Limbo", "items": 1}
        store.execute(insert(UnmappedValue).values(**row, first_seen_at=clock(), last_seen_at=clock()))
    return {"mia": mia, "alpha": alpha, "beta": beta}


def _viewer(role: Role, person: int | None) -> Viewer:
    return Viewer(1, person, usual(role))


def _rows(engine: Engine, viewer: Viewer, wish: Wish | None = None) -> dict[str, tuple[str, ...]]:
    with reading(engine) as connection:
        found = list_items(connection, viewer, wish or Wish(), TODAY, UTC, Order("key"), limit=50)
        assert count_items(connection, viewer, wish or Wish(), TODAY, UTC) == len(found)
    return {line.key: line.faults for line in found}


def test_each_fault_is_found_and_whole_or_done_items_have_none(engine: Engine, faulty: dict[str, int]) -> None:
    assert _rows(engine, _viewer(Role.PMO_LEAD, None)) == {
        "A-1": ("dates_crossed",),
        "A-2": ("stale",),
        "A-3": ("no_assignee", "no_due"),
        "A-4": ("overdue", "unmapped"),
        "B-1": ("no_due",),
    }


def test_a_manager_sees_their_own(engine: Engine, faulty: dict[str, int]) -> None:
    assert _rows(engine, _viewer(Role.PROJECT_MANAGER, faulty["mia"])).keys() == {"A-1", "A-2", "A-3", "A-4"}
    assert _rows(engine, _viewer(Role.PROJECT_MANAGER, None)) == {}
    lead = _viewer(Role.PMO_LEAD, None)
    assert _rows(engine, lead, Wish(manager=0)).keys() == {"B-1"}
    assert _rows(engine, lead, Wish(fault="no_due")).keys() == {"A-3", "B-1"}
    assert _rows(engine, lead, Wish(text="beta")).keys() == {"B-1"}
    with reading(engine) as connection:
        most, least = managers(connection, lead, TODAY, UTC)
    assert (most.manager, most.items, most.faults["no_due"]) == ("Mia Manager", 4, 1)
    assert (least.manager, least.items) == (None, 1)


@pytest.mark.parametrize("column", SORTS)
def test_it_is_sorted_by_each_column_in_one_statement(engine: Engine, faulty: dict[str, int], column: str) -> None:
    counted: list[str] = []
    with reading(engine) as connection:
        event.listen(connection, "before_cursor_execute", lambda *given: counted.append(given[2]))
        viewer = _viewer(Role.PMO_LEAD, None)
        found = list_items(connection, viewer, Wish(), TODAY, UTC, Order(column, down=True), limit=2, offset=2)
    assert (len(found), len(counted)) == (2, 2)  # the calendar, and the rows


def test_the_page_gives_the_fix_in_the_words_of_the_tracker(ada: Visitor, faulty: dict[str, int]) -> None:
    page = ada.text("/data-quality")
    lead = words(page.split('class="lead">')[1].split("</p>")[0])
    assert lead == "5 open items have something to mend in the tracker. Most often: no due date (2)."
    assert "Set the Due date." in page
    assert "Set the due date." in page
    assert 'href="https://jira.invalid/browse/' in page
    assert "Nothing to mend" not in page


def test_the_file_has_a_row_for_each_fault(ada: Visitor, faulty: dict[str, int]) -> None:
    head, *lines = csv.reader(StringIO(ada.text("/data-quality.csv?sort=key").lstrip("\ufeff")))
    found = [dict(zip(head, line, strict=True)) for line in lines]
    assert [(it["Item"], it["What is wrong"]) for it in found if it["Item"] == "A-3"] == [
        ("A-3", "No assignee"),
        ("A-3", "No due date"),
    ]
    assert len(found) == 7


def test_with_nothing_wrong_it_says_so_and_with_nothing_at_all_too(ada: Visitor, rows: Open, clock: Clock) -> None:
    empty = ada.text("/data-quality")
    assert "No open item is in your sight yet" in empty
    assert "Nothing to mend" not in empty
    with rows() as add:
        jira, today = add.connection(), clock().date()
        add.item(add.project("Whole", jira), jira, created=today, due=today, assignee_id=add.person("Ned"))
    assert "Nothing to mend" in ada.text("/data-quality")


def test_the_page_of_a_project_tells_what_to_mend_in_it(ada: Visitor, faulty: dict[str, int], rows: Open) -> None:
    page = ada.get(f"/projects/{faulty['alpha']}").text
    section = page.split('id="mend"', 1)[1].split("</section>", 1)[0]
    assert f"/data-quality?project={faulty['alpha']}&amp;fault=no_due#rows" in section
    assert "Past its due date" in section
    assert "No probability" not in section
    with rows() as add:
        empty = add.project("Empty")
    assert "Nothing: no open item of a project that goes on has a fault." in ada.get(f"/projects/{empty}").text
