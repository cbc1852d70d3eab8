"""sightline connection: the accounts on trackers that feed the portfolio."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import Any

import click
import msgspec

from cli.connecting import ask_secret, ask_tracker, check_settings, print_probe, require_projects
from cli.exits import CommandError
from cli.output import json_option, note, print_json, print_table
from cli.runtime import Runtime, now
from connector.registry import TRACKERS
from connector.settings import ConnectionSettings, SignIn

DEFAULT_ADDRESS = {"asana": "https://app.asana.com/api/1.0"}
DEFAULT_SIGN_IN = {"jira": SignIn.CLOUD_TOKEN}  # others: a personal token


@click.group("connection")
def command() -> None:
    """Connections to trackers."""


def settings_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say how a tracker is reached, for adding and for editing; None is: not given."""
    for option in reversed(_SETTINGS_OPTIONS):
        command = option(command)
    return command


_SETTINGS_OPTIONS = (
    click.option("--address", default=None, help="The tracker's URL, with its context path if it has one."),
    click.option(
        "--sign-in",
        type=click.Choice([way.value for way in SignIn]),
        default=None,
        help="Default: cloud_token for Jira, else personal_token; for Jira Data Center: personal_token.",
    ),
    click.option("--account", default=None, help="The e-mail that belongs to a Jira Cloud token."),
    click.option("--cloud-id", default=None, help="The site's cloud id, for tokens that go through the API gateway."),
    click.option(
        "--scope",
        multiple=True,
        default=None,
        help='A project key (Jira) or project gid (Asana) to follow; repeat it. Default, or "": all that can be seen.',
    ),
    click.option("--proxy", default=None, help="Proxy URL."),
    click.option(
        "--ca-bundle", default=None, type=click.Path(dir_okay=False), help="File with the private CA's certificates."
    ),
    click.option(
        "--requests-per-minute",
        type=click.IntRange(0),
        default=None,
        help="Never ask more often than this; 0 is no limit of ours.",
    ),
    click.option(
        "--secret-env",
        default=None,
        help="Read the token from this environment variable each time, instead of storing it.",
    ),
    click.option("--no-test", is_flag=True, help="Do not ask the tracker first."),
    click.option("--again", is_flag=True, help="Although another connection follows the same projects."),
)


@command.command("add")
@click.argument("name")
@click.option("--tracker", type=click.Choice(sorted(TRACKERS)), required=True)
@settings_options
@click.pass_obj
def add(
    config: str | None, name: str, tracker: str, secret_env: str | None, no_test: bool, again: bool, **given: Any
) -> None:
    """Add a connection.

    The token is asked for at a terminal, or read as one line from standard input, and kept encrypted; with --secret-env
    only the variable's name is kept. It never comes from the command line.
    """
    from sync.connections import add_connection, require_new_name

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
        require_no_overlap(runtime, settings)
    secret = ask_secret(secret_env or "")
    if not no_test:
        probe = ask_tracker(settings, secret)
        print_probe(name, probe)
        require_projects(probe)
    ident = add_connection(engine, name, settings, f"env:{secret_env}" if secret_env else "store", now())
    if not secret_env:
        secrets.put(ident, secret, now())
    note(f"Added the connection {name!r}. Next: sightline sync {shlex.quote(name)}")


def with_changes(settings: ConnectionSettings, given: dict[str, Any]) -> ConnectionSettings:
    """The settings with what was given on the command line in place of what there was."""
    changes = {name: value for name, value in given.items() if value is not None}
    if "address" in changes:
        changes["address"] = changes["address"].strip().rstrip("/") or settings.address
    if "sign_in" in changes:
        changes["sign_in"] = SignIn(changes["sign_in"])
    if "scope" in changes:
        changes["scope"] = tuple(project.strip() for project in changes["scope"] if project.strip())
    return msgspec.structs.replace(settings, **changes)


def require_no_overlap(runtime: Runtime, settings: ConnectionSettings, besides: int | None = None) -> None:
    """Raise `CommandError` when another connection brings projects of these settings already."""
    from sync.connections import overlapping

    other = overlapping(runtime.engine, settings, besides)
    if other is not None:
        raise CommandError(
            f"the connection {other!r} follows projects at {settings.address} already, and they would be counted "
            "twice. Name others with --scope, or give --again if that is meant."
        )


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
    connector = open_connection(runtime.engine, find_connection(runtime.engine, name).id, runtime.secrets)
    try:
        probe = connector.probe()
    finally:
        connector.close()
    if as_json:
        print_json(probe)
    else:
        print_probe(name, probe)
    require_projects(probe)


for change in CHANGES:
    command.add_command(change)
