"""sightline db: the database's schema."""

from __future__ import annotations

import click

from cli.folder import make_data_folder
from cli.output import note
from cli.runtime import Runtime


@click.group("db")
def command() -> None:
    """Look after the database."""


@command.command("upgrade")
@click.pass_obj
def upgrade_schema(config: str | None) -> None:
    """Bring the database to the schema this version needs; data is kept."""
    from portfolio.store.migrate import upgrade

    runtime = Runtime.load(config)
    make_data_folder(runtime.settings)
    upgrade(runtime.raw_engine)
    note(f"Database ready: {runtime.store_name}")
