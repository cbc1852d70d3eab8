"""The migrated schema is the model, on both databases, and steps can be taken back and again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Boolean, Engine, column, insert, inspect, select, table

from portfolio.model import Base
from portfolio.model.access import RoleGrant, User
from portfolio.model.oversight import SyncRun, SyncRunStream
from portfolio.model.work import Baseline
from portfolio.overlay.text import Value
from portfolio.overlay.values import held
from portfolio.store.engine import open_engine, reading, writing
from portfolio.store.errors import SchemaBehind
from portfolio.store.migrate import downgrade, found_revision, head_revision, require_current, upgrade
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
    names = {
        constraint["name"]
        for table in Base.metadata.tables
        for constraint in [
            *inspector.get_foreign_keys(table),
            *inspector.get_unique_constraints(table),
            *inspector.get_indexes(table),
            inspector.get_pk_constraint(table),
        ]
    }
    assert None not in names
    assert {str(name)[:3] for name in names} <= {"fk_", "uq_", "ix_", "pk_"}


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
