"""sightline explain: why a number is what it is."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from cli.commands.kpi import DAY
from cli.exits import CommandError
from cli.figures import day_of, read_out, scope_of, unit_of
from cli.output import json_option, print_json, printable
from cli.runtime import Runtime, now

if TYPE_CHECKING:
    from webapp.api.explained import Number, Said


@click.command("explain")
@click.argument("kpi")
@click.argument("scope", metavar="PROJECT")
@click.option("--as-of", type=DAY, help="The day; the last one computed where none is said.")
@json_option
@click.pass_obj
def command(config: str | None, kpi: str, scope: str, as_of: datetime | None, as_json: bool) -> None:
    """Say how the number of KPI came about for PROJECT (its code; a program's or portfolio's, or all, as well)."""
    from portfolio.figures.explain import explain
    from portfolio.store.engine import reading
    from webapp.api.explained import document

    runtime = Runtime.load(config)
    with reading(runtime.engine) as store:
        day, of_scope = day_of(store, as_of), scope_of(store, scope)
        found = explain(store, of_scope, kpi, day, now().astimezone(ZoneInfo(runtime.settings.time_zone)))
    if found is None:
        raise CommandError(f"there is no KPI {kpi!r}. `sightline kpi` lists them.")
    number = document(found)
    if number.kept is None:
        raise CommandError(f"nothing is kept of {kpi} of {scope} on {day}.")
    if as_json:
        print_json(number)
        return
    click.echo(printable("\n".join(_lines(number, number.kept, str(found.resolved.kpi.unit)))))


def _lines(it: Number, kept: Said, unit: str) -> list[str]:
    lines = [f"{it.kpi} {it.name}, {it.scope} {it.id or ''}, {it.day}"]
    if kept.value is None:
        lines.append(f"No value: {kept.reason}")
    else:
        value = read_out(kept.value, unit)
        text = f"{value:.6g}" if isinstance(value, float) else value
        lines.append(f"Value: {text} {unit_of(unit, kept.currency)} {kept.rag}, n {kept.n}, {kept.origin}")
    if it.differs and it.now is not None:
        anew = read_out(it.now.value, unit)
        lines.append(f"Computed now it is another number: {anew} {it.now.rag} {it.now.reason or ''}")
    lines += [f"Published before it was restated: {read_out(was.value, unit)} {was.rag}" for was in it.published]
    lines += ["", it.words, ""]
    if it.symbols:
        lines.append(f"Formula: {it.symbols}" + (f"  ->  {it.put_in}" if it.put_in else ""))
    lines += [f"  {symbol}: {number}" for symbol, number in it.parts.items()]
    lines += [f"Counted in: {it.counted_in}"] if it.counted_in else []
    limits = it.limits
    said = f"green {limits.green}, amber {limits.amber}, from {limits.limits_from or 'the KPI itself'}"
    lines.append(f"Limits: {said if limits.green else 'none'}")
    if limits.target:
        lines.append(f"Target: {limits.target}, from {limits.target_from}")
    mapping, settings = kept.mapping_number or "the defaults", kept.settings_number or "as shipped"
    lines.append(f"Mapping: {mapping}; settings: {settings}")
    lines += [
        f"Sync of {name}: {'run ' + str(run) if run else 'never read whole by then'}" for name, run in it.runs.items()
    ]
    for title, counts in (
        ("could not be read", it.quarantined),
        ("words nobody mapped", it.unmapped),
        ("lacking", it.lacking),
        ("items behind", it.behind),
    ):
        lines += [f"{title}: {name} {number}" for name, number in counts.items()]
    lines += [
        f"  {each.code}: {read_out(each.value, unit)} ({each.numerator} / {each.denominator}) {each.rag or ''}"
        for each in it.projects
    ]
    return lines
