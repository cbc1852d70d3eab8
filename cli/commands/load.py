"""sightline load: who has how much to do in the next weeks, beside what they can."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from cli.output import json_option, print_json, print_table
from cli.runtime import Runtime, now

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from portfolio.resources.heat import Cell, HeatMap
    from portfolio.resources.plan import Plan

BY = ("person", "role", "team", "segment")
COLUMNS = ("day", "week", "month")
FIELDS = ("capacity", "hard", "soft", "over")


@click.command("load")
@click.option("--by", type=click.Choice(BY), default="person", show_default=True, help="What a row is.")
@click.option("--columns", type=click.Choice(COLUMNS), default="week", show_default=True, help="What a column is.")
@click.option(
    "--number",
    "--weeks",
    type=click.IntRange(1),
    default=6,
    show_default=True,
    help="How many columns, this one first: up to 31 days, 26 weeks, 12 months.",
)
@json_option
@click.pass_obj
def command(config: str | None, by: str, columns: str, number: int, as_json: bool) -> None:
    """Show the load of everybody by day, week or month, as a share of their capacity.

    Those with the most hours too much stand first. What is marked with ! is too much as a whole, or on two days of it.
    Open work that cannot be placed is counted below the table, and nowhere in it. Who looks at persons is noted.
    """
    from portfolio.audit.entry import COMMAND
    from portfolio.audit.lists import looked
    from portfolio.resources.heat import heat_map
    from portfolio.resources.periods import MOST, Columns, periods_from
    from portfolio.resources.plan import read_plan
    from portfolio.store.engine import reading

    most = MOST[Columns(columns)]
    if number > most:
        raise click.BadParameter(f"{number} is more than there are of {columns} columns: {most} at most.")
    runtime = Runtime.load(config)
    here = now().astimezone(ZoneInfo(runtime.settings.time_zone))
    with reading(runtime.engine) as store:
        plan = read_plan(store, here.date(), here)
        found = heat_map(plan, periods_from(here.date(), Columns(columns), number))
        whom = _shown(store, plan)
        rows = sorted(_rows(store, plan, found, by, whom), key=lambda row: (-sum(it.over for it in row[1]), row[0]))
    if by == "person":
        looked(runtime.engine, plan.persons[list(whom)].tolist(), "load", now(), COMMAND)
    rows += [
        (f"(nobody: {role})" if role else "(nobody)", found.cells(place))
        for place, role in enumerate(plan.roles, len(plan.persons))
    ]
    days = [day.isoformat() for day in found.periods.days]
    missing = {
        name: {"items": len(set(part.item.tolist())), "hours": round(float(part.hours[part.hours > 0].sum()), 2)}
        for name, part in plan.unplanned.items()
    }
    if as_json:
        told = [{"name": name, "cells": [_cell(it) for it in cells]} for name, cells in rows]
        print_json(
            {"as_of": here.date(), "by": by, "columns": columns, "from": days, "rows": told, "in_no_load": missing}
        )
        return
    print_table((by, *days), [(name, *map(_share, cells)) for name, cells in rows], empty="Nobody is known yet.")
    for name, part in missing.items():
        click.echo(f"in no load, {name.replace('_', ' ')}: {part['items']} items, {part['hours']:g} h")


def _shown(store: Connection, plan: Plan) -> dict[int, str]:
    """The names of those who are active, and of who is gone and still has work: somebody to ask about. By place."""
    from sqlalchemy import select

    from portfolio.model.people import Person

    people = {row.id: row for row in store.execute(select(Person.id, Person.name, Person.active))}
    busy = set(plan.busy())
    known = enumerate(plan.persons.tolist())
    return {place: people[ident].name for place, ident in known if people[ident].active or place in busy}


def _rows(
    store: Connection, plan: Plan, found: HeatMap, by: str, shown: dict[int, str]
) -> list[tuple[str, tuple[Cell, ...]]]:
    from portfolio.resources.groups import Grouping, groups_over

    if by == "person":
        return [(name, found.cells(place)) for place, name in shown.items()]
    groups = [
        (group.name or "(not known)", {place: share for place, share in group.members.items() if place in shown})
        for group in groups_over(store, Grouping(by), plan.persons, found.periods.days)
    ]
    told = [(name, members) for name, members in groups if members]
    grouped = found.grouped([members for _, members in told])
    return [(name, grouped.cells(row)) for row, (name, _) in enumerate(told)]


def _cell(it: Cell) -> dict[str, object]:
    hours = {name: round(getattr(it, name), 6) for name in FIELDS}
    load = None if it.load is None else round(it.load, 6)
    return hours | {"over_days": it.over_days, "load": load, "level": it.level}


def _share(it: Cell) -> str:
    share = f"{it.hard:.0f} h" if it.load is None and it.hard else "-" if it.load is None else f"{it.load:.0%}"
    return share + ("!" if it.level == "over" else "") + (f" +{it.soft:.0f} h" if it.soft else "")
