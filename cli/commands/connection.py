"""sightline connection: the accounts on trackers that feed the portfolio."""

from __future__ import annotations

import shlex
from typing import Any

import click

from cli.commands.connection_changes import CHANGES
from cli.commands.connection_files import FILES
from cli.commands.connection_following import choices, follow
from cli.commands.connection_missing import missing
from cli.commands.connection_schedule import schedule
from cli.commands.connection_webhooks import webhooks
from cli.connecting import ask_secret, ask_tracker, print_probe, require_projects, require_rules
from cli.connection_settings import check_settings, require_no_overlap, settings_options, with_changes
from cli.output import json_option, note, print_json, print_table
from cli.runtime import Runtime, now
from connector.registry import TRACKERS
from connector.settings import ConnectionSettings, SignIn

DEFAULT_ADDRESS = {"asana": "https://app.asana.com/api/1.0"}
DEFAULT_SIGN_IN = {"jira": SignIn.CLOUD_TOKEN}  # others: a personal token


@click.group("connection")
def command() -> None:
    """Connections to trackers."""


@command.command("add")
@click.argument("name")
@click.option("--tracker", type=click.Choice(sorted(TRACKERS)), required=True)
@settings_options
@click.pass_obj
def add(
    config: str | None, /, name: str, tracker: str, secret_env: str | None, no_test: bool, again: bool, **given: Any
) -> None:
    """Add a connection.

    The token is asked for at a terminal, or read as one line from standard input, and kept encrypted; with --secret-env
    only the variable's name is kept. It never comes from the command line.
    """
    from portfolio.audit.entry import COMMAND
    from sync.connections import add_connection, require_new_name
    from sync.schedule.timetable import add_defaults

    name = name.strip()
    if not name:
        raise click.UsageError("a connection needs a name.")
    runtime = Runtime.load(config)
    engine, secrets = runtime.engine, runtime.secrets
    defaults = ConnectionSettings(
        tracker=tracker,
        address=DEFAULT_ADDRESS.get(tracker, ""),
        sign_in=DEFAULT_SIGN_IN.get(tracker, SignIn.PERSONAL_TOKEN),
    )
    settings = with_changes(defaults, given)
    check_settings(settings)
    # Before a token is typed, all that needs none.
    require_new_name(engine, name)
    if not again:
        require_no_overlap(engine, settings)
    secret = ask_secret(secret_env or "")
    if not no_test:
        probe = ask_tracker(settings, secret, runtime.outbound)
        print_probe(name, probe)
        require_projects(probe)
        require_rules(probe, settings)
    ident = add_connection(engine, name, settings, f"env:{secret_env}" if secret_env else "store", now(), COMMAND)
    if not secret_env:
        secrets.put(ident, secret, now(), COMMAND)
    add_defaults(engine, runtime.settings.time_zone, now())
    note(f"Added the connection {name!r}. Next: sightline sync {shlex.quote(name)}")


@command.command("list")
@json_option
@click.pass_obj
def list_all(config: str | None, as_json: bool) -> None:
    """List the connections; tokens are not shown."""
    from sync.connections import list_connections

    rows = list_connections(Runtime.load(config).engine)
    if as_json:
        print_json(
            [{"name": row.name, "tracker": row.tracker, "address": row.address, "enabled": row.enabled} for row in rows]
        )
        return
    print_table(
        ("name", "tracker", "address", "enabled"),
        [(row.name, row.tracker, row.address, "yes" if row.enabled else "no") for row in rows],
        empty="No connections yet. Add one with `sightline connection add`.",
    )


@command.command("test")
@click.argument("name")
@json_option
@click.pass_obj
def test(config: str | None, name: str, as_json: bool) -> None:
    """Ask the tracker who we are, what answers, and what it cannot give."""
    from sync.connections import find_connection, open_connection

    runtime = Runtime.load(config)
    row = find_connection(runtime.engine, name)
    connector = open_connection(runtime.engine, row.id, runtime.secrets, runtime.outbound)
    try:
        probe = connector.probe()
    finally:
        connector.close()
    if as_json:
        print_json(probe)
    else:
        print_probe(name, probe)
    require_projects(probe)


for change in (*CHANGES, *FILES, choices, follow, missing, schedule, webhooks):
    command.add_command(change)
