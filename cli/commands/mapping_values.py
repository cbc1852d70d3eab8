"""sightline mapping values: what the trackers say and no rule understands, with what it could mean."""

from __future__ import annotations

import click

from cli.output import json_option, print_json, print_table
from cli.runtime import Runtime


@click.command("values")
@click.option("--new", "new_only", is_flag=True, help="Only what was first seen since the mapping was approved.")
@json_option
@click.pass_obj
def values(config: str | None, new_only: bool, as_json: bool) -> None:
    """List the values that wait for a meaning: statuses, types, fields, links, labels, words of reports.

    With how many items have each, since when, and what it could mean and why. They are accepted on the page Mapping, or
    said in a file: `sightline mapping export`, then `sightline mapping apply`.
    """
    from portfolio.store.engine import reading
    from sync import versions
    from sync.inbox.everything import everything
    from sync.inbox.waiting import kpis_of

    with reading(Runtime.load(config).engine) as store:
        current, draft = versions.in_force(store), versions.draft(store)
        mapping = draft.mapping if draft is not None else versions.document(store)
        found = everything(store, mapping, current.approved_at if current is not None else None)
    shown = [it for it in found if it.new or not new_only]
    if as_json:
        print_json(
            [
                {
                    **it._asdict(),
                    "suggestion": it.suggestion._asdict() if it.suggestion is not None else None,
                    "kpis": kpis_of(it.subject, it.suggestion.meaning if it.suggestion is not None else ""),
                }
                for it in shown
            ]
        )
        return
    rows = [
        (
            str(it.subject),
            it.title or it.value,
            ", ".join(it.connections),
            it.items,
            it.first_seen_at.date().isoformat() + (" new" if it.new else ""),
            it.suggestion.meaning if it.suggestion is not None else "",
            it.suggestion.why if it.suggestion is not None else "",
        )
        for it in shown
    ]
    head = ("what", "value", "connections", "items", "first seen", "could mean", "because")
    print_table(head, rows, empty="Nothing waits: every value has a meaning.")
