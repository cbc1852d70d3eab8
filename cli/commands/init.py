"""sightline init: a data folder, a key file, a database and the first admin."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Mapping

import click

from cli.commands.db import bring_up_to_date
from cli.exits import CommandError
from cli.folder import make_data_folder
from cli.keys import VARIABLE, create_keys
from cli.output import note
from cli.runtime import Runtime, now

PASSWORD_VARIABLE = "SIGHTLINE_ADMIN_PASSWORD"


@click.command("init")
@click.option("--admin", default="admin", show_default=True, help="Name of the first admin.")
@click.option("--new-key", is_flag=True, help="The key file is lost: make another, and enter every token again.")
@click.pass_obj
def command(config: str | None, admin: str, new_key: bool) -> None:
    """Prepare the data folder, the database and the first admin.

    The admin's password is taken from SIGHTLINE_ADMIN_PASSWORD, else asked for at a terminal, else made up and shown
    once. Running it again changes nothing that exists.
    """
    runtime = Runtime.load(config)
    prepare(runtime, new_key=new_key)
    add_first_admin(runtime, admin)


def prepare(runtime: Runtime, *, new_key: bool = False) -> None:
    """Create what is missing: folder, keys, schema. Without `new_key` no key is made over tokens stored under another.

    Raises `CommandError` when something cannot be made, or must not.
    """
    make_data_folder(runtime.settings)
    made = not runtime.environ.get(VARIABLE) and _make_keys(runtime, new_key)
    bring_up_to_date(runtime)
    if made:
        _note_keys(runtime)
    note(f"Database ready: {runtime.store_name}")


def _make_keys(runtime: Runtime, new_key: bool) -> bool:
    """Whether a key file was made."""
    path = runtime.settings.keys_path.absolute()
    if path.exists():
        if new_key:
            raise CommandError(f"there is a key file {path} already. Move it away first if it is not the right one.")
        return False
    if not new_key and _stored_tokens(runtime):
        raise CommandError(
            f"the key file {path} is gone, and the database holds tokens that only its keys can read. Restore it from "
            "your backup, or run `sightline init --new-key` and enter every token again."
        )
    if not create_keys(path):
        return False
    note(f"Wrote a new key file: {path}. Keep a copy apart from the database's backup.")
    return True


def _note_keys(runtime: Runtime) -> None:
    from portfolio.audit.append import append
    from portfolio.audit.entry import COMMAND, Subject
    from portfolio.store.engine import writing

    with writing(runtime.engine) as store:
        append(store, now(), COMMAND, "keys.made", Subject("installation"))


def _stored_tokens(runtime: Runtime) -> bool:
    from sqlalchemy import inspect, select

    from portfolio.model.sealed import SEALED
    from portfolio.store.engine import reading

    # The database may be new, or older than this version.
    with reading(runtime.raw_engine) as store:
        seen = inspect(store)
        there = {table: {each["name"] for each in seen.get_columns(table)} for table in seen.get_table_names()}
        return any(
            store.scalar(select(sealed.column).where(sealed.column.is_not(None)).limit(1)) is not None
            for sealed in SEALED
            if sealed.column.key in there.get(sealed.column.class_.__tablename__, ())
        )


def add_first_admin(runtime: Runtime, name: str) -> None:
    from portfolio.access.grants import usual
    from portfolio.access.roles import Role
    from portfolio.audit.entry import COMMAND
    from portfolio.store.engine import reading
    from webapp.accounts.local import add_user
    from webapp.accounts.users import anybody

    with reading(runtime.engine) as store:
        taken = anybody(store)
    if taken:
        note("There are users already; no admin was added.")
        return
    password, made_up = _password(name, runtime.environ)
    # Whoever sets it up must be able to do everything; others are given their own roles later.
    add_user(runtime.engine, name, password, usual(*Role), now(), COMMAND)
    note(f"Added {name!r}, who holds every role.")
    if made_up:
        click.echo(f"Password of {name}: {password}\nIt is shown only now.")


def _password(name: str, environ: Mapping[str, str]) -> tuple[str, bool]:
    given = environ.get(PASSWORD_VARIABLE)
    if given:
        return given, False
    if sys.stdin.isatty():
        return click.prompt(f"Password for {name}", hide_input=True, confirmation_prompt=True), False
    return secrets.token_urlsafe(15), True
