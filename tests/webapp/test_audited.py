"""Every route that changes something leaves an entry in the audit log. A new one without a line here fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import Engine, select

from portfolio.access.grants import usual
from portfolio.access.groups import add_mapping
from portfolio.access.roles import EVERYTHING, Grant, Role
from portfolio.access.viewer import Permit
from portfolio.audit.entry import SYSTEM
from portfolio.audit.verify import verify
from portfolio.bookings.wish import Booking, mark_of
from portfolio.bookings.wish import Wish as BookingWish
from portfolio.model.access import AuditEntry
from portfolio.model.landing import UnmappedValue
from portfolio.model.people import Allocation, Calendar, Person, PersonIdentity
from portfolio.model.structure import Objective
from portfolio.model.work import Baseline
from portfolio.objectives.wish import Kept
from portfolio.objectives.wish import Wish as Aim
from portfolio.overlay.enter import enter
from portfolio.overlay.text import Value
from portfolio.overlay.values import tell
from portfolio.store.engine import reading, writing
from sync import versions
from sync.identities.deciding import Pair, reject
from sync.preview import requests as previews
from tests.conftest import Clock
from tests.webapp.builders import Rows
from tests.webapp.conftest import PASSWORD, Visitor
from webapp.accounts.tokens import Wish, make_token
from webapp.accounts.users import SERVICE, add_account

Open = Callable[[], AbstractContextManager[Rows]]
CHANGING = {"POST", "PUT", "PATCH", "DELETE"}
NEW = "quite another pass phrase"
CRONS = {
    "incremental-cron": "*/5 * * * *",
    "incremental-on": "1",
    "census-cron": "0 * * * *",
    "full-cron": "0 3 * * 0",
    "zone": "UTC",
}

RULE = {"profile": "p", "section": "kind", "value-1": "Odd", "meaning-1": "task"}
ACCEPT = {"do": "accept-1", "value-1": "kind Odd", "meaning-1": "task"}
SEEN = {"seen": "1"}
OWN = {"name": "Late", "words": "w", "unit": "ratio", "direction": "-", "formula": "overdue / items"}
DRAFT = {"draft": "1", "revision": "1"}
BOOKED = {"project": "1", "person": "Mia", "start": "2026-03-02", "end": "2026-03-06", "kind": "soft"}
HALF = {"amount": "50", "unit": "percent"}
BOOKING = BookingWish(1, 2, None, date(2026, 3, 2), date(2026, 3, 6), percent=Decimal("50.000"))
SEEN_BOOKING = {"seen": Booking(1, None, None, None, None, BOOKING).mark(BOOKING.start)}
SEEN_AIM = {"seen": Kept(1, None, None, False, Aim("GROW", "Grow", "2026-Q4")).mark}
TOKEN_WISH = {"name": "nightly", "days": "30", "permit": "sync.view"}

AUDITED: Mapping[str, tuple[str, Mapping[str, str], str]] = {
    "account.sign_in": ("/sign-in", {"name": "ada", "password": PASSWORD}, "sign_in"),
    "account.password": ("/password", {"current": PASSWORD, "new": NEW, "again": NEW}, "user.password_changed"),
    "account.sign_out": ("/sign-out", {}, "user.sessions_ended"),
    "connections.switch": ("/connections/1/switch", {"to": "off"}, "connection.switched"),
    "schedules.change": ("/connections/1/schedule", {"do": "save", **CRONS}, "schedule.changed"),
    "runs.start": ("/connections/1/runs", {"mode": "census"}, "run.requested"),
    "tokens.make": ("/account/tokens", TOKEN_WISH, "token.made"),
    "tokens.revoke": ("/account/tokens/1/revoke", {}, "token.revoked"),
    "all_tokens.revoke": ("/settings/tokens/1/revoke", {}, "token.revoked"),
    "all_tokens.add_account": ("/settings/services", {"name": "other", "role": "auditor"}, "user.added"),
    "all_tokens.make": ("/settings/services/2/tokens", TOKEN_WISH, "token.made"),
    "users.new": ("/settings/users/new", {"name": "bea", "role": "executive", "scope": "all"}, "user.added"),
    "users.change": ("/settings/users/2", {"do": "grant", "role": "auditor", "scope": "all"}, "user.grants_changed"),
    "users.sign_out": ("/settings/users/2/sessions", {}, "user.sessions_ended"),
    "users.password": ("/settings/users/1/password", {}, "user.password_changed"),
    "settings.change": ("/settings/retention", {"audit_months": "36", "run_months": "12"}, "settings.changed"),
    "groups.add": ("/settings/groups", {"group": "board", "role": "executive", "scope": "own"}, "group.added"),
    "groups.remove": ("/settings/groups/1/remove", {}, "group.removed"),
    "who.change": ("/people/2", {"name": "Ned", "role": "Lead"}, "person.changed"),
    "who.split": ("/people/2/split", {"account": "1"}, "person.split"),
    "who.merge": ("/people/2/merge", {"other": "3"}, "person.merged"),
    "who_decisions.decide": ("/people/suggestions", {"do": "accept", "pair": "2-3"}, "person.merged"),
    "who_decisions.undo": ("/people/decisions/1/undo", {}, "person.decision_undone"),
    "who_table.take_in": ("/people/table", {"rows": "name;role\nNew One;Lead"}, "people.imported"),
    "people.erase": ("/settings/people/1/erase", {"name": "Mia", "reason": "asked for it"}, "person.erased"),
    "scenario_changes.make": ("/resources/scenarios", {"name": "if"}, "scenario.made"),
    "scenario_changes.change": ("/resources/scenarios/1", {"do": "share"}, "scenario.shared"),
    "scenario_changes.remove": ("/resources/scenarios/1/remove", {}, "scenario.removed"),
    "working_time.change": (
        "/settings/working-time",
        {"do": "hours", "minutes_per_day": "450", "overhead_percent": "20"},
        "working_time.changed",
    ),
    "calendars.make": ("/resources/calendars", {"name": "South", "hours": "8 8 8 8 8"}, "calendar.made"),
    "calendars.change": ("/resources/calendars/1", {"do": "add", "day": "2026-05-01"}, "holidays.added"),
    "time_off.change": (
        "/resources/time-off",
        {"do": "add", "person": "Mia", "start": "2026-04-01", "end": "2026-04-02"},
        "time_off.added",
    ),
    "skills.change": (
        "/resources/skills",
        {"do": "tell", "person": "Mia", "skill": "Go", "level": "3"},
        "skill.told",
    ),
    "capacity_files.take_in": (
        "/resources/files",
        {"kind": "time-off", "rows": "person,start,end\nMia,2026-04-01,2026-04-02"},
        "capacity.imported",
    ),
    "runs.stop": ("/runs/1/stop", {}, "run.stop_requested"),
    "mapping.decide": ("/mapping", DRAFT | ACCEPT, "mapping.changed"),
    "mapping_profiles.change": ("/mapping/profiles", DRAFT | RULE, "mapping.changed"),
    "mapping_profiles.use": ("/mapping/profiles/use", DRAFT | {"connection": "Jira EU", "new": "p"}, "mapping.changed"),
    "mapping_connections.change": ("/mapping/connections/1", DRAFT | {"by": "none"}, "mapping.changed"),
    "mapping_projects.change": ("/mapping/projects", DRAFT | {"do": "save", "code": "ONE"}, "mapping.changed"),
    "mapping_versions.preview": ("/mapping/versions/preview", DRAFT, "preview.requested"),
    "mapping_versions.stop": ("/mapping/versions/preview/stop", {"preview": "1"}, "preview.stop_requested"),
    "mapping_versions.discard": ("/mapping/versions/discard", DRAFT, "mapping.discarded"),
    "mapping_versions.approve": ("/mapping/versions/approve", DRAFT, "mapping.approved"),
    "mapping_versions.rollback": ("/mapping/versions/rollback", {"number": "0"}, "mapping.rolled_back"),
    "absences.decide": ("/connections/1/hold", {"decision": "keep", "missing": "412"}, "hold.rejected"),
    "baselines.take": ("/projects/1/baselines", {"reason": "agreed"}, "baseline.proposed"),
    "baselines.decide": ("/projects/2/baselines/decision", {"do": "approve", "version": "1"}, "baseline.approved"),
    "project_report.write": ("/projects/1/report", {"rag": "red"}, "project.reported"),
    "project_data.edit": ("/projects/1/data", {"client": "Acme"}, "project.data_entered"),
    "conflicts.decide": (
        "/mapping/conflicts",
        {"project": "1", "field": "due", "decision": "entered"},
        "project.data_kept",
    ),
    "all_data.save": ("/mapping/projects-data?field=segment", {"value-1": "Retail"}, "project.data_entered"),
    "all_data.take_in": (
        "/mapping/projects-data/import",
        {"rows": "code,phase\nONE,closing"},
        "project.data_entered",
    ),
    "governance_rules.change": (
        "/governance/rules/TIM-R02",
        {"do": "save", "seen": "0", "severity": "low", "grace_days": "0", "params": "{}"},
        "governance.changed",
    ),
    "project_rules.change": (
        "/projects/1/rules/TIM-R02",
        {"do": "request", "reason": "The vendor is late", "valid_to": "2026-06-30"},
        "waiver.requested",
    ),
    "governance_kpis.change": (
        "/governance/kpis/SCH-01",
        SEEN | {"do": "save", "scope": "global", "target": "1"},
        "governance.changed",
    ),
    "governance_own.add": ("/governance/own-kpis/new", SEEN | {"do": "save"} | OWN, "governance.changed"),
    "governance_own.change": ("/governance/own-kpis/OWN-01", SEEN | {"do": "remove"}, "governance.changed"),
    "governance_versions.restore": ("/governance/versions/restore", SEEN | {"number": "0"}, "governance.restored"),
    "bookings.add": ("/resources/bookings/new", BOOKED | HALF, "booking.made"),
    "bookings.decide": (
        "/resources/bookings/1",
        SEEN_BOOKING | {"do": "remove"},
        "booking.removed",
    ),
    "requests.ask": (
        "/resources/requests/new",
        {"project": "1", "role": "Tester", "hours": "8", "start": "2026-03-02", "end": "2026-03-06"},
        "request.asked",
    ),
    "requests.decide": ("/resources/requests/1", {"do": "withdraw", "seen": "1"}, "request.withdrawn"),
    "objectives.add": (
        "/objectives/new",
        {"code": "A", "title": "Aim", "period": "2026-Q4"},
        "objective.made",
    ),
    "objectives.decide": ("/objectives/1", SEEN_AIM | {"do": "retire", "outcome": "missed"}, "objective.retired"),
    "objectives.link": (
        "/objectives/1/links",
        {"do": "link", "project": "1", "strength": "2", "reason": "Why", "seen": mark_of([])},
        "objective.linked",
    ),
    "objective_files.take_in": (
        "/objectives/links",
        {"rows": "objective,project,from,strength,reason\nGROW,ONE,2026-03-02,1,Why"},
        "objective.links_imported",
    ),
    "quarantine.try_again": ("/connections/1/quarantine", {"held": "1"}, "quarantine.retried"),
}
"""By endpoint: the address, a form that changes something, and the action that is noted."""

NOTHING_TO_NOTE = {
    "api.objectives.add": "makes what `objectives.add` makes, which notes it",
    "api.objectives.decide": "does what `objectives.decide` does, which notes it",
    "api.objectives.link": "says what `objectives.link` says, which notes it",
    "api.bookings.add": "books as `bookings.add` does, which notes it",
    "api.bookings.decide": "does what `bookings.decide` does, which notes it",
    "api.requests.decide": "decides as `requests.decide` does, which notes it",
    "api.requests.ask": "asks as `requests.ask` does, which notes it",
    "api.runs.start": "asks for a run as `runs.start` does, which notes it",
    "mapping_connections.sample": "looks again at what is landed; nothing that anybody administers changes",
    "doors.door": "a tracker knocks; what it says is kept as a delivery",
    "second_factor.begin": "nothing counts before a code was given",
}
WITH_FILES = {"mapping_versions.take_in"}
"""What it notes is what a change of the draft notes; it takes a file, in `test_mapping_versions`."""
WITH_CODES = {"account.code", "second_factor.confirm", "second_factor.turn_off"}
"""What they note is seen in `test_second_factor`, where codes are made."""
STEPS = {"setup.new", "setup.follow", "setup.again", "setup.map_values", "setup.approve", "setup.finish"}
"""What they note is seen in `test_setup`: each needs the one before it."""


@pytest.fixture
def one_of_each(rows: Open, engine: Engine, clock: Clock, admin: int) -> None:
    """A row of each kind; their ids are 1, but for the service account, which is 2."""
    with writing(engine) as connection:
        assert add_account(connection, "robot", usual(Role.ADMIN), clock(), SYSTEM, known=SERVICE) == 2
        draft = versions.begin(connection, clock(), "bea", SYSTEM)
        assert (draft.id, draft.revision) == (1, 1)
        add_mapping(connection, "pmo office", Grant(Role.PMO_LEAD, EVERYTHING), clock(), SYSTEM)
    previews.ask(engine, draft.id, draft.revision - 1, "bea", clock(), SYSTEM)
    make_token(engine, admin, Wish("nightly", 30, frozenset({Permit.read("sync.view")})), clock(), SYSTEM)
    with rows() as add:
        jira = add.connection()
        add.schedule(jira)
        add.add(Person, name="Mia", active=True, role="Tester")
        add.add(Calendar, name="North")
        ned, sam = add.person("Ned"), add.person("Sam")
        for number in range(2):
            add.add(PersonIdentity, connection_id=jira, external_id=f"a{number}", name="Ned", person_id=ned)
        add.run(jira, clock(), "running")
        add.hold(jira, 412, 900, clock())
        add.absence(jira, "77", clock())
        add.row(
            UnmappedValue,
            connection_id=jira,
            subject="kind",
            value="Odd",
            items=1,
            first_seen_at=clock(),
            last_seen_at=clock(),
        )
        add.held(jira, "unreadable", b"{}", clock(), stream="people")
        project = add.project("One", jira, code="ONE")
        enter(add.db, {project: {"due": "2026-05-01"}}, clock(), "ada", SYSTEM)
        add.item(project, jira, created=clock().date())
        two = add.project("Two", jira)
        add.add(Baseline, project_id=two, version=1, taken_on=clock().date(), state="proposed", proposed_by="bea")
        span = {"start": BOOKING.start, "end": BOOKING.end, "kind": BOOKING.kind}
        add.add(Allocation, person_id=ned, project_id=project, percent=50, **span)
        add.request(project, clock())
        add.add(Objective, title="Grow", code="GROW", period="2026-Q4")
        add.own_kpi("Late", "w", clock())
        add.scenario(admin, "What if", clock())
        tell(add.db, jira, clock() + timedelta(days=1), {project: {"due": Value("2026-06-30")}})
    reject(engine, [Pair(sam, ned)], clock(), "ada", SYSTEM)


def noted(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_every_changing_route_stands_here(app: Flask) -> None:
    changing = {rule.endpoint for rule in app.url_map.iter_rules() if (rule.methods or set()) & CHANGING}
    assert changing == set(AUDITED) | set(NOTHING_TO_NOTE) | WITH_CODES | WITH_FILES | STEPS


@pytest.mark.parametrize("endpoint", AUDITED)
@pytest.mark.usefixtures("one_of_each")
def test_what_it_changes_is_noted(ada: Visitor, engine: Engine, endpoint: str) -> None:
    path, form, action = AUDITED[endpoint]
    if endpoint == "account.sign_in":
        ada.post("/sign-out")
    before = len(noted(engine))
    answer = ada.post(path, token_from="/sign-in" if endpoint == "account.sign_in" else "/password", **form)
    assert answer.status_code in (200, 302), answer.text
    assert action in noted(engine)[before:]
    with reading(engine) as connection:
        assert verify(connection).broken_at is None
        newest = connection.execute(select(AuditEntry.user_id, AuditEntry.network).order_by(AuditEntry.id.desc()))
        assert newest.first() == (1, "127.0.0.1")
