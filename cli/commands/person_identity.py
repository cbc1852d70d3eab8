"""sightline person suggest, merge, reject, split, undo, decisions: who is one human over all trackers."""

from __future__ import annotations

import click

from cli.exits import CommandError
from cli.output import json_option, note, print_json, print_table
from cli.runtime import Runtime, now, whoever


@click.command("suggest")
@click.option("--most", type=click.IntRange(1), default=50, show_default=True, help="How many to show.")
@json_option
@click.pass_obj
def suggest(config: str | None, most: int, as_json: bool) -> None:
    """Show persons who may be one human, the likeliest first, and why. Nothing is merged by it."""
    from portfolio.audit.entry import COMMAND
    from portfolio.audit.lists import looked
    from portfolio.store.engine import reading
    from sync.identities.suggesting import describe, find_candidates

    engine = Runtime.load(config).engine
    with reading(engine) as store:
        found = find_candidates(store)
        shown = describe(store, found[:most])
    looked(engine, (side.id for it in shown for side in (it.one, it.other)), "who is who", now(), COMMAND)
    if as_json:
        print_json([{**each._asdict(), "one": each.one._asdict(), "other": each.other._asdict()} for each in shown])
        return
    rows = [
        (it.one.id, it.one.name, it.other.id, it.other.name, f"{it.score:.0%}", "; ".join(it.reasons)) for it in shown
    ]
    print_table(("number", "person", "other", "other person", "score", "why"), rows, empty="Nobody is suggested.")
    if shown:
        note(f"{len(found)} in all. `sightline person merge` makes one of two, `... reject` tells them apart.")


@click.command("merge")
@click.argument("gone", type=int)
@click.argument("stays", type=int)
@json_option
@click.pass_obj
def merge(config: str | None, gone: int, stays: int, as_json: bool) -> None:
    """Make one person of two: all that is of GONE becomes STAYS'. It can be undone."""
    from portfolio.audit.entry import COMMAND
    from portfolio.store.engine import reading
    from sync.identities.deciding import merge as decide
    from sync.identities.suggesting import judged

    engine = Runtime.load(config).engine
    with reading(engine) as store:
        pair = judged(store, [(gone, stays)])[0]._replace(gone=gone, stays=stays)
    (decision,) = decide(engine, [pair], now(), whoever(), COMMAND)
    _done(as_json, decision, f"Person {gone} is person {stays} now. `sightline person undo {decision}` takes it back.")


@click.command("reject")
@click.argument("one", type=int)
@click.argument("other", type=int)
@json_option
@click.pass_obj
def reject(config: str | None, one: int, other: int, as_json: bool) -> None:
    """Tell two persons apart: they are not suggested again, and no sync joins them. It can be undone."""
    from portfolio.audit.entry import COMMAND
    from portfolio.store.engine import reading
    from sync.identities.deciding import reject as decide
    from sync.identities.suggesting import judged

    engine = Runtime.load(config).engine
    with reading(engine) as store:
        pairs = judged(store, [(one, other)])
    (decision,) = decide(engine, pairs, now(), whoever(), COMMAND)
    _done(as_json, decision, f"Persons {one} and {other} stay two. `sightline person undo {decision}` takes it back.")


@click.command("split")
@click.argument("person", type=int)
@click.argument("accounts", nargs=-1)
@json_option
@click.pass_obj
def split(config: str | None, person: int, accounts: tuple[str, ...], as_json: bool) -> None:
    """Make some accounts of a PERSON another person. ACCOUNTS are numbers; without any they are listed."""
    from portfolio.audit.entry import COMMAND
    from portfolio.store.engine import reading
    from sync.identities.deciding import split as decide
    from sync.identities.people import accounts_of

    engine = Runtime.load(config).engine
    with reading(engine) as store:
        theirs = accounts_of(store, person)
    if not accounts:
        if as_json:
            print_json([each._asdict() for each in theirs])
            return
        rows = [(it.id, it.connection, it.name, it.handle or "", "" if it.active else "not active") for it in theirs]
        print_table(("account", "connection", "name", "handle", "state"), rows, empty="The person has no account.")
        return
    if not all(each.isascii() and each.isdecimal() and len(each) < 19 for each in accounts):
        raise CommandError("an account is given by its number. `sightline person split PERSON` lists them.")
    made, decision = decide(engine, person, set(map(int, accounts)), now(), whoever(), COMMAND)
    _done(
        as_json, decision, f"They are person {made} now. `sightline person undo {decision}` takes it back.", person=made
    )


@click.command("undo")
@click.argument("decision", type=int)
@json_option
@click.pass_obj
def undo(config: str | None, decision: int, as_json: bool) -> None:
    """Take a decision back: everything is as it was before it."""
    from portfolio.audit.entry import COMMAND
    from sync.identities.undoing import undo as take_back

    kind = take_back(Runtime.load(config).engine, decision, now(), whoever(), COMMAND)
    _done(as_json, decision, f"Decision {decision} ({kind}) is undone.")


@click.command("decisions")
@click.option("--person", type=int, help="Only those about the person of this number.")
@click.option("--most", type=click.IntRange(1), default=50, show_default=True, help="How many to show.")
@json_option
@click.pass_obj
def decisions(config: str | None, person: int | None, most: int, as_json: bool) -> None:
    """Show what was decided about who is who, the newest first."""
    from portfolio.audit.entry import COMMAND
    from portfolio.audit.lists import looked
    from portfolio.store.engine import reading
    from sync.identities.decided import decisions as find

    engine = Runtime.load(config).engine
    with reading(engine) as store:
        found = find(store, person, most=most)
    looked(engine, (ident for it in found for ident in (it.person_id, it.other_id)), "who is who", now(), COMMAND)
    if as_json:
        print_json([each._asdict() for each in found])
        return
    rows = [
        (it.id, it.kind, f"{it.person_id} {it.person or ''}", f"{it.other_id} {it.other or ''}", it.decided_by,
         f"{it.decided_at:%Y-%m-%d %H:%M}", f"by {it.undone_by}" if it.undone_by else "")
        for it in found
    ]  # fmt: skip
    head = ("decision", "what", "person", "other", "by", "when (UTC)", "undone")
    print_table(head, rows, empty="Nothing was decided yet.")


def _done(as_json: bool, decision: int, told: str, **more: int) -> None:
    if as_json:
        print_json({"decision": decision, **more})
    else:
        note(told)


IDENTITY = (suggest, merge, reject, split, undo, decisions)
