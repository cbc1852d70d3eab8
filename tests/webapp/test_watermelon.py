"""The watermelon list as people see it: a sentence, the projects in sight, the same as a file."""

from __future__ import annotations

import csv
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from io import StringIO

import pytest
from sqlalchemy import Engine, insert, update

from portfolio.figures.keep import note_day
from portfolio.model.base import FAR
from portfolio.model.oversight import KpiValue
from portfolio.store.engine import writing
from tests.conftest import Clock
from tests.webapp.builders import Rows, at_noon
from tests.webapp.conftest import Visitor
from tests.webapp.test_portfolio import names, words

TODAY = date(2026, 3, 2)
Open = Callable[[], AbstractContextManager[Rows]]


@pytest.fixture
def melons(rows: Open, engine: Engine, clock: Clock) -> None:
    """Alpha says green and is red since a week, Beta is honest, Gamma reported long ago, Delta says nothing."""
    with rows() as add:
        jira = add.connection("Jira EU")
        mia = add.person("Mia Manager")
        old = at_noon(TODAY - timedelta(days=20))
        ids = {
            "red": add.project("Alpha", jira, manager_id=mia, reported_rag="green", reported_at=old, rag_reason="soon"),
            "amber": add.project("Beta", jira, reported_rag="amber", reported_at=at_noon(TODAY)),
            "green": add.project("Gamma", jira, reported_rag="green", reported_at=old),
            "grey": add.project("Delta", jira),
        }
    with writing(engine) as store:
        for rag, project in ids.items():
            row = {"scope_type": "project", "scope_id": project, "kpi": "RAG", "n": 3, "origin": "observed"}
            span = {"as_of": TODAY - timedelta(days=7), "until": FAR, "rag": rag, "computed_at": clock()}
            store.execute(insert(KpiValue).values(**row, **span))
        note_day(store, TODAY, clock())


def test_the_sentence_tells_how_many_and_since_when(ada: Visitor, melons: None) -> None:
    page = ada.text("/watermelon")
    assert words(page.split('class="lead">')[1].split("</p>")[0]) == (
        "1 of 3 projects with both colours reports a better one than the figures give, the longest since "
        "Mon 2026-02-23. 2 reports are older than their cadence."
    )
    assert names(page) == ["Alpha"]
    assert "soon" in page
    assert names(ada.text("/watermelon?which=late&sort=-project")) == ["Gamma", "Alpha"]
    assert names(ada.text("/watermelon?which=all&q=mia")) == ["Alpha"]


def test_what_began_today_has_not_lasted(ada: Visitor, engine: Engine, melons: None) -> None:
    with writing(engine) as store:
        store.execute(update(KpiValue).values(as_of=TODAY))
    page = ada.text("/watermelon")
    assert "1 of 3 projects with both colours reports a better one than the figures give." in words(page)


def test_the_file_holds_what_is_shown(ada: Visitor, melons: None) -> None:
    head, line = csv.reader(StringIO(ada.text("/watermelon.csv").lstrip("\ufeff")))
    assert dict(zip(head, line, strict=True)) == {
        "Project": "Alpha",
        "Code": line[1],
        "Reported": "Green",
        "Reported on": "2026-02-10",
        "Computed": "Red",
        "Better by": "2",
        "Better since": "2026-02-23",
        "Days": "7",
        "Age of the report": "14",
        "Followed after": "",
        "Reason given": "soon",
        "Manager": "Mia Manager",
    }


def test_without_figures_it_says_so(ada: Visitor) -> None:
    assert "no figures were computed yet" in ada.text("/watermelon")


def test_the_portfolio_leads_to_it(ada: Visitor, melons: None) -> None:
    assert 'href="/watermelon"' in ada.text("/")
