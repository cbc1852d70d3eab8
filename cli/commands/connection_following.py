"""sightline connection choices, follow: what there is to follow at a tracker, and what a connection follows."""

from __future__ import annotations

import shlex
from contextlib import closing
from typing import TYPE_CHECKING

import click
import msgspec

from cli.connection_settings import read_rules, require_no_overlap
from cli.output import json_option, note, print_json, print_table
from cli.runtime import Runtime, now
from connector.settings import FollowType

if TYPE_CHECKING:
    from connector.choosing import Choice, Meaning
    from connector.settings import Follow


@click.command("choices")
@click.argument("name")
@click.option("--type", "kind", type=click.Choice([kind.value for kind in FollowType]), help="Only these.")
@json_option
@click.pass_obj
def choices(config: str | None, name: str, kind: str | None, as_json: bool) -> None:
    """List what the connection could follow, with the names that --rule takes."""
    from sync.connections import find_connection, open_choices

    runtime = Runtime.load(config)
    row = find_connection(runtime.engine, name)
    with closing(open_choices(runtime.engine, row.id, runtime.secrets, runtime.outbound)) as chooser:
        found = chooser.choices()
    listed = [each for each in found.choices if kind in (None, each.type)]
    if as_json:
        print_json({"choices": listed, "gaps": found.gaps, "cut": found.cut})
        return
    print_table(
        ("type", "name", "title", "in", "lead", "archived"), [_row(each) for each in listed], empty="There is nothing."
    )
    for gap in found.gaps:
        note(f"{gap.what}: {gap.why}. {gap.remedy}.")
    if found.cut:
        note("There is more than is listed here; a rule may name it all the same.")


@click.command("follow")
@click.argument("name")
@click.option("--rule", "rules", multiple=True, help="What to follow, as TYPE=NAME; repeat it. It replaces what was.")
@click.option("--everything", is_flag=True, help="Follow all that the account sees.")
@click.option("--preview", is_flag=True, help="Show what the rules mean now, and change nothing.")
@click.option("--again", is_flag=True, help="Although another connection follows the same.")
@json_option
@click.pass_obj
def follow(
    config: str | None, name: str, rules: tuple[str, ...], everything: bool, preview: bool, again: bool, as_json: bool
) -> None:
    """Show what a connection follows, or say what it is to follow.

    Every run asks the tracker anew what the rules mean: a new project of a category is followed by itself.
    """
    from portfolio.audit.entry import COMMAND
    from sync.connections import edit_connection, find_connection, open_choices

    given = read_rules(rules)
    if given and everything:
        raise click.UsageError("--everything is without any --rule: give one of them.")
    runtime = Runtime.load(config)
    row = find_connection(runtime.engine, name)
    changed = bool(given) or everything
    settings = msgspec.structs.replace(row.settings, scope=(), follow=given) if changed else row.settings
    if changed and not preview and not again:
        require_no_overlap(runtime.engine, settings, row.id)
    with closing(open_choices(runtime.engine, row.id, runtime.secrets, runtime.outbound)) as chooser:
        # A rule that means nothing ends this before anything is changed.
        meant = [(rule, chooser.resolve(rule)) for rule in settings.rules]
    if as_json:
        told = [{"type": rule.type, "name": rule.name, "meaning": meaning} for rule, meaning in meant]
        print_json({"rules": told, "everything": not meant})
    else:
        rows = [line for rule, meaning in meant for line in _lines(rule, meaning)]
        print_table(("rule", "project", "title", "in", "archived", "items"), rows, empty="Everything the account sees.")
    if changed and not preview:
        edit_connection(runtime.engine, row.id, settings, row.secret_ref, now(), COMMAND)
        note(f"Changed what {name!r} follows. Next: sightline sync --census {shlex.quote(name)}")


def _row(choice: Choice) -> tuple[str, ...]:
    archived = "yes" if choice.archived else ""
    return choice.type.value, choice.name, choice.title, choice.group, choice.lead, archived


def _lines(rule: Follow, meaning: Meaning) -> list[tuple[str, ...]]:
    items = "all" if meaning.items is None else f"{meaning.items:,} in all"
    named = f"{rule.type}={rule.name}"
    if not meaning.projects:
        return [(named, "none at present", "", "", "", "")]
    return [
        (named, each.key or each.name, each.title, each.group, "yes" if each.archived else "", items)
        for each in meaning.projects
    ]
