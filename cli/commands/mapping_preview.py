"""sightline mapping preview: what a draft, or a file, would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.exits import DONE, INCOMPLETE, CommandError
from cli.mappings import FILE, read_mapping
from cli.output import count_of, json_option, note, print_json, print_table
from cli.runtime import Runtime, now

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from sync.mapping.document import Mapping
    from sync.preview.result import Example, Figure, Result

SHOWN = 20
_ASPECTS = {
    "kind": "kind",
    "category": "status category",
    "flow": "flow",
    "project": "project",
    "dates": "start or due date",
    "estimate": "estimate or remaining effort",
    "points": "points",
    "role": "role",
    "assignees": "further assignees",
    "links": "dependencies",
    "attributes": "further values",
    "templates": "templates",
    "history": "history",
}


@click.command("preview")
@click.argument("file", type=FILE, required=False)
@json_option
@click.pass_obj
def preview(config: str | None, file: str | None, as_json: bool) -> int:
    """Say what the draft, or the mapping in FILE, would do to what is landed. Nothing is written.

    Others can sync and work meanwhile; Ctrl-C ends it within a second or two.

    Exit code 3: some records would fail.
    """
    from cli.progress import RowProgress
    from sync.preview.run import Terms, run_preview

    runtime = Runtime.load(config)
    mapping = _mapping(runtime.engine, file)
    with RowProgress("preview") as progress:

        def tell(done: int, total: int) -> None:
            progress("items", done, total)

        found = run_preview(runtime.engine, mapping, Terms(now, runtime.settings.time_zone), tell=tell)
    if as_json:
        print_json(found)
    else:
        _say(found)
    return INCOMPLETE if found.failed else DONE


def _mapping(engine: Engine, file: str | None) -> Mapping:
    from portfolio.store.engine import reading
    from sync import versions
    from sync.errors import FaultyMappingError
    from sync.mapping.faults import faults

    if file is not None:
        mapping, wrong = read_mapping(file)
        if wrong:
            raise CommandError(f"{file} has {count_of(len(wrong), 'fault')}. Mend them first.")
        return mapping
    with reading(engine) as store:
        draft = versions.draft(store)
    if draft is None:
        raise CommandError("there is no draft. Name a FILE, or make a draft on the page Mapping first.")
    if found := faults(draft.mapping):
        raise FaultyMappingError(found)
    return draft.mapping


def _say(found: Result) -> None:
    note(f"{found.changed:,} of {found.items:,} items would change, looked at in {found.seconds:.1f} s.")
    changes = [(_ASPECTS[change.aspect], change.items) for change in found.changes]
    print_table(("what", "items"), changes, empty="No item would change.")
    if found.moves:
        moves = [(_ASPECTS[m.aspect], m.before or "none", m.after or "none", m.items) for m in found.moves[:SHOWN]]
        print_table(("what", "from", "to", "items"), moves, empty="")
    note(f"{found.figures:,} figures would change, {found.recoloured:,} of them in their colour.")
    if found.kpis:
        figures = [
            (f"{k.code} {k.name}".strip() or "all", k.kpi, _figure(k.before), _figure(k.after)) for k in found.kpis
        ]
        print_table(("of", "figure", "from", "to"), figures[:SHOWN], empty="")
    for told, names in (("new", found.projects_new), ("not fed any more", found.projects_gone)):
        if names:
            note(f"Projects that are {told}: {', '.join(names)}")
    if found.unmapped:
        values = [(v.connection, v.subject, v.value, v.items, "new" if v.new else "") for v in found.unmapped[:SHOWN]]
        print_table(("connection", "unmapped", "value", "items", ""), values, empty="")
    for it in found.unclear[:SHOWN]:
        note(f"{it.connection}: {it.said}")
    if found.failed:
        note(f"{found.failed:,} records would fail:")
        failures = [(f.connection, f.key or f.external_id, f.reason) for f in found.failures[:SHOWN]]
        print_table(("connection", "record", "why"), failures, empty="")
    if found.examples:
        print_table(("item", "what its tracker says", "would change"), list(map(_example, found.examples)), empty="")


def _figure(figure: Figure | None) -> str:
    if figure is None:
        return "none"
    return f"{figure.reason or 'none' if figure.value is None else f'{figure.value:g}'} ({figure.rag})"


def _example(example: Example) -> tuple[str, str, str]:
    said = "; ".join(f"{word.name or word.what}: {word.text}" for word in example.said)
    turns = "; ".join(f"{t.field}: {t.before or 'none'} -> {t.after or 'none'}" for t in example.turns)
    return f"{example.key} {example.title}", said, turns
