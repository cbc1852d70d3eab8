"""sightline run: what becomes of a run that is under way."""

from __future__ import annotations

import getpass

import click

from cli.exits import CommandError
from cli.output import note
from cli.runtime import Runtime, now


@click.group("run")
def command() -> None:
    """Runs that are under way."""


@command.command("cancel")
@click.argument("run", type=int)
@click.pass_obj
def cancel(config: str | None, run: int) -> None:
    """Ask a run to stop, by its number. It does between two batches, wherever it is; what was committed is kept."""
    from portfolio.audit.entry import COMMAND
    from sync.schedule.requests import ask_to_stop

    name = f"{getpass.getuser()}, at the command line"
    if not ask_to_stop(Runtime.load(config).engine, run, name, now(), COMMAND):
        raise CommandError(f"there is no run {run} under way. The Runs page shows those there are.")
    note(f"Run {run} has been asked to stop.")
