"""How what a scenario changes is printed."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from cli.output import count_of, print_table

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from portfolio.resources.demand import Need
    from portfolio.resources.heat import Cell
    from portfolio.resources.plan import Plan
    from portfolio.scenario.cost import Cost
    from portfolio.scenario.run import Outcome

DIGITS = 6
SIDES = ("before", "after")


def document(store: Connection, plan: Plan, found: Outcome) -> dict[str, Any]:
    """What a scenario changes, as one document."""
    from sqlalchemy import select

    from portfolio.model.people import Person
    from portfolio.model.structure import Project

    names = {row.id: row.name for row in store.execute(select(Person.id, Person.name))}
    names |= {it.number: it.name for it in found.added}
    codes = {row.id: row.code for row in store.execute(select(Project.id, Project.code))}
    return {
        "as_of": plan.as_of,
        "weeks": found.weeks.days,
        "months": [f"{day:%Y-%m}" for day in found.months.days],
        "left_out": [it._asdict() for it in found.left_out],
        "weeks_over": dict(zip(SIDES, found.weeks_over, strict=True)),
        "persons": [
            {
                "name": names[found.persons[it.place]],
                "before": [_cell(cell) for cell in it.before],
                "after": [_cell(cell) for cell in it.after],
            }
            for it in found.changes
        ],
        "projects": [
            {
                "code": codes[int(plan.projects[it.place])],
                "hours": dict(zip(SIDES, (round(hours, DIGITS) for hours in it.hours), strict=True)),
                "days_later": it.later,
                **{side: asdict(finish) for side, finish in zip(SIDES, it.finish, strict=True)},
                "not_known": {"undated": it.undated, "of_nobody": it.nobody, "unestimated_items": it.unestimated},
                "forecast_by_pace": it.paced,
                "cost": {side: _cost(cost) for side, cost in zip(SIDES, it.cost or (), strict=False)},
            }
            for it in found.projects
        ],
        "roles": [
            {"role": it.role, "before": [_month(month) for month in it.before], "after": [_month(m) for m in it.after]}
            for it in found.roles
            if it.changed
        ],
    }


def _cell(it: Cell) -> dict[str, Any]:
    hours = {name: round(getattr(it, name), DIGITS) for name in ("capacity", "hard", "soft", "over")}
    return hours | {"load": None if it.load is None else round(it.load, DIGITS), "level": it.level}


def _month(it: Need) -> dict[str, float]:
    names = ("capacity", "firm", "unassigned", "proposed", "gap")
    return {name: round(getattr(it, name), DIGITS) for name in names}


def _cost(it: Cost) -> dict[str, Any]:
    return {"amounts": {name: round(it.amounts[name], 2) for name in sorted(it.amounts)}, "unrated_hours": it.unrated}


def show(told: dict[str, Any]) -> None:
    """The document as tables: each cell as it is and, where another, as it would be."""
    before, after = told["weeks_over"].values()
    click.echo(f"Weeks with too much, of who changes: {before}, then {after}.")
    days = [day.isoformat() for day in told["weeks"]]
    persons = [(it["name"], *map(_shares, it["before"], it["after"])) for it in told["persons"]]
    print_table(("person", *days), persons, empty="Nobody's weeks change.")
    head = ("project", "hours", "planned until", "could be done by", "days later", "50 %", "85 %", "cost")
    print_table(head, [_project(it) for it in told["projects"]], empty="No project changes.")
    roles = [(it["role"] or "(not known)", *map(_gaps, it["before"], it["after"])) for it in told["roles"]]
    print_table(("hours left of role", *told["months"]), roles, empty="No role has more or less to do.")
    thin = [it for it in told["projects"] if any(it["not_known"].values())]
    for it in thin:
        unknown = it["not_known"]
        hours = f"{unknown['undated']:g} h without a date, {unknown['of_nobody']:g} h of nobody"
        items = count_of(unknown["unestimated_items"], "item")
        click.echo(f"{it['code']}: not known when it is done of {hours}, {items} without an estimate")


def _shares(before: dict[str, Any], after: dict[str, Any]) -> str:
    return _pair(_share(before), _share(after))


def _share(it: dict[str, Any]) -> str:
    share = f"{it['load']:.0%}" if it["load"] is not None else f"{it['hard']:.0f} h" if it["hard"] else "-"
    return share + ("!" if it["level"] == "over" else "")


def _gaps(before: dict[str, float], after: dict[str, float]) -> str:
    return _pair(f"{before['gap']:.0f}", f"{after['gap']:.0f}")


def _project(it: dict[str, Any]) -> tuple[object, ...]:
    before, after = it["before"], it["after"]
    days = [_pair(*(str(side[name] or "-") for side in (before, after))) for name in ("planned", "half", "likely")]
    feasible = _pair(*("after a year" if side["beyond"] else str(side["feasible"] or "-") for side in (before, after)))
    hours = _pair(*(f"{some:.0f}" for some in it["hours"].values()))
    cost = _pair(*(_amounts(side) for side in it["cost"].values())) if it["cost"] else ""
    later = "" if it["days_later"] is None else f"{it['days_later']:+d}"
    return it["code"], hours, days[0], feasible, later, *days[1:], cost


def _amounts(it: dict[str, Any]) -> str:
    return " and ".join(f"{amount:.0f} {currency}" for currency, amount in it["amounts"].items()) or "-"


def _pair(before: str, after: str) -> str:
    return before if before == after else f"{before} > {after}"
