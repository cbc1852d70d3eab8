"""sightline user: people who may sign in."""

from __future__ import annotations

import os
import shlex
import sys

import click

from cli.commands.user_access import ACCESS
from cli.exits import CommandError
from cli.output import note
from cli.runtime import Runtime, now
from portfolio.access.roles import Role

PASSWORD_VARIABLE = "SIGHTLINE_PASSWORD"


@click.group("user")
def command() -> None:
    """People who may sign in."""


@command.command("add")
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    multiple=True,
    default=(Role.PMO_LEAD.value,),
    show_default=True,
    help="May be given several times. Managers see what the trackers name them for.",
)
@click.option("--service", is_flag=True, help="An account of a program: it has tokens, and no way to sign in.")
@click.pass_obj
def add(config: str | None, name: str, role: tuple[str, ...], service: bool) -> None:
    """Add a local account. The password comes from SIGHTLINE_PASSWORD or is asked for; never from the command line."""
    from portfolio.access.grants import usual
    from portfolio.audit.entry import COMMAND
    from portfolio.store.engine import writing
    from webapp.accounts.local import add_user
    from webapp.accounts.users import SERVICE, add_account

    engine, grants = Runtime.load(config).engine, usual(*map(Role, role))
    if service:
        with writing(engine) as store:
            add_account(store, name, grants, now(), COMMAND, known=SERVICE)
        note(f"Added the service account {name!r} as {', '.join(role)}. Next: sightline token make {shlex.quote(name)}")
        return
    add_user(engine, name, _password(name), grants, now(), COMMAND)
    note(f"Added {name!r} as {', '.join(role)}.")


@command.command("password")
@click.argument("name")
@click.pass_obj
def password(config: str | None, name: str) -> None:
    """Give an account another password and end its sessions. It comes from SIGHTLINE_PASSWORD or is asked for."""
    from portfolio.audit.entry import COMMAND
    from portfolio.organisation import SignInRules, read_settings
    from portfolio.store.engine import reading
    from webapp.accounts.passwords import change_password, require_password
    from webapp.accounts.users import LOCAL, user_named

    engine = Runtime.load(config).engine
    with reading(engine) as store:
        user = user_named(store, name)
        rules = read_settings(store, SignInRules)
    if user is None:
        raise CommandError(f"there is no user {name!r}. Correct the name, or make one with `sightline user add`.")
    if user.origin != LOCAL.origin:
        raise CommandError(f"{user.name!r} does not sign in with a password of ours ({user.origin}), so it gets none.")
    given = _password(name)
    require_password(given, name, rules.least_password)
    change_password(engine, user, given, now(), COMMAND)
    note(f"{user.name!r} has another password; whoever was signed in with the old one is not any more.")


@command.command("reset-second-factor")
@click.argument("name")
@click.pass_obj
def reset_second_factor(config: str | None, name: str) -> None:
    """Take away the second factor of somebody who lost it, and end their sessions. Then their password alone counts."""
    from portfolio.audit.entry import COMMAND
    from portfolio.store.engine import writing
    from webapp.accounts import second_factor
    from webapp.accounts.users import user_named

    with writing(Runtime.load(config).engine) as store:
        user = user_named(store, name)
        if user is None:
            raise CommandError(f"there is no user {name!r}. Correct the name.")
        was_on = second_factor.reset_second_factor(store, user.id, now(), COMMAND)
    if was_on:
        note(f"{user.name!r} has no second factor any more, and is signed out everywhere.")
    else:
        note(f"{user.name!r} has no second factor; nothing was changed.")


def _password(name: str) -> str:
    given = os.environ.get(PASSWORD_VARIABLE)
    if given:
        return given
    if not sys.stdin.isatty():
        raise CommandError(f"no password was given. Set {PASSWORD_VARIABLE}, or run this at a terminal.")
    typed: str = click.prompt(f"Password for {name}", hide_input=True, confirmation_prompt=True)
    return typed


for access in ACCESS:
    command.add_command(access)
