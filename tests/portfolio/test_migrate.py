"""The migrated schema is the model, on both databases, and steps can be taken back and again."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect

from portfolio.model import Base
from portfolio.store.engine import open_engine, reading
from portfolio.store.errors import SchemaBehind
from portfolio.store.migrate import downgrade, found_revision, head_revision, require_current, upgrade


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
