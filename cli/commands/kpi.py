"""sightline kpi: the readings of a project, a program, a portfolio or all, as of a day."""

from __future__ import annotations

from datetime import datetime

import click

from cli.exits import CommandError
from cli.figures import ALL, day_of, read_out, scope_of, unit_of
from cli.output import json_option, print_csv, print_json, print_table
from cli.runtime import Runtime

DAY = click.DateTime(formats=["%Y-%m-%d"])
HEAD = ("kpi", "name", "value", "unit", "rag", "reason", "n", "coverage", "confidence", "since")


@click.command("kpi")
@click.argument("scope", default=ALL, metavar="[SCOPE]")
@click.option("--as-of", type=DAY, help="The day; the last one computed where none is said.")
@click.option("--csv", "as_csv", is_flag=True, help="Print comma separated values instead of a table.")
@json_option
@click.pass_obj
def command(config: str | None, scope: str, as_of: datetime | None, as_csv: bool, as_json: bool) -> None:
    """Show every KPI of SCOPE: the code of a project, a program or a portfolio, or all."""
    from sqlalchemy import select

    from portfolio.figures.keep import standing_on
    from portfolio.governance.settings import kpis_in_force
    from portfolio.model.oversight import KpiValue
    from portfolio.store.engine import reading

    if as_csv and as_json:
        raise click.UsageError("Choose --csv or --json.")
    with reading(Runtime.load(config).engine) as store:
        day, (kind, ident) = day_of(store, as_of), scope_of(store, scope)
        kpis = kpis_in_force(store)
        query = select(KpiValue.__table__).where(
            standing_on(day), KpiValue.scope_type == kind, KpiValue.scope_id == ident
        )
        rows = sorted(store.execute(query), key=lambda row: row.kpi)
    if not rows:
        raise CommandError(f"nothing is kept of {scope} on {day}.")
    lines = []
    for row in rows:
        kpi = kpis.get(row.kpi)
        lines.append(
            (
                row.kpi,
                kpi.name if kpi else "",
                read_out(row.value, str(kpi.unit)) if kpi else row.value,
                unit_of(str(kpi.unit), row.currency) if kpi else "",
                row.rag,
                row.reason,
                row.n,
                row.coverage,
                row.confidence,
                row.as_of.isoformat(),
            )
        )
    if as_json:
        print_json(
            {"scope": kind, "id": ident, "as_of": day, "kpis": [dict(zip(HEAD, it, strict=True)) for it in lines]}
        )
    elif as_csv:
        print_csv(HEAD, lines)
    else:
        print_table(HEAD, [[_short(cell) for cell in it] for it in lines], empty="")


def _short(cell: object) -> object:
    return f"{cell:.4g}" if isinstance(cell, float) else cell
