"""sightline governance: what the organisation decided about KPIs and rules, shown."""

from __future__ import annotations

import click
import msgspec

from cli.exits import CommandError
from cli.output import json_option, print_json, print_table
from cli.runtime import Runtime


@click.group("governance")
def command() -> None:
    """The settings of KPIs and rules. They are changed on the Governance pages."""


@command.command("show")
@click.option("--number", type=click.IntRange(0), help="As they were with that version.")
@json_option
@click.pass_obj
def show(config: str | None, number: int | None, as_json: bool) -> None:
    """Show all that is set, and for what."""
    from portfolio.governance import store as kept
    from portfolio.store.engine import reading

    with reading(Runtime.load(config).engine) as store:
        newest = kept.number_in_force(store)
        if number is not None and number > newest:
            raise CommandError(f"there is no version {number}: the newest is {newest}.")
        found = kept.held(store, number=number)
    lines = [(thing.kind, thing.key, str(thing.scope), it.number, it.body) for thing, it in found.items()]
    if as_json:
        settings = [
            {"kind": kind, "key": key, "scope": scope, "since": since, "body": msgspec.Raw(body.encode())}
            for kind, key, scope, since, body in lines
        ]
        print_json({"number": newest if number is None else number, "settings": settings})
        return
    print_table(("kind", "key", "scope", "since", "what"), lines, empty="Everything is as shipped.")


@command.command("history")
@json_option
@click.pass_obj
def history(config: str | None, as_json: bool) -> None:
    """List the decisions, the newest first."""
    from portfolio.governance import store as kept
    from portfolio.store.engine import reading

    with reading(Runtime.load(config).engine) as store:
        found = kept.history(store)
    if as_json:
        print_json([it._asdict() for it in found])
        return
    rows = [(it.number, it.at.isoformat(timespec="minutes"), it.by, it.restores, it.note) for it in found]
    print_table(("number", "at", "by", "restores", "why"), rows, empty="Nobody decided anything yet.")
