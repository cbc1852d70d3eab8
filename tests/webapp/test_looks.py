"""Whoever shows persons by name notes it: every route is opened, and none may name anybody unnoted.

A new route that names persons fails until it stands in one of the tables here, and notes whom it shows.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import Engine, func, select, update
from werkzeug.test import TestResponse

from portfolio.access.grants import usual
from portfolio.access.roles import Role
from portfolio.audit import lists
from portfolio.audit.entry import SYSTEM
from portfolio.audit.verify import verify
from portfolio.figures.rollup import roll_up
from portfolio.model.access import AuditEntry
from portfolio.model.landing import RunRequest
from portfolio.model.people import Allocation, Calendar, Person, PersonIdentity, TimeOff
from portfolio.model.resources import PersonSkill, ResourceRequest
from portfolio.model.structure import Objective
from portfolio.model.work import Worklog
from portfolio.organisation import PersonFigures, change_settings
from portfolio.store.engine import reading, writing
from sync.identities.deciding import Pair, merge, reject
from sync.identities.undoing import undo
from tests.conftest import Clock
from tests.webapp.builders import Rows
from tests.webapp.conftest import Signed, Visitor
from tests.webapp.programs import program
from tests.webapp.test_matrix import LINES, OPERATIONS
from webapp.access import api_permits
from webapp.accounts.users import SERVICE, add_account

Open = Callable[[], AbstractContextManager[Rows]]
HOUR = 3600
ZOE = "Zoe Quill"

SHOWS: Mapping[str, str] = {
    "resources.resources": "/resources",
    "resources.resources_csv": "/resources.csv",
    "resources.resources_xlsx": "/resources.xlsx",
    "resources.person": "/resources/people/{zoe}",
    "scenarios.scenario": "/resources/scenarios/1",
    "scenarios.compare": "/resources/scenarios/compare?id=1",
    "scenarios.to_do_csv": "/resources/scenarios/1/to-do.csv",
    "scenarios.to_do_xlsx": "/resources/scenarios/1/to-do.xlsx",
    "staffing.staffing": "/resources/by-project",
    "staffing.staffing_csv": "/resources/by-project.csv",
    "staffing.staffing_xlsx": "/resources/by-project.xlsx",
    "accuracy.accuracy": "/resources/actual?by=person",
    "accuracy.accuracy_csv": "/resources/actual.csv?by=person",
    "accuracy.accuracy_xlsx": "/resources/actual.xlsx?by=person",
    "bench.bench": "/resources/bench",
    "bench.bench_csv": "/resources/bench.csv",
    "bench.bench_xlsx": "/resources/bench.xlsx",
    "overload.overload": "/resources/conflicts",
    "overload.overload_csv": "/resources/conflicts.csv",
    "overload.overload_xlsx": "/resources/conflicts.xlsx",
    "key_people.key_people": "/resources/key-people",
    "key_people.key_people_csv": "/resources/key-people.csv",
    "key_people.key_people_xlsx": "/resources/key-people.xlsx",
    "bookings.bookings": "/resources/bookings?time=all",
    "bookings.bookings_csv": "/resources/bookings.csv?time=all",
    "bookings.bookings_xlsx": "/resources/bookings.xlsx?time=all",
    "bookings.booking": "/resources/bookings/{booking}",
    "time_off.time_off": "/resources/time-off",
    "skills.skills": "/resources/skills?skill=Go",
    "capacity_files.csv": "/resources/files/time-off.csv",
    "capacity_files.xlsx": "/resources/files/skills.xlsx",
    "requests.requests": "/resources/requests",
    "requests.requests_csv": "/resources/requests.csv",
    "requests.requests_xlsx": "/resources/requests.xlsx",
    "requests.request": "/resources/requests/{request}",
    "project.project": "/projects/{own}",
    "program.program": "/programs/1",
    "items.items": "/projects/{own}/items",
    "items.items_csv": "/projects/{own}/items.csv",
    "items.items_xlsx": "/projects/{own}/items.xlsx",
    "who.people": "/people",
    "who.person": "/people/{zoe}",
    "who_decisions.suggestions": "/people/suggestions",
    "who_decisions.log": "/people/decisions",
    "who_table.export_csv": "/people/table/people.csv",
    "people.people": "/settings/people?q=quill",
    "people.person": "/settings/people/{zoe}",
    "people.person_json": "/settings/people/{zoe}.json",
    "api.load.load": "/load?by=person",
    "api.scenarios.scenario": "/scenarios/1",
    "api.bookings.bookings": "/bookings?time=all",
    "api.requests.requests": "/requests",
    "api.requests.request": "/requests/{request}",
    "api.items.items": "/projects/{own}/items",
}
"""What shows Zoe with what is kept of her, and at which address."""

NAMES_ONLY = {"bookings.new", "audit.log", "audit.log_csv", "audit.log_xlsx"}
"""What names her and tells nothing of her: names to choose from, and the log itself."""


@pytest.fixture
def places(rows: Open, engine: Engine, clock: Clock) -> dict[str, int]:
    """Zoe has too much, free weeks after, bookings, time off, a skill, a request, and a part in everything."""
    day = clock().date()
    with rows() as add:
        jira, asana = add.connection(), add.connection("Asana", "asana")
        mia = add.person("Mia")
        zoe = add.add(Person, name=ZOE, active=True, role="Tester")
        twin = add.add(Person, name="Quill, Zoe", active=True, role="Tester")
        for number, (person, where) in enumerate(((zoe, jira), (twin, asana))):
            name = ZOE if person == zoe else "Quill, Zoe"
            add.add(PersonIdentity, connection_id=where, external_id=f"a{number}", name=name, person_id=person)
        add.add(Calendar, name="North")
        led = add.program("P", add.portfolio("F"), mia)
        own, second = (add.project(name, jira, manager_id=mia, program_id=led) for name in ("Own", "Second"))
        told = {"created": date(2026, 1, 5), "assignee_id": zoe}
        for project in (own, second):
            add.item(project, jira, **told, key=f"K-{project}", due=day + timedelta(4), remaining_s=30 * HOUR)
        for _ in range(5):
            epic = add.item(own, jira, created=date(2026, 1, 5), kind="epic", is_leaf=False)
            add.item(own, jira, **told, started=date(2026, 2, 1), finished_on=date(2026, 2, 10), parent_id=epic)
        week = {"start": date(2026, 2, 16), "end": date(2026, 2, 16), "kind": "hard", "hours_per_day": 8}
        booking = add.add(Allocation, person_id=zoe, project_id=own, **week)
        log = {"work_date": date(2026, 2, 16), "seconds": 8 * HOUR, "rejected": False}
        add.add(Worklog, connection_id=jira, external_id="l1", person_id=zoe, project_id=own, **log)
        away = {"start": day + timedelta(60), "end": day + timedelta(60), "fraction": Decimal(1), "origin": "hand"}
        add.add(TimeOff, person_id=zoe, **away)
        add.row(PersonSkill, person_id=zoe, skill="Go", level=3, valid_from=day)
        request = add.request(own, clock())
        add.db.execute(update(ResourceRequest).values(state="proposed", person_id=zoe))
        add.stream(add.run(jira, clock()), "items", created=1)
        add.add(Objective, title="Grow", owner_id=zoe)
        add.held(jira, "unreadable", b"{}", clock())
        add.own_kpi("Late", "w", clock())
        roll_up(add.db, as_of=day, now=clock())
        add.row(RunRequest, connection_id=jira, mode="full", asked_by="ada", asked_at=clock())
    figures = PersonFigures(on=True, purpose="p", legal_basis="l", approver="a", approved_on=day)
    operations = f'[{{"op": "reassign", "item": "K-{own}", "persons": [{zoe}, {mia}]}}]'
    with writing(engine) as store:
        change_settings(store, figures, clock(), SYSTEM)
        service = add_account(store, "robot", usual(Role.ADMIN), clock(), SYSTEM, known=SERVICE)
        Rows(store).scenario(service, "If", clock(), operations, shared=True)
    reject(engine, [Pair(zoe, mia, 0.0, ())], clock(), "ada", SYSTEM)
    return {"zoe": zoe, "own": own, "service": service, "booking": booking, "request": request}


def said(answer: TestResponse) -> str:
    """All that an answer says; of a workbook all its parts."""
    if not answer.data.startswith(b"PK"):
        return answer.text
    book = zipfile.ZipFile(io.BytesIO(answer.data))
    return " ".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))


def last_entry(engine: Engine) -> int:
    with reading(engine) as store:
        return store.scalar(select(func.max(AuditEntry.id))) or 0


def is_noted(engine: Engine, person_id: int, after: int) -> bool:
    """Whether it is in the log, after that entry, that somebody looked at her or took what is kept of her away."""
    it = AuditEntry
    with reading(engine) as store:
        entries = list(store.execute(select(it.action, it.subject_id, it.new).where(it.id > after)))
    return any(
        person_id in lists.read(entry.new).persons
        if entry.action == lists.VIEWED
        else entry.action in ("person.viewed", "person.exported") and entry.subject_id == person_id
        for entry in entries
    )


def opened(
    app: Flask, engine: Engine, clock: Clock, signed: Signed, places: dict[str, int]
) -> Iterator[tuple[str, bool, bool]]:
    """Each route that is looked at, by an account that holds every role: whether it names her, and whether that is
    noted. Whom somebody was shown in a list is not noted of them again for an hour: so it is another each time."""
    robot = program(app, engine, clock(), *map(str, api_permits()))
    paths = {endpoint: line.path for (endpoint, method), line in {**LINES, **OPERATIONS}.items() if method == "GET"}
    for endpoint, template in (paths | SHOWS).items():
        path, before = template.format(**places), last_entry(engine)
        if endpoint.startswith("api."):
            clock.advance(minutes=61)
            answer = robot.ask(path)
        else:
            answer = signed(endpoint, usual(*Role), None).get(path)
        assert answer.status_code == 200, (endpoint, path)
        yield endpoint, ZOE in said(answer), is_noted(engine, places["zoe"], before)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_whoever_shows_a_person_by_name_notes_it(
    app: Flask, engine: Engine, clock: Clock, signed: Signed, places: dict[str, int]
) -> None:
    found = list(opened(app, engine, clock, signed, places))
    assert {endpoint for endpoint, named, _ in found if named} - NAMES_ONLY == set(SHOWS)
    assert {endpoint for endpoint, _, noted in found if noted} == set(SHOWS)
    with reading(engine) as store:
        assert verify(store).broken_at is None


def test_a_person_sees_who_looked_and_at_which_list(signed: Signed, places: dict[str, int]) -> None:
    zoe = signed("zoe", usual(Role.PROJECT_MANAGER), places["zoe"])
    assert "Nobody did" in zoe.text("/account/looks")
    ada = signed("ada", usual(*Role), None)
    for path in ("/resources", "/resources?size=100", f"/projects/{places['own']}", f"/people/{places['zoe']}"):
        ada.text(path)
    page = re.sub(r"\s+", " ", zoe.text("/account/looks"))
    assert page.count("<bdi>ada</bdi>") == 3
    assert "A list you stood in: load</td>" in page
    assert "A list you stood in: items, of <bdi>Own</bdi></td>" in page
    assert "Looked at what concerns a person: who is who</td>" in page
    assert 'href="/account/looks"' in zoe.text("/account")
    assert "not linked to a person" in ada.text("/account/looks")


def test_looks_at_whoever_was_merged_twice_are_told_to_who_is_left(
    signed: Signed, places: dict[str, int], rows: Open, engine: Engine, clock: Clock
) -> None:
    with rows() as add:
        first, second = add.person("Zo"), add.person("Zoé")
    ada = signed("ada", usual(*Role), None)
    for person in (first, second):
        ada.text(f"/people/{person}")
    zoe = signed("zoe", usual(Role.PROJECT_MANAGER), places["zoe"])
    pairs = [Pair(first, second), Pair(second, places["zoe"])]
    decisions = [merge(engine, [pair], clock(), "ada", SYSTEM)[0] for pair in pairs]
    assert zoe.text("/account/looks").count("concerns a person: who is who</td>") == 2
    undo(engine, decisions[1], clock(), "ada", SYSTEM)
    assert zoe.text("/account/looks").count("concerns a person: who is who</td>") == 0


def test_the_log_tells_how_many_a_list_showed(ada: Visitor, rows: Open) -> None:
    with rows() as add:
        for number in range(30):
            add.person(f"P {number:02}")
    ada.text("/people")
    page = re.sub(r"\s+", " ", ada.text("/settings/audit?subject=list"))
    assert "persons: <bdi>30 of them</bdi>" in page


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_who_was_told_what_load_somebody_has_is_noted_though_nothing_was_booked(
    signed: Signed, places: dict[str, int], engine: Engine
) -> None:
    ada = signed("ada", usual(*Role), None)
    before = last_entry(engine)
    form = {"project": str(places["own"]), "person": ZOE, "start": "2026-03-02", "end": "2026-03-06", "kind": "hard"}
    answer = ada.post("/resources/bookings/new", **form, amount="100", unit="percent")
    assert (answer.status_code, is_noted(engine, places["zoe"], before)) == (422, True)
