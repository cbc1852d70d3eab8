"""sightline user: people who may sign in."""

from __future__ import annotations

import os

import click

from cli.output import note
from cli.runtime import Runtime, now
from webapp.roles import Role

PASSWORD_VARIABLE = "SIGHTLINE_PASSWORD"


@click.group("user")
def command() -> None:
    """People who may sign in."""


@command.command("add")
@click.argument("name")
@click.option(
    "--role", type=click.Choice([role.value for role in Role]), default=Role.PMO_LEAD.value, show_default=True
)
@click.pass_obj
def add(config: str | None, name: str, role: str) -> None:
    """Add a local account. The password comes from SIGHTLINE_PASSWORD or is asked for; never from the command line."""
    from webapp.accounts import add_user

    runtime = Runtime.load(config)
    engine = runtime.engine
    password = os.environ.get(PASSWORD_VARIABLE) or click.prompt(
        f"Password for {name}", hide_input=True, confirmation_prompt=True
    )
    add_user(engine, name, password, role, now())
    note(f"Added {name!r} as {role}.")
