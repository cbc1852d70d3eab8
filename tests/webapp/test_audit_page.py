"""The audit log as a page and as a file: filters, paging by entry, what hostile text becomes, and the check."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, insert, select

from portfolio.access.grants import usual
from portfolio.access.roles import Role
from portfolio.audit.append import append
from portfolio.audit.entry import COMMAND, SYSTEM, Subject
from portfolio.audit.verify import verify
from portfolio.bookings.effects import NONE
from portfolio.bookings.keep import make
from portfolio.bookings.wish import Wish as Booking
from portfolio.capacity.skills import tell_skill
from portfolio.model.access import AuditEntry
from portfolio.organisation import PersonFigures, Retention, Separation, SignInRules, subject_of
from portfolio.store.engine import reading, writing
from tests.conftest import Clock
from tests.webapp.builders import Rows
from tests.webapp.conftest import PASSWORD, Signed, Visitor
from tests.webapp.programs import program
from webapp.accounts.local import add_user
from webapp.pages import audit
from webapp.words import say

HOSTILE = "<script>alert(1)</script>"
Open = Callable[[], AbstractContextManager[Rows]]


def note(engine: Engine, clock: Clock, entries: int, action: str = "thing.done") -> None:
    with writing(engine) as connection:
        for number in range(entries):
            append(connection, clock(), COMMAND, action, Subject("thing", number), new={"number": number})


def actions(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_an_entry_is_told_in_words_with_names_of_today(ada: Visitor, engine: Engine, clock: Clock, admin: int) -> None:
    ada.post("/sign-out")
    ada.sign_in()
    with writing(engine) as connection:
        append(
            connection,
            clock(),
            COMMAND,
            "user.switched",
            Subject("user", admin),
            old={"active": True},
            new={"active": False},
        )
        append(connection, clock(), SYSTEM, "user.switched", Subject("user", 4711))
    page = ada.text("/settings/audit")
    assert "Let an account sign in, or no more" in page
    assert "Account ada" in page
    assert "Account 4711" in page
    assert "Somebody at the command line" in page
    assert "<bdi>yes</bdi> → <bdi>no</bdi>" in page
    assert page.index("Account 4711") < page.rindex("Signed in")  # the newest first


def test_what_others_wrote_is_inert(ada: Visitor, engine: Engine, clock: Clock, rows: Open) -> None:
    with rows() as add:
        ident = add.connection(HOSTILE)
    with writing(engine) as connection:
        about = Subject("connection", ident)
        append(connection, clock(), COMMAND, HOSTILE, about, old={HOSTILE: "=1+1"}, new={HOSTILE: [HOSTILE]})
    page = ada.text("/settings/audit")
    assert HOSTILE not in page
    assert page.count("&lt;script&gt;") >= 4
    assert HOSTILE not in ada.text(f"/settings/audit?action={HOSTILE}&who={HOSTILE}&from={HOSTILE}&subject={HOSTILE}")
    assert HOSTILE not in ada.text(f"/settings/audit/check?head={HOSTILE}")


@pytest.mark.parametrize(
    "query",
    [
        "from=nothing&to=31.12.2026",
        "from=0001-01-01&to=9999-12-31",
        "who=99999999999999999999&subject_id=-1",
        "before=0",
        "before=x",
        "action=%25",
    ],
)
def test_no_address_breaks_the_page(ada: Visitor, query: str) -> None:
    assert "Audit log" in ada.text(f"/settings/audit?{query}")
    assert ada.get(f"/settings/audit.csv?{query}").status_code == 200


def test_a_long_log_is_read_page_by_page(ada: Visitor, engine: Engine, clock: Clock) -> None:
    note(engine, clock, 250)
    first = ada.text("/settings/audit?action=thing")
    assert 'rel="next" href="?action=thing&amp;before=' in first
    before = int(first.split("before=")[1].split('"')[0])
    second = ada.text(f"/settings/audit?action=thing&before={before}")
    assert f"Entries {before - 100} to {before - 1}" in second
    third = ada.text(f"/settings/audit?action=thing&before={before - 100}")
    assert 'rel="next"' not in third
    assert "Newest" in third


def test_filters_leave_only_what_fits(ada: Visitor, engine: Engine, clock: Clock, admin: int) -> None:
    clock.advance(minutes=5)
    note(engine, clock, 1, "thing.done")
    today = clock().date()

    def shown(query: str) -> bool:
        return "Thing 0" in ada.text(f"/settings/audit?{query}") or "thing 0" in ada.text(f"/settings/audit?{query}")

    assert shown(f"from={today}&to={today}")
    assert not shown(f"from={today + timedelta(days=1)}")
    assert not shown(f"to={today - timedelta(days=1)}")
    assert shown("who=command")
    assert not shown(f"who={admin}")
    assert not shown("who=system")
    assert not shown("subject=user")
    assert "None fits the filter" in ada.text("/settings/audit?action=nothing.such")


def test_the_file_holds_what_was_filtered_and_is_noted_itself(ada: Visitor, engine: Engine, clock: Clock) -> None:
    note(engine, clock, 3)
    with writing(engine) as connection:
        append(connection, clock(), COMMAND, "=cmd|calc", new={"@x": "=1+1"})
    answer = ada.get("/settings/audit.csv?who=command")
    lines = list(csv.reader(StringIO(answer.text.removeprefix("\ufeff"))))
    assert lines[0][:5] == ["Entry", "When", "Who", "From", "What"]
    assert lines[1][5] == "'=cmd|calc"
    assert [line[5] for line in lines[2:5]] == ["thing.done"] * 3
    assert actions(engine)[-1] == "export"
    assert "Saved a file" in ada.text("/settings/audit")


def test_the_check_tells_the_head_and_what_is_wrong(ada: Visitor, engine: Engine, clock: Clock) -> None:
    note(engine, clock, 2)
    with reading(engine) as connection:
        last, head = connection.execute(
            select(AuditEntry.id, AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1)
        ).one()
    page = ada.text("/settings/audit/check")
    assert "The log is whole" in page
    assert head in page
    assert "is in the log" in ada.text(f"/settings/audit/check?head={head}")
    assert "newest entries were removed" in ada.text(f"/settings/audit/check?head={'ab' * 32}")
    assert "64 characters" in ada.text("/settings/audit/check?head=abc")
    with writing(engine) as connection:
        row = {"id": last + 2, "at": clock(), "actor": "system", "action": "x", "hash": "0" * 64}
        connection.execute(insert(AuditEntry).values(**row))
    broken = ada.text("/settings/audit/check")
    assert "The log is not whole" in broken
    assert f"Entry {last + 1} is missing" in broken


def test_who_may_not_see_the_log_does_not(engine: Engine, clock: Clock, visitor: Visitor) -> None:
    add_user(engine, "pat", PASSWORD, usual(Role.PROJECT_MANAGER), clock(), COMMAND)
    assert visitor.sign_in("pat").status_code == 302
    for path in ("/settings/audit", "/settings/audit.csv", "/settings/audit/check"):
        assert visitor.get(path).status_code == 403


def test_looking_at_the_people_of_a_project_is_noted_once_an_hour(
    ada: Visitor, engine: Engine, clock: Clock, rows: Open
) -> None:
    with rows() as add:
        jira = add.connection()
        project = add.project("One", jira)
        empty = add.project("Two", jira)
        person = add.person("Mia")
        add.item(project, jira, created=clock().date(), assignee_id=person)
    before = len(actions(engine))
    ada.text(f"/projects/{empty}")
    assert actions(engine)[before:] == []
    ada.text(f"/projects/{project}")
    ada.text(f"/projects/{project}")
    clock.advance(minutes=61)
    ada.text(f"/projects/{project}")
    assert actions(engine)[before:] == ["people.viewed"] * 2
    ada.text(f"/projects/{project}/items?assignee={person}")
    ada.get(f"/projects/{project}/items.csv?assignee={person}")
    assert actions(engine)[before + 2 :] == ["person.viewed", "person.viewed", "export"]


@pytest.mark.parametrize(("role", "sees"), [(Role.ADMIN, False), (Role.AUDITOR, True), (Role.PMO_LEAD, True)])
def test_days_and_hours_of_plans_are_for_who_may_see_them(
    signed: Signed, app: Flask, engine: Engine, clock: Clock, rows: Open, role: Role, sees: bool
) -> None:
    day = clock().date()
    with rows() as add:
        project, mia = add.project("One", add.connection()), add.person("Mia")
        add.request(project, clock(), hours=Decimal("17.375"))
        wish = Booking(project, mia, None, day, date(2026, 4, 17), hours_per_day=Decimal("6.250"))
        make(add.db, wish, NONE, clock(), SYSTEM)
        tell_skill(add.db, mia, "Go", 4, day, clock(), SYSTEM)
    visitor = signed("who", usual(role), None)
    page, table = visitor.text("/settings/audit"), visitor.get("/settings/audit.csv").text
    permits = {"audit_log.view", *(["allocations.view"] if sees else [])}
    entries = program(app, engine, clock(), *permits, grants=usual(role)).read("/audit")["entries"]
    told = {it["action"]: it for it in entries}
    for text in (page, table, str(entries)):
        assert "booking.made" in text
        assert "request.asked" in text
        assert [part in text for part in ("17.375", "2026-04-17", "6.25")] == [sees] * 3
    assert told["booking.made"]["new"].keys() >= {"project", "person", "kind"}
    assert ("level" in told["skill.told"]["new"], told["skill.told"]["new"]["skill"]) == (sees, "Go")
    assert {action for action, it in told.items() if it["masked"]} == (
        set() if sees else {"booking.made", "request.asked", "skill.told"}
    )
    assert ("no days and hours" in page) is not sees
    with reading(engine) as store:
        assert verify(store).broken_at is None


def test_the_log_is_filtered_by_all_that_actions_are_about(app: Flask) -> None:
    root = Path(audit.__file__).parents[2]
    files = [it for room in ("portfolio", "sync", "webapp", "cli") for it in sorted((root / room).rglob("*.py"))]
    told = {kind for it in files for kind in re.findall(r'\bSubject\(\s*"([a-z_]+)"', it.read_text())}
    told |= {subject_of(group).type for group in (SignInRules, Separation, PersonFigures, Retention)}
    assert {"calendar", "working_time", "governance", "retention"} <= told
    assert told - set(audit.SUBJECTS) == set()
    with app.test_request_context():
        assert [it for it in audit.SUBJECTS if say("audit_kind", it) == it] == []
