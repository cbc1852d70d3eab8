"""sightline mapping apply, approve, rollback and discard: what is in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.exits import DONE, CommandError
from cli.mappings import FILE, open_draft, put_into_draft, read_mapping, warn_of_strangers
from cli.output import count_of, json_option, note, print_json, printable
from cli.runtime import Runtime, now, whoever

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from sync.versions import Version

_note = click.option("--note", "why", default="", metavar="TEXT", help="Why; it stands in the history.")


@click.command("apply")
@click.argument("file", type=FILE)
@click.option("--yes", is_flag=True, help="Approve it at once.")
@click.option("--replace", is_flag=True, help="Put it in place of a draft that somebody has made.")
@_note
@json_option
@click.pass_obj
def apply(config: str | None, file: str, yes: bool, replace: bool, why: str, as_json: bool) -> int:
    """Make FILE the draft, say what changes and, with --yes, put it in force."""
    from portfolio.store.engine import writing
    from sync import versions
    from sync.mapping.differences import differences

    mapping, faults = read_mapping(file)
    if faults:
        raise CommandError(f"{file} has {count_of(len(faults), 'fault')}. Nothing was changed: mend them first.")
    engine = Runtime.load(config).engine
    with writing(engine) as store:
        before = versions.document(store)
        draft = put_into_draft(store, mapping, replace=replace)
    found = differences(before, mapping)
    if not as_json:
        for each in found:
            click.echo(printable(each.words))
    done = _approve(engine, draft, why) if yes else None
    changes = [each.words for each in found]
    if as_json:
        print_json({"changes": changes, "number": done.number if done is not None else None})
    if done is None:
        note("Nothing is in force yet: `sightline mapping approve` puts it in force.")
    return DONE


@click.command("approve")
@_note
@json_option
@click.pass_obj
def approve(config: str | None, why: str, as_json: bool) -> None:
    """Put the draft in force. Everything is mapped anew in the background; old figures are shown until then."""
    from portfolio.store.engine import reading

    engine = Runtime.load(config).engine
    with reading(engine) as store:
        draft = open_draft(store)
        warn_of_strangers(store, draft.mapping)
    done = _approve(engine, draft, why)
    if as_json:
        print_json({"number": done.number})


@click.command("rollback")
@click.argument("number", type=click.IntRange(0))
@_note
@json_option
@click.pass_obj
def rollback(config: str | None, number: int, why: str, as_json: bool) -> None:
    """Put an earlier version in force again, as a new one. NUMBER 0 are the defaults. An open draft stays."""
    from portfolio.audit.entry import COMMAND
    from portfolio.store.engine import writing
    from sync import versions

    with writing(Runtime.load(config).engine) as store:
        done = versions.rollback(store, number, now(), whoever(), COMMAND, note=why)
        warn_of_strangers(store, done.mapping)
    _say(done)
    if as_json:
        print_json({"number": done.number})


@click.command("discard")
@click.pass_obj
def discard(config: str | None) -> None:
    """Throw the draft away. What is in force stays."""
    from portfolio.audit.entry import COMMAND
    from portfolio.store.engine import writing
    from sync import versions

    with writing(Runtime.load(config).engine) as store:
        draft = open_draft(store)
        versions.discard(store, draft.id, draft.revision, now(), whoever(), COMMAND)
    note("The draft is discarded.")


def _approve(engine: Engine, draft: Version, why: str) -> Version:
    from portfolio.audit.entry import COMMAND
    from portfolio.store.engine import writing
    from sync import versions

    with writing(engine) as store:
        done = versions.approve(store, draft.id, draft.revision, now(), whoever(), COMMAND, note=why)
    _say(done)
    return done


def _say(done: Version) -> None:
    note(
        f"Version {done.number} is in force. What is landed is mapped anew by the server or worker that is running, "
        "else with the next sync; until then the old figures are shown."
    )


CHANGES = (apply, approve, rollback, discard)
