"""What went missing, what is held back until somebody decides, and how complete the items are."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from html import unescape
from io import StringIO

import pytest
from sqlalchemy import Engine

from portfolio.access.grants import usual
from portfolio.access.roles import Role
from portfolio.audit.entry import COMMAND
from portfolio.model.landing import SliceCount
from portfolio.store.engine import reading
from sync.holds import pending
from tests.conftest import Clock
from tests.webapp.builders import Rows
from tests.webapp.conftest import PASSWORD, Visitor
from webapp.accounts.local import add_user

Open = Callable[[], AbstractContextManager[Rows]]


def words(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


@pytest.fixture
def missing(rows: Open, clock: Clock) -> None:
    """Three items and a sprint of two connections are missing; those of Jira are held back."""
    with rows() as add:
        jira, asana = add.connection("Jira EU"), add.connection("Asana", "asana")
        project = add.project("Alpha", jira)
        day = clock().date()
        for external_id, title in (("a", "Gone for <b>good</b>"), ("b", "Elsewhere"), ("c", "=1+1")):
            add.item(project, jira, created=day, external_id=external_id, title=title)
        told = {"why": "The tracker knows no such item.", "run_id": 1}
        add.absence(jira, "a", clock() - timedelta(hours=2), verdict="deleted", applied_at=clock(), **told)
        add.absence(jira, "b", clock() - timedelta(hours=1), verdict="access_lost")
        add.absence(jira, "c", clock())
        add.absence(asana, "120938402349", clock(), stream="sprints", verdict="deleted")
        add.hold(jira, 412, 900, clock() - timedelta(minutes=30))


def test_what_is_missing_stands_with_its_verdict_and_its_link(ada: Visitor, missing: None) -> None:
    page = ada.text("/absences")
    assert "4 records are not where they were in the tracker." in words(page)
    assert "Gone for &lt;b&gt;good&lt;/b&gt;" in page
    assert "<b>good" not in page
    assert 'href="https://jira.invalid/browse/IT-' in page
    assert "Alpha Jira EU Deleted The tracker knows no such item. 2026-03-02 07:00 2026-03-02 09:00" in words(page)
    assert "Alpha Jira EU Access lost 2026-03-02 08:00 not retired" in words(page)
    assert "Alpha Jira EU Not asked yet" in words(page)
    assert "…02349 Sprints not kept none Asana Deleted" in words(page)


@pytest.mark.parametrize(
    ("query", "count"),
    [("connection=2", 1), ("verdict=deleted", 2), ("verdict=not_asked", 1), ("open=1", 3), ("verdict=x", 4)],
)
def test_absences_are_filtered(ada: Visitor, missing: None, query: str, count: int) -> None:
    assert f"of {count} absences" in words(ada.text(f"/absences?{query}"))
    lines = list(csv.reader(StringIO(ada.get(f"/absences.csv?{query}").text.lstrip("\ufeff"))))
    assert len(lines) == count + 1


def test_titles_cannot_start_a_formula_in_the_file(ada: Visitor, missing: None) -> None:
    assert "'=1+1" in ada.get("/absences.csv").text


def test_nothing_missing_is_said(ada: Visitor, rows: Open) -> None:
    assert "Everything that came from the trackers is still there." in ada.text("/absences")
    assert "Nothing that is missing fits the filter." in ada.text("/absences?verdict=moved")


def test_a_hold_says_what_it_is_and_names_what_would_go(ada: Visitor, missing: None) -> None:
    for path in ("/absences", "/runs", "/connections"):
        page = words(ada.text(path))
        assert "Jira EU is held: 412 of 900 records are missing at once (limit 20 %). Nothing was removed." in page
    page = ada.text("/absences?connection=1&open=1")
    assert "They are really gone: retire 412 records of Jira EU" in words(page)
    assert "is held" not in ada.text("/absences?connection=2")


def test_what_is_held_can_be_let_go(ada: Visitor, missing: None, engine: Engine) -> None:
    answer = ada.post("/connections/1/hold", decision="retire", missing="412")
    page = words(ada.text(answer.location))
    assert "The next run of Jira EU retires what is missing." in page
    assert "412 of 900 records are to be retired with the next run. ada decided so just now." in page
    with reading(engine) as store:
        held = pending(store, 1)
    assert held is not None
    assert (held.decision, held.decided_by) == ("approved", "ada")


def test_what_is_held_can_be_kept(ada: Visitor, missing: None, engine: Engine) -> None:
    answer = ada.post("/connections/1/hold", decision="keep", missing="412")
    page = words(ada.text(answer.location))
    assert "Nothing of Jira EU was retired." in page
    assert "is held" not in page
    with reading(engine) as store:
        assert pending(store, 1) is None


def test_only_what_was_shown_is_decided_on(ada: Visitor, missing: None, engine: Engine) -> None:
    for path, form in (("/connections/1/hold", {"missing": "400"}), ("/connections/2/hold", {"missing": "412"})):
        answer = ada.post(path, decision="retire", **form)
        assert "Nothing was decided: something else is missing by now." in words(ada.text(answer.location))
    assert ada.post("/connections/1/hold", decision="burn", missing="412").status_code == 400
    with reading(engine) as store:
        held = pending(store, 1)
    assert held is not None
    assert held.decision is None


def test_who_may_not_decide_is_told_who_may(engine: Engine, clock: Clock, visitor: Visitor, missing: None) -> None:
    add_user(engine, "eve", PASSWORD, usual(Role.AUDITOR), clock(), COMMAND)
    visitor.sign_in("eve")
    page = visitor.text("/absences")
    assert "An admin or PMO lead decides." in page
    assert "retire 412" not in page


def test_how_complete_the_items_are_and_by_whose_count(ada: Visitor, rows: Open, clock: Clock) -> None:
    with rows() as add:
        jira, asana = add.connection("Jira EU"), add.connection("Asana", "asana")
        alpha, beta = add.project("Alpha", jira), add.project("Beta", jira)
        ago = clock() - timedelta(minutes=10)
        refs = {"checked_at": ago, "connection_id": jira}
        add.row(SliceCount, slice="p1", told=1000, listed=1000, kept=1000, **refs)
        add.row(SliceCount, slice="p2", told=204, listed=203, kept=201, **refs)
        add.row(SliceCount, slice="x", told=None, listed=30, kept=32, checked_at=ago, connection_id=asana)
    page = words(ada.text("/connections"))
    assert "1 201 of 1 204 items (tracker's own count, 10 min ago) 3 more in the tracker: new since" in page
    assert "32 of 30 items (tracker's list of ids, 10 min ago) 2 more here: gone in the tracker since" in page
    assert "1 000 of 1 000 items (tracker's own count, 10 min ago)" in words(ada.text(f"/projects/{alpha}"))
    whole = ada.text(f"/projects/{beta}")
    assert "201 of 204 items (tracker's own count, 10 min ago). 3 more in the tracker" in words(whole)
