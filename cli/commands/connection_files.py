"""sightline connection export, apply: connections as a TOML file."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NamedTuple

import click

from cli.connecting import ask_tracker, require_projects, require_rules
from cli.connection_settings import check_settings, require_no_overlap
from cli.exits import CommandError
from cli.mappings import read_text
from cli.output import note
from cli.runtime import Runtime, now
from connector.registry import TRACKERS
from connector.settings import ConnectionSettings, Secret

if TYPE_CHECKING:
    from sync.connection_files import ConnectionEntry
    from sync.connections import ConnectionRow


@click.command("export")
@click.argument("names", nargs=-1)
@click.pass_obj
def export(config: str | None, names: tuple[str, ...]) -> None:
    """Write connections, all or those named, as TOML: where they lead, what they follow, when they are read.

    No token is in it. `sightline connection apply` takes it back, here or elsewhere.
    """
    from sync.connection_files import to_toml
    from sync.connections import find_connection, list_connections
    from sync.schedule.timetable import schedules_of

    engine = Runtime.load(config).engine
    rows = [find_connection(engine, name) for name in names] if names else list_connections(engine)
    sys.stdout.write(to_toml(rows, {row.id: schedules_of(engine, row.id) for row in rows}))


class _Wanted(NamedTuple):
    """A connection as a file has it; `row` as it is now, None for a new one."""

    name: str
    entry: ConnectionEntry
    settings: ConnectionSettings
    row: ConnectionRow | None
    secret: Secret


@click.command("apply")
@click.argument("file", type=click.Path(allow_dash=True, dir_okay=False))
@click.option("--no-test", is_flag=True, help="Do not ask the trackers first.")
@click.option("--again", is_flag=True, help="Although another connection follows the same.")
@click.pass_obj
def apply(config: str | None, file: str, no_test: bool, again: bool) -> None:
    """Add and change connections as FILE says (- for standard input). All of it is looked at before any is written.

    A connection that is not in the file is left alone. The token of a new one comes from the variable `token_env`
    names, and is read from there each time.
    """
    from sync.connection_files import from_toml
    from sync.errors import FileError

    runtime = Runtime.load(config)
    try:
        document = from_toml(read_text(file))
    except FileError as error:
        raise CommandError(f"{file}: {error}") from error
    wanted = [_checked(runtime, name.strip(), entry) for name, entry in document.connections.items()]
    for each in wanted:
        if not again:
            require_no_overlap(runtime.engine, each.settings, each.row.id if each.row is not None else None)
        if not no_test:
            probe = ask_tracker(each.settings, each.secret, runtime.outbound)
            require_projects(probe)
            require_rules(probe, each.settings)
    for each in wanted:
        _write(runtime, each)
        note(f"{'Changed' if each.row is not None else 'Added'} the connection {each.name!r}.")


def _checked(runtime: Runtime, name: str, entry: ConnectionEntry) -> _Wanted:
    from sync.connections import list_connections
    from sync.schedule.cron import ScheduleError, next_due

    if not name:
        raise CommandError("a connection in the file has no name.")
    if entry.tracker not in TRACKERS:
        raise CommandError(f"connection {name!r}: there is no tracker {entry.tracker!r}. Known: {', '.join(TRACKERS)}.")
    row = next((each for each in list_connections(runtime.engine) if each.name == name), None)
    if row is not None and row.tracker != entry.tracker:
        raise CommandError(f"connection {name!r} is one on {row.tracker} and stays so. Give the other another name.")
    settings = entry.settings(row.settings if row is not None else None)
    try:
        check_settings(settings)
        for cron in entry.schedule.crons().values():
            if cron:
                next_due(cron, entry.schedule.time_zone or runtime.settings.time_zone, now())
    except (click.UsageError, ScheduleError) as error:
        raise CommandError(f"connection {name!r}: {error}") from error
    return _Wanted(name, entry, settings, row, _secret(runtime, name, entry, row))


def _secret(runtime: Runtime, name: str, entry: ConnectionEntry, row: ConnectionRow | None) -> Secret:
    if entry.token_env:
        if not os.environ.get(entry.token_env):
            raise CommandError(f"connection {name!r}: the environment variable {entry.token_env} is not set.")
        return Secret(os.environ[entry.token_env])
    if row is None:
        raise CommandError(
            f"connection {name!r} is new: name the variable that holds its token with token_env, or add it with "
            "`sightline connection add`, which asks for the token."
        )
    if entry.address.rstrip("/") != row.address.rstrip("/"):
        # A file may come from anywhere: it does not say where a token that is kept here goes.
        raise CommandError(
            f"connection {name!r} has another address, which its token would be sent to. Name the variable that holds "
            "its token with token_env, or use `sightline connection edit`."
        )
    return runtime.secrets.get(row.id)


def _write(runtime: Runtime, each: _Wanted) -> None:
    from portfolio.audit.entry import COMMAND
    from sync.connections import add_connection, edit_connection, enable_connection
    from sync.modes import Mode
    from sync.schedule.timetable import add_defaults, change

    engine, entry = runtime.engine, each.entry
    reference = f"env:{entry.token_env}" if entry.token_env else each.row.secret_ref if each.row is not None else ""
    if each.row is None:
        ident = add_connection(engine, each.name, each.settings, reference, now(), COMMAND, enabled=entry.enabled)
    else:
        ident = each.row.id
        edit_connection(engine, ident, each.settings, reference, now(), COMMAND)
        enable_connection(engine, ident, entry.enabled, now(), COMMAND)
    add_defaults(engine, runtime.settings.time_zone, now())
    crons = entry.schedule.crons()
    switched: dict[Mode, bool] = {mode: bool(cron) for mode, cron in crons.items()}
    said = {mode: cron for mode, cron in crons.items() if cron}
    change(engine, ident, now(), COMMAND, crons=said, time_zone=entry.schedule.time_zone or None, switched=switched)


FILES = (export, apply)
