"""Another sync of a tracker that stands still writes no row, whatever it reads. The database itself says so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from portfolio.audit.entry import COMMAND
from portfolio.model import Base
from portfolio.store.engine import reading
from sync.connections import add_connection
from sync.modes import Mode
from sync.run.pipeline import sync_connection
from tests.chaos import kept
from tests.chaos.jira_world import BEGINNING
from tests.chaos.kept import BOOKKEEPING
from tests.chaos.play import MINUTES_S
from tests.chaos.stage import Clock, Stage, open_patiently, settings_for
from tests.chaos.worlds import KINDS


def row_versions(engine: Engine) -> dict[str, list[tuple[str, str]]]:
    """Where PostgreSQL keeps each row and which transaction wrote it: both are new after any write."""
    with reading(engine) as store:
        return {
            table.name: sorted(
                (str(a), str(b)) for a, b in store.execute(text(f'select ctid, xmin from "{table.name}"'))
            )
            for table in Base.metadata.sorted_tables
            if table.name not in BOOKKEEPING
        }


@contextmanager
def written(engine: Engine) -> Iterator[set[str]]:
    """The statements that wrote any row meanwhile, but for the books."""
    found: set[str] = set()

    def note(_store: Any, cursor: Any, statement: str, *_: Any) -> None:
        words = statement.split()
        if words[0] in ("INSERT", "UPDATE", "DELETE") and cursor.rowcount:
            table = words[1 if words[0] == "UPDATE" else 2].strip('"')
            if table not in BOOKKEEPING:
                found.add(" ".join(words)[:200])

    event.listen(engine, "after_cursor_execute", note)
    yield found
    event.remove(engine, "after_cursor_execute", note)


@pytest.mark.parametrize("name", sorted(KINDS))
def test_another_sync_writes_no_row(engine: Engine, name: str) -> None:
    clock, kind = Clock(BEGINNING), KINDS[name]
    world = kind.make(clock)
    with Stage(world.app, world.path) as stage:
        settings = settings_for(kind.tracker, kind.sign_in, stage.address, kind.scope)
        connection = add_connection(engine, "chaos", settings, "env:CHAOS", clock(), COMMAND)

        def sync(mode: Mode) -> None:
            connector = open_patiently(settings)
            summary = sync_connection(engine, connection, connector, clock=clock, mode=mode)
            connector.close()
            assert (summary.state, summary.held) == ("done", 0), summary.error

        sync(Mode.INCREMENTAL)
        sync(Mode.CENSUS)
        content = kept.digest(engine)
        versions = row_versions(engine) if engine.dialect.name == "postgresql" else {}
        for mode in (Mode.INCREMENTAL, Mode.CENSUS, Mode.FULL):
            clock.advance(MINUTES_S)
            with written(engine) as found:
                sync(mode)
            assert not found, f"the {mode} run wrote"
        assert kept.digest(engine) == content
        if versions:
            assert row_versions(engine) == versions
