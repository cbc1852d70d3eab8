"""What the demo's organisation has decided and entered beside its trackers: mapping, project data, money, baselines.

All goes through the functions that pages and commands use. It is drawn by the seed, and some projects are left without,
so that what is missing is seen too.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection, Engine

    from sync.mapping.document import Mapping

ENTERS, APPROVES = "project-manager", "pmo-lead"
"""The accounts in whose names it is done (`cli.demo_accounts`)."""
ROLES = {"Engineer": 86, "Analyst": 92, "Designer": 78, "Tester": 70}
"""Roles, and what an hour of each costs in EUR."""
RESPONSES = ("Avoid", "Mitigate", "Transfer", "Accept")
PLAN_RATE = 75
HOUR = 3600
FEW_HOURS = 400
"""A project with no more of them estimates otherwise, or hardly: they tell nothing of its budget."""


def approve_mapping(engine: Engine, now: datetime) -> None:
    """Say what the company's words and fields mean; one word of Asana is left for whoever tries the demo."""
    from portfolio.audit.entry import COMMAND
    from portfolio.store.engine import writing
    from sync import versions

    with writing(engine) as store:
        draft = versions.begin(store, now, ENTERS, COMMAND)
        draft = versions.change(
            store, draft.id, draft.revision, _mapping(versions.all_taken_up(store)), now, ENTERS, COMMAND
        )
        note = "Words of the delivery boards; what is said of risks and bugs"
        versions.approve(store, draft.id, draft.revision, now, APPROVES, COMMAND, note=note)


def _mapping(connections: Iterable[str]) -> Mapping:
    from sync.mapping.document import ConnectionRules, FieldRule, Mapping, ProfileRules, Rules
    from sync.mapping.profile import StatusRule

    rules = Rules(
        statuses={
            "Waiting for Supplier": StatusRule("in_progress", "wait"),
            "On somebody's desk": StatusRule("in_progress"),
            "Ideas 💡": StatusRule("todo"),
        },
        fields={
            "probability": (FieldRule(field="Risk probability", unit="percent"),),
            "impact_cost": (FieldRule(field="Risk cost", unit="EUR"),),
            "response": (FieldRule(field="Risk response", values={it: it.lower() for it in RESPONSES}),),
            "response_plan": (FieldRule(field="Response plan"),),
            "severity": (FieldRule(field="Severity"),),
        },
    )
    return Mapping(
        profiles={"Company": ProfileRules(rules=rules)},
        connections={name: ConnectionRules(profile="Company") for name in connections},
    )


def enter_data(engine: Engine, seed: int, now: datetime) -> None:
    """Enter project data, roles and rates, take baselines of some months ago, and compute today's figures with them."""
    from portfolio.audit.entry import COMMAND
    from portfolio.figures.rollup import roll_up
    from portfolio.money.rates import take_in
    from portfolio.overlay.enter import enter
    from portfolio.overlay.reporting import enter_report
    from portfolio.store.engine import reading, writing
    from portfolio.store.locks import Lock, exclusive
    from sync.identities.importing import import_people
    from sync.identities.sheet import read_sheet

    with reading(engine) as store:
        people, projects, silent = _everybody(store), _projects(store), _silent(store)
    roles = "".join(f"{person},{_chance(seed, person).choice(list(ROLES))}\n" for person in people)
    import_people(engine, read_sheet(f"number,role\n{roles}".encode(), str), now, COMMAND, dry=False)
    rates = "".join(f"{role},{amount},EUR,2020-01-01\n" for role, amount in ROLES.items())
    typed = {ident: _entered(_chance(seed, code), people, hours) for ident, code, hours in projects}
    with writing(engine) as store:
        exclusive(store, Lock.FIGURES)
        take_in(store, f"role,amount,currency,from\n{rates}", str, now, APPROVES, COMMAND)
        enter(store, {ident: fields for ident, fields in typed.items() if fields}, now, APPROVES, COMMAND)
        for ident, code, _ in projects:
            chance = _chance(seed, f"baseline of {code}")
            _baseline(store, chance, ident, now)
            if typed[ident] and ident in silent:
                colour = chance.choices(("green", "amber", "red"), (4, 4, 3))[0]
                enter_report(store, ident, colour, "Written at the end of the week", now, ENTERS, COMMAND)
        roll_up(store, as_of=now.date(), now=now)


def _chance(seed: int, what: object) -> Random:
    return Random(f"{seed} {what}")  # noqa: S311 # nosec B311 - a made-up company keeps no secret


def _everybody(store: Connection) -> list[int]:
    from sqlalchemy import select

    from portfolio.model.people import Person

    return list(store.scalars(select(Person.id).where(Person.active).order_by(Person.id)))


def _projects(store: Connection) -> list[tuple[int, str, int]]:
    """Their ids, codes, and the hours that are estimated in them."""
    from sqlalchemy import func, select

    from portfolio.model.structure import Project
    from portfolio.model.work import WorkItem

    estimated = select(func.coalesce(func.sum(WorkItem.estimate_s), 0)).where(WorkItem.project_id == Project.id)
    query = select(Project.id, Project.code, estimated.correlate(Project).scalar_subquery()).order_by(Project.code)
    return [(ident, code, int(seconds) // HOUR) for ident, code, seconds in store.execute(query)]


def _silent(store: Connection) -> frozenset[int]:
    """The projects whose trackers tell no colour: those of Jira."""
    from sqlalchemy import select

    from portfolio.model.structure import Project

    return frozenset(store.scalars(select(Project.id).where(Project.reported_at.is_(None))))


def _entered(chance: Random, people: list[int], hours: int) -> dict[str, str]:
    """What is entered of a project; nothing of one in ten, and no money of one in eight."""
    if chance.random() < 0.1:
        return {}
    # The type and the phase are none that asks for documents no tracker of the demo holds.
    fields = {
        "sponsor": str(chance.choice(people)),
        "benefits_owner": str(chance.choice(people)),
        "type": chance.choice(("product", "service", "internal", "infrastructure")),
        "phase": chance.choices(("planning", "execution", "monitoring"), (1, 4, 2))[0],
        "methodology": chance.choice(("scrum", "kanban", "hybrid")),
        "size": chance.choice(("S", "M", "L")),
    }
    if chance.random() < 1 / 8:
        return fields
    budget = round(
        (hours if hours > FEW_HOURS else chance.randint(1200, 5000)) * PLAN_RATE * chance.uniform(1, 1.3), -3
    )
    return fields | {
        "budget": f"{budget:.0f} EUR",
        "contingency": f"{budget * chance.uniform(0.04, 0.12):.0f} EUR",
        "plan_rate": f"{PLAN_RATE} EUR",
    }


def _baseline(store: Connection, chance: Random, project_id: int, now: datetime) -> None:
    """Take the plan as it stood some 40 to 150 days ago, of nine in ten projects that had one."""
    from portfolio.audit.entry import COMMAND
    from portfolio.baselines.decide import BaselineError, By, propose, put_in_force

    day: date = now.date() - timedelta(days=chance.randint(40, 150))
    if chance.random() < 0.1:
        return
    try:
        version = propose(store, project_id, day, now, By(ENTERS, COMMAND), "The plan as agreed")
    except BaselineError:
        return  # it began later
    put_in_force(store, project_id, version, now, By(APPROVES, COMMAND))
