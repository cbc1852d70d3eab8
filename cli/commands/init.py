"""sightline init: a data folder, a key file, a database and the first admin."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Mapping

import click

from cli.keys import VARIABLE, create_keys
from cli.output import note
from cli.runtime import Runtime, now

PASSWORD_VARIABLE = "SIGHTLINE_ADMIN_PASSWORD"


@click.command("init")
@click.option("--admin", default="admin", show_default=True, help="Name of the first admin.")
@click.pass_obj
def command(config: str | None, admin: str) -> None:
    """Prepare the data folder, the database and the first admin.

    The admin's password is taken from SIGHTLINE_ADMIN_PASSWORD, else asked for at a terminal, else made up and shown
    once. Running it again changes nothing that exists.
    """
    runtime = Runtime.load(config)
    prepare(runtime)
    add_first_admin(runtime, admin)


def prepare(runtime: Runtime) -> None:
    """Create what is missing: folder, keys, schema."""
    from portfolio.store.migrate import upgrade

    runtime.settings.data_dir.mkdir(parents=True, exist_ok=True)
    if not runtime.environ.get(VARIABLE) and create_keys(runtime.settings.keys_path):
        note(f"Wrote a new key file: {runtime.settings.keys_path}. Keep a copy apart from the database's backup.")
    upgrade(runtime.raw_engine)
    note(f"Database ready: {runtime.store_name}")


def add_first_admin(runtime: Runtime, name: str) -> None:
    from portfolio.store.engine import reading
    from webapp.accounts import add_user, anybody

    with reading(runtime.engine) as store:
        taken = anybody(store)
    if taken:
        note("There are users already; no admin was added.")
        return
    password, made_up = _password(name, runtime.environ)
    add_user(runtime.engine, name, password, "admin", now())
    note(f"Added the admin {name!r}.")
    if made_up:
        click.echo(f"Password of {name}: {password}\nIt is shown only now.")


def _password(name: str, environ: Mapping[str, str]) -> tuple[str, bool]:
    given = environ.get(PASSWORD_VARIABLE)
    if given:
        return given, False
    if sys.stdin.isatty():
        return click.prompt(f"Password for {name}", hide_input=True, confirmation_prompt=True), False
    return secrets.token_urlsafe(15), True
