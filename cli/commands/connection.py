"""sightline connection: the accounts on trackers that feed the portfolio."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from cli.exits import CommandError
from cli.output import json_option, note, print_json, print_table
from cli.runtime import Runtime, now
from connector.registry import TRACKERS
from connector.settings import ConnectionSettings, Secret, SignIn

if TYPE_CHECKING:
    from connector.protocol import Probe

DEFAULT_ADDRESS = {"asana": "https://app.asana.com/api/1.0"}
DEFAULT_SIGN_IN = {"jira": SignIn.CLOUD_TOKEN}  # others: a personal token


@click.group("connection")
def command() -> None:
    """Connections to trackers."""


@command.command("add")
@click.argument("name")
@click.option("--tracker", type=click.Choice(sorted(TRACKERS)), required=True)
@click.option("--address", default="", help="The tracker's URL, with its context path if it has one.")
@click.option(
    "--sign-in",
    type=click.Choice([way.value for way in SignIn]),
    default=None,
    help="Default: cloud_token for Jira, else personal_token.",
)
@click.option("--account", default="", help="The e-mail that belongs to a Jira Cloud token.")
@click.option("--cloud-id", default="", help="The site's cloud id, for tokens that go through the API gateway.")
@click.option(
    "--scope",
    multiple=True,
    help="A project key (Jira) or project gid (Asana) to follow; repeat it. Default: all that can be seen.",
)
@click.option("--proxy", default="", help="Proxy URL.")
@click.option(
    "--ca-bundle", default="", type=click.Path(dir_okay=False), help="File with the private CA's certificates."
)
@click.option(
    "--requests-per-minute",
    type=click.IntRange(0),
    default=0,
    help="Never ask more often than this; 0 is no limit of ours.",
)
@click.option(
    "--secret-env", default="", help="Read the token from this environment variable each time, instead of storing it."
)
@click.option("--no-test", is_flag=True, help="Add it without asking the tracker first.")
@click.pass_obj
def add(
    config: str | None,
    name: str,
    tracker: str,
    address: str,
    sign_in: str | None,
    account: str,
    cloud_id: str,
    scope: tuple[str, ...],
    proxy: str,
    ca_bundle: str,
    requests_per_minute: int,
    secret_env: str,
    no_test: bool,
) -> None:
    """Add a connection.

    The token is asked for at a terminal, or read as one line from standard input, and kept encrypted; with --secret-env
    only the variable's name is kept. It never comes from the command line.
    """
    runtime = Runtime.load(config)
    engine, secrets = runtime.engine, runtime.secrets
    settings = ConnectionSettings(
        tracker=tracker,
        address=_address(tracker, address),
        account=account,
        cloud_id=cloud_id,
        scope=scope,
        sign_in=SignIn(sign_in) if sign_in else DEFAULT_SIGN_IN.get(tracker, SignIn.PERSONAL_TOKEN),
        proxy=proxy,
        ca_bundle=ca_bundle,
        requests_per_minute=requests_per_minute,
    )
    if settings.sign_in is SignIn.CLOUD_TOKEN and not account:
        raise click.UsageError("a Jira Cloud token belongs to an e-mail: give it with --account.")
    if settings.sign_in is SignIn.GATEWAY_TOKEN and not cloud_id:
        raise click.UsageError("a token for the API gateway needs the site's --cloud-id.")
    secret = _secret(secret_env)
    if not no_test:
        _print_probe(name, _probe(settings, secret))
    from sync.connections import add_connection

    ident = add_connection(engine, name, settings, f"env:{secret_env}" if secret_env else "store", now())
    if not secret_env:
        secrets.put(ident, secret, now())
    note(f"Added the connection {name!r}. Next: sightline sync {name}")


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
        _print_probe(name, probe)


def _address(tracker: str, address: str) -> str:
    address = (address or DEFAULT_ADDRESS.get(tracker, "")).rstrip("/")
    if not address:
        raise click.UsageError("give the tracker's URL with --address.")
    if not address.startswith(("https://", "http://")):
        raise click.UsageError(
            f"{address!r} is not a URL: it begins with https:// (or http:// inside a closed network)."
        )
    return address


def _secret(variable: str) -> Secret:
    if variable:
        if not os.environ.get(variable):
            raise CommandError(f"the environment variable {variable} is not set. Set it where Sightline runs.")
        return Secret(os.environ[variable])
    value = click.prompt("Token", hide_input=True) if sys.stdin.isatty() else sys.stdin.readline().strip()
    if not value:
        raise CommandError(
            "no token was given. Type it at the prompt, pipe it in, or name a variable with --secret-env."
        )
    return Secret(value)


def _probe(settings: ConnectionSettings, secret: Secret) -> Probe:
    from connector.registry import open_connector

    connector = open_connector(settings, secret)
    try:
        return connector.probe()
    finally:
        connector.close()


def _print_probe(name: str, probe: Probe) -> None:
    rows = [
        ("answers", f"{probe.flavour} {probe.version}".strip()),
        ("address", probe.address),
        ("account", probe.account_name),
        ("time zone", probe.time_zone),
        ("projects", str(probe.projects)),
    ]
    print_table((name, ""), rows, empty="")
    if probe.gaps:
        print_table(
            ("cannot give", "why", "what to do"), [(gap.what, gap.why, gap.remedy) for gap in probe.gaps], empty=""
        )
