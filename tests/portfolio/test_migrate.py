"""The migrated schema is the model, on both databases, and steps can be taken back and again."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Boolean, Engine, Numeric, column, delete, insert, inspect, select, table

from portfolio.audit.entry import COMMAND
from portfolio.calendar import hours_by_calendar
from portfolio.capacity.calendars import tell_hours
from portfolio.capacity.working_time import tell_working_time
from portfolio.model import Base
from portfolio.model.access import RoleGrant, User
from portfolio.model.base import EVER, FAR
from portfolio.model.mapping import PersonDecision
from portfolio.model.oversight import SyncRun, SyncRunStream
from portfolio.model.people import Allocation, Person, Team, TeamMember
from portfolio.model.resources import PersonTerms, ResourceRequest
from portfolio.model.work import Baseline
from portfolio.overlay.text import Value
from portfolio.overlay.values import held
from portfolio.resources.working_time import WorkingTime, read_working_time
from portfolio.store.engine import open_engine, reading, writing
from portfolio.store.errors import SchemaBehind
from portfolio.store.migrate import downgrade, found_revision, head_revision, require_current, upgrade
from sync.identities.body import Body
from tests.portfolio.builders import World

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def _differences(engine: Engine) -> list[object]:
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))


def test_the_migrated_schema_equals_the_model(engine: Engine) -> None:
    assert _differences(engine) == []
    assert found_revision(engine) == head_revision()


def test_steps_can_be_taken_back_and_again(engine: Engine) -> None:
    downgrade(engine, "base")
    assert inspect(engine).get_table_names() == ["alembic_version"]
    assert found_revision(engine) != head_revision()
    with pytest.raises(SchemaBehind, match="db upgrade"):
        require_current(engine)
    upgrade(engine)
    upgrade(engine)
    assert found_revision(engine) == head_revision()
    assert _differences(engine) == []


def test_every_constraint_has_its_name_from_the_convention(engine: Engine) -> None:
    inspector = inspect(engine)
    # SQLite has no name for a key whose numbers are given once.
    unnamed = {"person"} if engine.dialect.name == "sqlite" else set()
    names = {
        constraint["name"]
        for table in Base.metadata.tables
        for constraint in [
            *inspector.get_foreign_keys(table),
            *inspector.get_unique_constraints(table),
            *inspector.get_indexes(table),
            *([] if table in unnamed else [inspector.get_pk_constraint(table)]),
        ]
    }
    assert None not in names
    assert {str(name)[:3] for name in names} <= {"fk_", "uq_", "ix_", "pk_"}


def test_the_number_of_a_person_is_never_given_again(engine: Engine) -> None:
    with writing(engine) as store:
        world = World(store)
        last = [world.person(name) for name in ("Ada", "Ben")][-1]
        store.execute(delete(Person).where(Person.id == last))
        assert world.person("Cy") > last


def test_a_step_that_breaks_leaves_nothing_behind(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'a.db'}")
    with engine.begin() as connection:
        # The last table of the first step stands in the way, so that step fails at its very end.
        connection.exec_driver_sql("CREATE TABLE worklog (id INTEGER)")
    with pytest.raises(Exception, match="already exists"):
        upgrade(engine)
    assert inspect(engine).get_table_names() == ["worklog"]
    engine.dispose()


def test_rows_of_the_first_schema_survive_every_step_and_back(engine: Engine) -> None:
    """SQLite makes a changed table anew and copies its rows: what a step adds must not stand in their way."""
    downgrade(engine, "0001")
    stored: dict[str, dict[str, object]] = {
        "connection": {
            "id": 1, "name": "Jira", "tracker": "jira", "address": "https://jira.example", "settings": "{}",
            "secret_ref": "store", "enabled": True, "created_at": NOON,
        },
        "user": {
            "id": 1, "name": "ada", "password_hash": "x", "role": "admin", "active": True, "session_epoch": 0,
            "created_at": NOON,
        },
        "raw_record": {
            "id": 1, "connection_id": 1, "stream": "items", "external_id": "1", "hash": b"h", "payload": b"p",
            "landed_at": NOON,
        },
        "sync_run": {"id": 1, "connection_id": 1, "mode": "full", "state": "done", "started_at": NOON},
        "sync_run_stream": {
            "run_id": 1, "stream": "items", "fetched": 1, "unchanged": 0, "created": 1, "updated": 0, "quarantined": 0,
        },
        "cursor": {"connection_id": 1, "stream": "items", "slice": "1"},
        "person": {"id": 1, "name": "Mia", "active": True, "fte": 1},
        "project": {"id": 1, "code": "A", "name": "A", "status": "active", "manager_id": 1, "due": NOON.date()},
        "project_ref": {
            "id": 1, "connection_id": 1, "external_id": "1", "key": "A", "name": "A", "url": "", "archived": False,
            "project_id": 1,
        },
    }  # fmt: skip
    with writing(engine) as store:
        for name, row in stored.items():
            store.execute(table(name, *map(column, row)).insert().values(**row))
    upgrade(engine)
    with reading(engine) as store:
        assert store.execute(select(User.name, RoleGrant.role).join(RoleGrant)).all() == [("ada", "admin")]
        assert store.execute(select(SyncRun.cause, SyncRunStream.slices).join(SyncRunStream)).all() == [("hand", 0)]
        told = held(store, [1])[1]
    # A sync that finds the project unchanged does not say it again.
    assert {name: (it.told, it.told_by) for name, it in told.items()} == {
        "manager": (Value(person_id=1), 1),
        "due": (Value(NOON.date().isoformat()), 1),
    }
    downgrade(engine, "0001")
    with reading(engine) as store:
        assert store.execute(select(table("user", column("role")))).scalar_one() == "admin"
    downgrade(engine, "base")
    assert inspect(engine).get_table_names() == ["alembic_version"]


def test_how_persons_work_becomes_terms_and_goes_back(engine: Engine) -> None:
    downgrade(engine, "0005")
    person = table("person", *map(column, ("id", "name", "active", "origin", "fte")))
    names = ("id", "kind", "person_id", "other_id", "body", "reasons", "decided_by", "decided_at")
    decision = table("person_decision", *map(column, names))
    gone = {"id": 9, "name": "Mia", "fte": "0.500", "calendar_id": None}
    body = {"stays": 1, "changed": {"fte": ["1", "0.5"], "role": [None, "x"]}, "trace": {"person": gone, "moved": {}}}
    kept = {"stays": 2, "identities": [3]}
    whole = {"name": "Ada", "active": True, "origin": "hand"}
    decided = {"person_id": 9, "other_id": 1, "reasons": "[]", "decided_by": "ada", "decided_at": NOON}
    with writing(engine) as store:
        store.execute(person.insert(), [{"id": 1, "fte": 1} | whole, {"id": 2, "fte": 0.5} | whole])
        store.execute(
            decision.insert(),
            [
                {"id": 1, "kind": "merged", "body": json.dumps(body)} | decided,
                {"id": 2, "kind": "split", "body": json.dumps(kept)} | decided,
                {"id": 3, "kind": "merged", "body": ""} | decided,
            ],
        )
    upgrade(engine)
    with reading(engine) as store:
        terms = store.execute(select(PersonTerms.person_id, PersonTerms.fte, PersonTerms.valid_to)).all()
        bodies = list(store.scalars(select(PersonDecision.body).order_by(PersonDecision.id)))
        moved = {
            "person_id": 9,
            "valid_from": "0001-01-01",
            "valid_to": "9999-12-31",
            "fte": "0.800",
            "calendar_id": None,
        }
        since = {"stays": 1, "trace": {"person": {"id": 9, "name": "Mia"}, "whole": {"person_terms": [moved]}}}
    with writing(engine) as store:
        store.execute(decision.insert().values(id=4, kind="merged", body=json.dumps(since), **decided))
    assert terms == [(2, Decimal("0.5"), FAR)]
    assert bodies[2] == ""
    rewritten, other = (msgspec.json.decode(it, type=Body) for it in bodies[:2])
    assert other == Body(stays=2, identities=[3])
    assert rewritten.changed == {"role": (None, "x")}
    assert rewritten.trace is not None
    assert rewritten.trace.person == {"id": 9, "name": "Mia"}
    assert [(it["person_id"], it["fte"]) for it in rewritten.trace.dropped["person_terms"]] == [(9, "0.500")]
    downgrade(engine, "0005")
    with reading(engine) as store:
        assert [
            (ident, float(fte)) for ident, fte in store.execute(select(person.c.id, person.c.fte).order_by("id"))
        ] == [
            (1, 1),
            (2, 0.5),
        ]
        text = store.scalars(select(decision.c.body).where(decision.c.id == 1)).one()
        later = store.scalars(select(decision.c.body).where(decision.c.id == 4)).one()
    assert json.loads(text)["trace"]["person"] == gone
    assert json.loads(later)["trace"]["person"] == gone | {"fte": "0.800"}
    upgrade(engine)


def test_working_hours_hold_for_all_time_and_going_back_those_of_today_are_left(engine: Engine) -> None:
    downgrade(engine, "0006")
    calendar = table("calendar", *map(column, ("name", "workdays")), column("hours_per_day", Numeric(5, 2)))
    setting = table("setting", *map(column, ("name", "value", "changed_at")))
    with writing(engine) as store:
        row = {"name": "North", "workdays": "1111000", "hours_per_day": Decimal("7.50")}
        store.execute(calendar.insert().values(**row))
        store.execute(setting.insert().values(name="working_time", value='{"overhead_percent":10}', changed_at=NOON))
    upgrade(engine)
    today = datetime.now(UTC)
    with writing(engine) as store:
        told = hours_by_calendar(store)
        assert list(told.values()) == [((EVER, "7.5 7.5 7.5 7.5 0 0 0"),)]
        assert read_working_time(store) == ((EVER, WorkingTime(480, 10)),)
        assert store.scalars(select(setting.c.name)).all() == []
        ident, *_ = told
        tell_hours(store, ident, "6 6 6 0 4 0 0", today.date(), today, COMMAND)
        tell_hours(store, ident, "8 8 8 8 8 0 0", today.date() + timedelta(days=40), today, COMMAND)
        tell_working_time(store, WorkingTime(450, 30), today.date(), today, COMMAND)
    downgrade(engine, "0006")
    with reading(engine) as store:
        assert store.execute(select(*calendar.c)).one() == ("North", "1110100", 6)
        kept = store.scalars(select(setting.c.value)).one()
    assert json.loads(kept) == {"minutes_per_day": 450, "overhead_percent": 30}
    upgrade(engine)


def test_going_back_only_the_baseline_in_force_is_the_current_one(engine: Engine) -> None:
    with writing(engine) as store:
        project = World(store).project()
        for version, state in enumerate(("approved", "approved", "rejected"), start=1):
            row = {"project_id": project, "version": version, "state": state, "taken_on": NOON.date(), "reason": ""}
            store.execute(insert(Baseline).values(**row, proposed_by="ada"))
    downgrade(engine, "0004")
    with reading(engine) as store:
        current = select(table("baseline", column("version"))).where(column("is_current", Boolean()).is_(True))
        assert store.scalars(current).all() == [2]


def test_going_back_only_what_holds_today_and_was_decided_stays(engine: Engine) -> None:
    today, day = datetime.now(UTC).date(), timedelta(days=1)
    with writing(engine) as store:
        world = World(store)
        ada, project, team = world.person("Ada"), world.project(), world._add(Team, name="Core")
        user = world._add(User, name="mia", password_hash="x", created_at=NOON)
        spans = [(EVER, today - 40 * day, 0.2), (today - 40 * day, today + 9 * day, 0.4), (today + 9 * day, FAR, 0.6)]
        for since, until, share in spans:
            row = {"team_id": team, "person_id": ada, "valid_from": since, "valid_to": until, "share": share}
            store.execute(insert(TeamMember).values(**row))
        days = {"project_id": project, "start": today, "end": today}
        for state in ("open", "proposed", "accepted"):
            told = {"role": state, "hours": 8, "state": state, "asked_by_id": user, "asked_at": NOON}
            request = world._add(ResourceRequest, **days, **told)
            world._add(Allocation, **days, placeholder=state, total_hours=8, kind="soft", request_id=request)
        world._add(Allocation, **days, person_id=ada, kind="hard")
    downgrade(engine, "0006")
    member, booking = table("team_member", column("share")), table("allocation", column("placeholder"))
    with reading(engine) as store:
        assert [float(share) for share in store.scalars(select(member.c.share))] == [0.4]
        assert set(store.scalars(select(booking.c.placeholder))) == {"accepted", None}
    upgrade(engine)
