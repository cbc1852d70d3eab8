"""Who can what on a day, since when it is told, and how many meet what roles ask for: to be looked at."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from portfolio.model.people import Person
from portfolio.model.resources import PersonSkill, RoleSkill
from portfolio.resources.staffed import STAND_INS

LEVELS = (1, 2, 3, 4, 5)


class Skilled(NamedTuple):
    """A person's level of a skill on a day, since when it is told."""

    person_id: int
    name: str
    role: str | None
    skill: str
    level: int
    since: date


class Coverage(NamedTuple):
    """What a role asks for, and how many active persons meet it, whatever their own role: they could stand in."""

    role: str
    skill: str
    level: int
    persons: int

    @property
    def covered(self) -> bool:
        return self.persons >= STAND_INS


def skills_on(connection: Connection, day: date, person_id: int | None = None) -> list[Skilled]:
    """What active persons, or one of them, can on the day: of each skill what was told last; nothing where that is
    level 0."""
    it = PersonSkill
    last = select(it.person_id, it.skill, func.max(it.valid_from).label("since")).where(it.valid_from <= day)
    newest = last.group_by(it.person_id, it.skill).subquery()
    same = (
        it.person_id == newest.c.person_id,
        it.skill == newest.c.skill,
        it.valid_from == newest.c.since,
    )
    query = select(Person.id, Person.name, Person.role, it.skill, it.level, it.valid_from).select_from(it)
    query = query.join(newest, newest.c.person_id == it.person_id).where(*same)
    query = query.join(Person, Person.id == it.person_id).where(Person.active, it.level > 0)
    if person_id is not None:
        query = query.where(Person.id == person_id)
    query = query.order_by(it.skill, it.level.desc(), Person.name, Person.id)
    return [Skilled(*row) for row in connection.execute(query)]


def coverage(connection: Connection, day: date) -> list[Coverage]:
    """Each skill that a role asks for, and how many active persons have it on the day at that level or above. By role
    and skill. Source: RES-09 (`portfolio.resources.staffed.covered` counts the same for the figure)."""
    asked = select(RoleSkill.role, RoleSkill.skill, RoleSkill.level).order_by(RoleSkill.role, RoleSkill.skill)
    levels: dict[str, list[int]] = defaultdict(list)
    for it in skills_on(connection, day):
        levels[it.skill].append(it.level)
    return [
        Coverage(role, skill, level, sum(has >= level for has in levels[skill]))
        for role, skill, level in connection.execute(asked)
    ]


def by_level(found: list[Skilled]) -> Mapping[str, Mapping[int, int]]:
    """How many have each skill at which level."""
    counts: dict[str, Counter[int]] = defaultdict(Counter)
    for it in found:
        counts[it.skill][it.level] += 1
    return counts
