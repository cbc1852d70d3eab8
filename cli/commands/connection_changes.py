"""sightline connection edit, enable, disable, remove: what becomes of a connection after it was added."""

from __future__ import annotations

import shlex
from typing import Any

import click

from cli.connecting import ask_secret, ask_tracker, print_probe, require_projects, require_rules
from cli.connection_settings import check_settings, require_no_overlap, settings_options, with_changes
from cli.exits import CommandError
from cli.output import note
from cli.runtime import Runtime, now


@click.command("edit")
@click.argument("name")
@settings_options
@click.option("--token", is_flag=True, help="Ask for a new token.")
@click.pass_obj
def edit(
    config: str | None, /, name: str, secret_env: str | None, no_test: bool, again: bool, token: bool, **given: Any
) -> None:
    """Change what is given, keep the rest, and ask the tracker whether it works; if not, nothing is changed.

    A new token is asked for with --token, and with --secret-env "", which ends reading it from the environment.
    """
    from portfolio.audit.entry import COMMAND
    from sync.connections import edit_connection, find_connection
    from sync.removal import landed

    runtime = Runtime.load(config)
    engine, secrets = runtime.engine, runtime.secrets
    row = find_connection(engine, name)
    if token and secret_env:
        raise click.UsageError("--token stores a token, --secret-env reads it from the environment: give one of them.")
    if not token and secret_env is None and all(value is None or value == () for value in given.values()):
        raise click.UsageError("say what to change; `sightline connection edit --help` shows what there is.")
    settings = with_changes(row.settings, given)
    check_settings(settings)
    if not again and (settings.address, settings.rules) != (row.settings.address, row.settings.rules):
        require_no_overlap(engine, settings, row.id)
    store_it = token or secret_env == ""
    new = ask_secret(secret_env or "") if store_it or secret_env else None
    if not no_test:
        probe = ask_tracker(settings, new or secrets.get(row.id), runtime.outbound)
        print_probe(name, probe)
        require_projects(probe)
        require_rules(probe, settings)
    reference = "store" if store_it else f"env:{secret_env}" if secret_env else row.secret_ref
    edit_connection(engine, row.id, settings, reference, now(), COMMAND)
    if new is not None and store_it:
        secrets.put(row.id, new, now(), COMMAND)
    elif secret_env:
        secrets.forget(row.id, now(), COMMAND)
    note(f"Changed the connection {name!r}. Next: sightline sync {shlex.quote(name)}")
    if settings.address != row.settings.address and landed(engine, row.id):
        note("What was read from the earlier address stays. For another tracker, add a connection of its own instead.")


@click.command("enable")
@click.argument("name")
@click.pass_obj
def enable(config: str | None, name: str) -> None:
    """Let `sightline sync` read it again."""
    _switch(config, name, enabled=True)


@click.command("disable")
@click.argument("name")
@click.pass_obj
def disable(config: str | None, name: str) -> None:
    """Leave it out of `sightline sync`; what was read from it stays."""
    _switch(config, name, enabled=False)


@click.command("remove")
@click.argument("name")
@click.pass_obj
def remove(config: str | None, name: str) -> None:
    """Remove a connection from which nothing was read, with its token and the record of its failed runs."""
    from portfolio.audit.entry import COMMAND
    from sync.connections import find_connection
    from sync.removal import landed, remove_connection

    engine = Runtime.load(config).engine
    row = find_connection(engine, name)
    there = landed(engine, row.id)
    if there:
        counts = ", ".join(f"{table}: {count:,}" for table, count in there.items())
        raise CommandError(
            f"the connection {name!r} has brought data ({counts}), and is not removed with them. "
            f"To read it no more run `sightline connection disable {shlex.quote(name)}`."
        )
    remove_connection(engine, row.id, now(), COMMAND)
    note(f"Removed the connection {name!r}.")


def _switch(config: str | None, name: str, *, enabled: bool) -> None:
    from portfolio.audit.entry import COMMAND
    from sync.connections import enable_connection, find_connection

    engine = Runtime.load(config).engine
    enable_connection(engine, find_connection(engine, name).id, enabled, now(), COMMAND)
    note(f"The connection {name!r} is {'enabled' if enabled else 'disabled'}.")


CHANGES = (edit, enable, disable, remove)
