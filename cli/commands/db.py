"""sightline db: the database's schema."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import click

from cli.folder import make_data_folder
from cli.output import note
from cli.runtime import Runtime, now

if TYPE_CHECKING:
    from sqlalchemy import Connection


@click.group("db")
def command() -> None:
    """Look after the database."""


@command.command("upgrade")
@click.pass_obj
def upgrade_schema(config: str | None) -> None:
    """Bring the database to the schema this version needs; data is kept."""
    runtime = Runtime.load(config)
    make_data_folder(runtime.settings)
    bring_up_to_date(runtime)
    note(f"Database ready: {runtime.store_name}")


def bring_up_to_date(runtime: Runtime) -> None:
    """Our tables, and on PostgreSQL those of the queue that workers share."""
    from portfolio.store.migrate import upgrade

    engine = runtime.raw_engine
    upgrade(engine, note=_note)
    # The queue is an extra: a server without workers does without it.
    if engine.dialect.name == "postgresql" and find_spec("procrastinate"):
        from sync.queue.schema import upgrade_queue

        upgrade_queue(engine)


def _note(connection: Connection, before: str | None, after: str | None) -> None:
    from portfolio.audit.append import append
    from portfolio.audit.entry import COMMAND, Subject

    append(
        connection,
        now(),
        COMMAND,
        "schema.upgraded",
        Subject("database"),
        old={"revision": before},
        new={"revision": after},
    )
