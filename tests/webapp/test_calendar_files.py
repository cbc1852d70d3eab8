"""Files for calendars: what goes in comes out of a reader, whatever it says, and only to whom it may."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from sqlalchemy import Engine, select, update

from portfolio.access.grants import usual
from portfolio.access.roles import Grant, Role, Scope, ScopeType
from portfolio.model.access import AuditEntry
from portfolio.model.work import ItemAssignee, Milestone
from portfolio.store.engine import reading, writing
from tests.hostile.texts import MARKUP
from tests.webapp.builders import Rows
from tests.webapp.conftest import Signed, Visitor
from webapp.calendar_file import calendar, plain, uid
from webapp.queries.dated import Dated

Open = Callable[[], AbstractContextManager[Rows]]
TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


def events(content: bytes) -> list[Any]:
    return list(Calendar.from_ical(content).walk("VEVENT"))


@given(
    name=texts, project=texts, told=texts, day=st.dates(), url=st.none() | texts.map("https://x.invalid/".__add__)
)  # fmt: skip
def test_any_text_survives_and_no_line_is_too_long(
    name: str, project: str, told: str, day: date, url: str | None
) -> None:
    it = Dated("https://jira.invalid", "item", "10000", name, project, url, day, "ahead", None, NOW)
    content = calendar(name, [it], lambda _: plain(told), NOW)
    lines = content.split(b"\r\n")
    assert lines[-1] == b""
    assert all(len(line) <= 75 and b"\n" not in line and b"\r" not in line for line in lines)
    content.decode()
    (event,) = events(content)
    assert str(event["SUMMARY"]) == plain(f"{name} ({project})")
    assert str(event["DESCRIPTION"]) == plain(told)
    assert event["DTSTART"].dt == day
    assert b"DTSTART;VALUE=DATE:" in content
    assert event["LAST-MODIFIED"].dt == NOW
    assert content.count(b"BEGIN:") == 2


def test_the_id_of_an_entry_stays_whatever_it_is_called() -> None:
    first = Dated("https://jira.invalid", "item", "10000", "One", "P", None, TODAY, "ahead", None, None)
    later = Dated(
        "https://jira.invalid", "item", "10000", "Two", "Q", "https://x.invalid", NOW.date(), "reached", TODAY, NOW
    )
    assert uid(first) == uid(later) == "70c28a5f-a6c8-543b-bd1d-de43366c4414"
    others = {("https://jira.invalid", "milestone", "10000"), ("https://asana.invalid", "item", "10000")}
    assert (
        len({uid(Dated(*which, "One", "P", None, TODAY, "ahead", None, None)) for which in others} | {uid(first)}) == 3
    )


@pytest.fixture
def places(rows: Open) -> dict[str, int]:
    """Ada and Ben have work in two projects; One has milestones of each kind."""
    with rows() as add:
        jira = add.connection()
        ada, ben = add.person("Ada"), add.person("Ben")
        one, two = add.project("One", jira, manager_id=ada), add.project("Two", jira)
        told = {"created": TODAY - timedelta(days=30)}
        gate = add.item(one, jira, **told, kind="milestone", due=TODAY, title="Gate", assignee_id=ada, external_id="77")
        add.milestone(one, jira, MARKUP["script"], due=TODAY + timedelta(days=9), baseline=TODAY)
        add.milestone(one, jira, "Off", due=TODAY + timedelta(days=5), cancelled=True)
        add.milestone(one, jira, "Undated")
        add.milestone(two, jira, "Elsewhere", due=TODAY)
        bad = add.milestone(one, jira, "Gate", due=TODAY, item_id=gate, url=None)
        add.item(one, jira, **told, due=TODAY - timedelta(days=3), title="Late; really, \\late", assignee_id=ada)
        add.item(one, jira, **told, due=TODAY, title="Of Ben", assignee_id=ben)
        add.item(one, jira, **told, title="Without a date", assignee_id=ada)
        add.item(one, jira, **told, due=TODAY, finished_on=TODAY, title="Done", assignee_id=ada)
        add.item(two, jira, **told, due=TODAY, title="Far away", assignee_id=ada)
        shared = add.item(one, jira, **told, due=TODAY + timedelta(days=1), title="Shared", assignee_id=ben)
        add.row(ItemAssignee, item_id=shared, person_id=ada)
    return {"ada": ada, "ben": ben, "one": one, "two": two, "bad": bad}


def test_the_milestones_of_a_project_are_days_of_a_calendar(
    ada: Visitor, places: dict[str, int], engine: Engine
) -> None:
    answer = ada.get(f"/projects/{places['one']}/milestones.ics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="milestones.ics"'
    assert answer.headers["Cache-Control"] == "no-store"
    found = events(answer.data)
    assert [(str(it["SUMMARY"]), it["DTSTART"].dt, str(it["STATUS"])) for it in found] == [
        ("Gate (One)", TODAY, "CONFIRMED"),
        ("Off (One)", TODAY + timedelta(days=5), "CANCELLED"),
        (f"{MARKUP['script']} (One)", TODAY + timedelta(days=9), "CONFIRMED"),
    ]
    assert str(found[2]["DESCRIPTION"]) == f"Ahead. First planned {TODAY}."
    assert str(found[2]["URL"]).startswith("https://jira.invalid/versions/")
    assert "LAST-MODIFIED" in found[0]
    assert b"@" not in answer.data
    calendar_ = Calendar.from_ical(answer.data)
    assert (str(calendar_["PRODID"]), str(calendar_["X-WR-CALNAME"])) == (
        "-//Sightline//sightline-pmo//EN",
        "Milestones of One",
    )
    with reading(engine) as store:
        noted = store.execute(select(AuditEntry.subject_id, AuditEntry.new).where(AuditEntry.action == "export")).all()
    assert [(row[0], msgspec.json.decode(row[1])) for row in noted] == [
        (places["one"], {"what": "milestones", "form": "ics", "rows": 3})
    ]
    assert f'href="/projects/{places["one"]}/milestones.ics"' in ada.text(f"/projects/{places['one']}")


def test_what_is_no_web_address_is_not_linked(ada: Visitor, places: dict[str, int], engine: Engine) -> None:
    with writing(engine) as store:
        store.execute(update(Milestone).where(Milestone.id == places["bad"]).values(url="javascript:alert(1)"))
    assert "URL" not in events(ada.get(f"/projects/{places['one']}/milestones.ics").data)[0]


def test_ones_own_dates_are_of_nobody_else_and_of_projects_in_sight(signed: Signed, places: dict[str, int]) -> None:
    def own(visitor: Visitor) -> list[tuple[str, str]]:
        found = events(visitor.get("/account/calendar.ics").data)
        return [(str(it["SUMMARY"]), str(it["DESCRIPTION"])) for it in found]

    manager = signed("pm", usual(Role.PROJECT_MANAGER), places["ada"])
    assert own(manager) == [
        ("Late; really, \\late (One)", "Overdue."), ("Gate (One)", "Ahead."), ("Shared (One)", "Ahead."),
    ]  # fmt: skip
    assert 'href="/account/calendar.ics"' in manager.text("/account")
    gates = [
        events(manager.get(path).data)
        for path in ("/account/calendar.ics", f"/projects/{places['one']}/milestones.ics")
    ]
    assert len({str(it["UID"]) for found in gates for it in found if str(it["SUMMARY"]) == "Gate (One)"}) == 1
    lead = signed("lead", usual(Role.PMO_LEAD), places["ada"])
    assert "Far away (Two)" in [name for name, _ in own(lead)]
    nobody = signed("nobody", usual(Role.PMO_LEAD), None)
    assert own(nobody) == []
    assert 'href="/account/calendar.ics"' not in nobody.text("/account")
    other = signed("pm2", frozenset({Grant(Role.PROJECT_MANAGER, Scope(ScopeType.PROJECT, places["two"]))}), None)
    assert other.get(f"/projects/{places['one']}/milestones.ics").status_code == 404
