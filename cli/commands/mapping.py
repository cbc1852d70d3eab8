"""sightline mapping: what people have decided about what tracker data means, in versions."""

from __future__ import annotations

from typing import Any

import click

from cli.commands.mapping_changes import CHANGES
from cli.commands.mapping_files import FILES
from cli.commands.mapping_preview import preview
from cli.commands.mapping_values import values
from cli.mappings import document_of, line_of, listed
from cli.output import count_of, json_option, print_json, print_table
from cli.runtime import Runtime


@click.group("mapping")
def command() -> None:
    """The mapping: what tracker data means, decided in versions.

    One document for the whole installation says it. A draft of it is changed, looked at and approved; then everything
    is mapped anew in the background. Earlier versions can be brought back.
    """


for each in (*FILES, *CHANGES, preview, values):
    command.add_command(each)


@command.command("show")
@json_option
@click.pass_obj
def show(config: str | None, as_json: bool) -> None:
    """Show what is in force, the open draft, and which connections use what."""
    from portfolio.store.engine import reading
    from sync import versions
    from sync.mapping.differences import differences
    from sync.mapping.document import ConnectionRules, Mapping
    from sync.mapping.faults import faults

    with reading(Runtime.load(config).engine) as store:
        current, draft = versions.in_force(store), versions.draft(store)
        taken_up = versions.all_taken_up(store)
    mapping = current.mapping if current is not None else Mapping()
    used = {name: mapping.connections.get(name, ConnectionRules()).profile for name in taken_up}
    changes = differences(mapping, draft.mapping) if draft is not None else ()
    if as_json:
        shown: dict[str, Any] = {
            "in_force": document_of(current) if current is not None else None,
            "draft": None,
            "connections": [
                {"name": name, "profile": used[name], "mapping_number": number} for name, number in taken_up.items()
            ],
        }
        if draft is not None:
            shown["draft"] = {
                **document_of(draft),
                "changes": [each.words for each in changes],
                "faults": listed(faults(draft.mapping)),
            }
        print_json(shown)
        return
    click.echo(f"In force: {line_of(current) if current is not None else 'the defaults'}")
    if draft is not None:
        click.echo(
            f"Draft: {line_of(draft)}. `sightline mapping diff` shows its {count_of(len(changes), 'difference')}."
        )
    rows = [(name, used[name] or "the defaults", number or "the defaults") for name, number in taken_up.items()]
    print_table(("connection", "profile", "mapped with version"), rows, empty="There is no connection.")


@command.command("history")
@json_option
@click.pass_obj
def history(config: str | None, as_json: bool) -> None:
    """List everything that was or is in force, the newest first."""
    from portfolio.store.engine import reading
    from sync import versions

    with reading(Runtime.load(config).engine) as store:
        found = versions.history(store)
    if as_json:
        print_json([document_of(each) for each in found])
        return
    rows = [
        (
            each.number,
            f"{each.approved_at:%Y-%m-%d %H:%M}",
            each.edited_by,
            each.approved_by,
            f"version {each.restores}" if each.restores else "the defaults" if each.restores == 0 else "",
            each.note,
        )
        for each in found
    ]
    headings = ("version", "in force since", "edited by", "approved by", "brings back", "note")
    print_table(headings, rows, empty="Only the defaults were ever in force.")
