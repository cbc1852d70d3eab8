"""Who could do what is asked for: the same role, the skill, time in these days, and few projects already.

It tells who has room in the plan, not who is good: nothing of what anybody achieved is looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from sqlalchemy import Connection, select

from portfolio.bookings.asking import Ask
from portfolio.model.people import Person
from portfolio.resources.capacity import NOTHING
from portfolio.resources.plan import Plan
from portfolio.resources.skills import read_skills

MOST = 10


@dataclass(frozen=True)
class Candidate:
    """A person who could be proposed. `level` is that of the skill asked for, None where they have it not; `slack` the
    hours of the days asked for that nothing firm takes; `proposed` the hours they are proposed for, there; `projects`
    in how many they have work or firm bookings."""

    person_id: int
    name: str
    same_role: bool
    level: int | None
    slack: float
    proposed: float
    projects: int


def rank(candidates: Collection[Candidate], ask: Ask) -> list[Candidate]:
    """The best first: the same role, the skill at the level, as many of the hours as they have room for, and of those
    alike who is in the fewest projects. Source: domain rules of resource planning."""
    hours = float(ask.hours)

    def order(it: Candidate) -> tuple[bool, bool, float, int, str]:
        return not it.same_role, not skilled(it.level, ask), -min(it.slack, hours), it.projects, it.name.casefold()

    return sorted(candidates, key=order)


def skilled(level: int | None, ask: Ask) -> bool:
    """Whether the level is enough for what is asked for."""
    return ask.skill is None or (level or 0) >= (ask.level or 1)


def suggest(connection: Connection, plan: Plan, ask: Ask, among: Sequence[int], most: int = MOST) -> list[Candidate]:
    """The best among these persons (their places in the plan), nobody without capacity on any of the days."""
    first, last = max(ask.start, plan.as_of), ask.end
    if last < first or not among:
        return []
    whom = np.array(sorted(among), np.int64)
    load = plan.load(first, last)
    can = load.capacity[whom].sum(axis=1)
    slack = np.maximum(load.capacity[whom] - load.hard[whom], 0.0).sum(axis=1)
    proposed = load.soft[whom].sum(axis=1)
    projects = _projects(plan)[whom]
    people = {
        row.id: row
        for row in connection.execute(select(Person.id, Person.name, Person.role).where(Person.active)).all()
    }
    levels = _levels(connection, ask, first)
    found = []
    for row in np.flatnonzero(can > NOTHING).tolist():
        person = people.get(int(plan.persons[whom[row]]))
        if person is None:
            continue
        level, same = levels.get(person.id), (person.role or "").casefold() == ask.role.casefold()
        if same or (ask.skill is not None and skilled(level, ask)):
            room = (float(slack[row]), float(proposed[row]), int(projects[row]))
            found.append(Candidate(person.id, person.name, same, level, *room))
    return rank(found, ask)[:most]


def _projects(plan: Plan) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """In how many projects each carrier has work or firm bookings."""
    parts = (plan.rows.work, plan.hard)
    pairs = np.unique(np.concatenate([np.stack([it.carrier, it.project], axis=1) for it in parts]), axis=0)
    return np.bincount(pairs[:, 0], minlength=len(plan.persons) + len(plan.roles))


def _levels(connection: Connection, ask: Ask, day: date) -> dict[int, int]:
    """The level that counts on the day, by person, none where that is 0: of the skill however it is capitalised."""
    if ask.skill is None:
        return {}
    asked, found = ask.skill.casefold(), {}
    for person_id, own in read_skills(connection, day).of_persons.items():
        same = [level for skill, level in own.items() if skill.casefold() == asked]
        if same:
            found[person_id] = max(same)
    return found
