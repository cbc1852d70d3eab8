"""sightline user list, grant, revoke, switch, link: what an account may do, and which human of the trackers it is."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from cli.exits import CommandError
from cli.output import json_option, note, print_json, print_table
from cli.runtime import Runtime, now
from portfolio.access.grants import written
from portfolio.access.roles import Grant, Role, Scope, ScopeType, usual_scope

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from webapp.accounts.users import User

ROLE = click.Choice([role.value for role in Role])


def _account(store: Connection, name: str) -> User:
    from webapp.accounts.users import user_named

    found = user_named(store, name)
    if found is None:
        raise CommandError(f"there is no user {name!r}. `sightline user list` shows those there are.")
    return found


@click.command("list")
@json_option
@click.pass_obj
def list_all(config: str | None, as_json: bool) -> None:
    """List the accounts with their roles, what each is held over, and the person of the trackers."""
    from portfolio.store.engine import reading
    from webapp.queries.users import accounts

    with reading(Runtime.load(config).engine) as store:
        found = accounts(store)
    if as_json:
        fields = ("id", "name", "origin", "active", "second_factor", "person_id", "person", "last_sign_in_at")
        print_json(
            {
                "users": [
                    {name: getattr(it, name) for name in fields}
                    | {"grants": [_line(line.grant) | {"origin": line.origin} for line in it.grants]}
                    for it in found
                ]
            }
        )
        return
    rows = [
        (
            it.name,
            it.origin,
            "\n".join(written(line.grant for line in it.grants)) or "none",
            it.person,
            "on" if it.active else "off",
            f"{it.last_sign_in_at:%Y-%m-%d %H:%M}" if it.last_sign_in_at else "never",
        )
        for it in found
    ]
    head = ("account", "origin", "roles", "person", "state", "last sign-in (UTC)")
    print_table(head, rows, empty="There are no accounts. Make one with `sightline user add`.")


def _line(grant: Grant) -> dict[str, Any]:
    scope = grant.scope
    return {"role": grant.role, "scope": scope.type, "scope_id": scope.id or None, "segment": scope.segment or None}


def scope_options(command: Callable[..., None]) -> Callable[..., None]:
    """What a role is held over: one of these at most."""
    for option in (
        click.option("--portfolio", metavar="CODE", help="Over one portfolio."),
        click.option("--program", metavar="CODE", help="Over one program."),
        click.option("--project", metavar="CODE", help="Over one project."),
        click.option("--segment", metavar="NAME", help="Over the projects of one segment."),
    ):
        command = option(command)
    return command


def _scope(store: Connection, role: Role, given: dict[str, str | None]) -> Scope:
    """The scope that is named, or the one the role is usually held over."""
    from sqlalchemy import select

    from portfolio.model.structure import Portfolio, Program, Project

    named = [(kind, text) for kind, text in given.items() if text is not None]
    if not named:
        return usual_scope(role)
    if len(named) > 1:
        raise click.UsageError(f"{' and '.join(f'--{kind}' for kind, _ in sorted(named))}: give one of them.")
    kind, text = named[0]
    if kind == "segment":
        if store.execute(select(Project.id).where(Project.segment == text).limit(1)).first() is None:
            raise CommandError(f"no project is in a segment {text!r}. Correct the name.")
        return Scope(ScopeType.SEGMENT, segment=text)
    tables: dict[str, Any] = {"portfolio": Portfolio, "program": Program, "project": Project}
    table = tables[kind]
    found = store.scalar(select(table.id).where(table.code == text))
    if found is None:
        raise CommandError(f"there is no {kind} with the code {text!r}. Correct the code.")
    return Scope(ScopeType(kind), found)


@click.command("grant")
@click.argument("name")
@click.argument("role", type=ROLE)
@scope_options
@click.pass_obj
def grant(config: str | None, /, name: str, role: str, **given: str | None) -> None:
    """Give an account a role. Over everything where none is named; managers over what the trackers name them for."""
    from portfolio.audit.entry import COMMAND
    from portfolio.store.engine import writing
    from webapp.accounts.admins import give

    with writing(Runtime.load(config).engine) as store:
        user = _account(store, name)
        wish = Grant(Role(role), _scope(store, Role(role), given))
        new = give(store, user.id, wish, now(), COMMAND)
    note(f"{user.name!r} {'is' if new else 'was already'} {written([wish])[0]}. It counts with their next page.")


@click.command("revoke")
@click.argument("name")
@click.argument("role", type=ROLE)
@scope_options
@click.pass_obj
def revoke(config: str | None, /, name: str, role: str, **given: str | None) -> None:
    """Take a role away, over what it is held over. The last admin keeps theirs."""
    from portfolio.audit.entry import COMMAND
    from portfolio.store.engine import writing
    from webapp.accounts.admins import take_away

    with writing(Runtime.load(config).engine) as store:
        user = _account(store, name)
        wish = Grant(Role(role), _scope(store, Role(role), given))
        if not take_away(store, user.id, wish, now(), COMMAND):
            held = ", ".join(written(user.viewer.grants)) or "no role"
            raise CommandError(f"{user.name!r} was not given {written([wish])[0]}, but {held}. Name one of these.")
    note(f"{user.name!r} is {written([wish])[0]} no more.")


@click.command("switch")
@click.argument("name")
@click.argument("to", type=click.Choice(["on", "off"]))
@click.pass_obj
def switch(config: str | None, name: str, to: str) -> None:
    """Let an account sign in, or no more: then its sessions end and its tokens open nothing."""
    from portfolio.audit.entry import COMMAND
    from portfolio.store.engine import writing
    from webapp.accounts import admins

    with writing(Runtime.load(config).engine) as store:
        user = _account(store, name)
        admins.switch(store, user.id, to == "on", now(), COMMAND)
    note(f"{user.name!r} is switched {to}.")


@click.command("link")
@click.argument("name")
@click.argument("person")
@click.pass_obj
def link(config: str | None, name: str, person: str) -> None:
    """Say which PERSON of the trackers an account is, by name or number: what is theirs is found by that."""
    from portfolio.audit.entry import COMMAND
    from portfolio.store.engine import writing
    from webapp.accounts.users import SERVICE, link_person
    from webapp.queries.users import candidate, candidates

    with writing(Runtime.load(config).engine) as store:
        user = _account(store, name)
        if user.origin == SERVICE.origin:
            raise CommandError(f"{user.name!r} is a service account: no human. Name an account of a person.")
        number = int(person) if person.isascii() and person.isdecimal() and len(person) < 19 else None
        one = candidate(store, number) if number is not None else None
        found = (one,) if one else candidates(store, person)
        found = tuple(it for it in found if it.name == person) or found
        if not found:
            raise CommandError(f"the trackers know no person {person!r}. Correct the name, or sync first.")
        if len(found) == 1:
            link_person(store, user.id, found[0].id, now(), COMMAND)
    if len(found) > 1:
        rows = [(it.id, it.name, "\n".join(f"{who} in {where}" for where, who in it.identities)) for it in found]
        print_table(("number", "person", "accounts"), rows, empty="")
        again = f"sightline user link {shlex.quote(user.name)} NUMBER"
        raise CommandError(f"several persons are called like {person!r}. Choose one: {again}")
    it = found[0]
    note(
        f"{user.name!r} is {it.name}. Projects managed: {it.manages}, sponsored: {it.sponsors}. "
        f"Programs managed: {it.programs}."
    )


ACCESS = (list_all, grant, revoke, switch, link)
