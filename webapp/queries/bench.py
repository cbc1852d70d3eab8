"""Who is free and whose work ends, as a viewer may see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from portfolio.access.viewer import Viewer
from portfolio.resources.bench import Bench, bench
from portfolio.resources.periods import Periods
from portfolio.resources.skills import read_skills
from webapp.queries.load import planned


@dataclass(frozen=True)
class BenchRow:
    """A person, what they can, and what is free of them."""

    person_id: int
    name: str
    role: str | None
    skills: Mapping[str, int]
    bench: Bench


@dataclass(frozen=True)
class BenchView:
    """Everybody in sight who can work in these weeks, by name; and the roles and skills there are among them."""

    weeks: Periods
    rows: tuple[BenchRow, ...]
    roles: tuple[str, ...]
    skills: tuple[str, ...]


def bench_view(connection: Connection, viewer: Viewer, day: date, now: datetime, weeks: Periods) -> BenchView:
    """What is free of all whom the viewer sees."""
    plan, seen = planned(connection, viewer, day, now)
    found, skills = bench(plan, weeks), read_skills(connection, day)
    rows = [
        BenchRow(person.id, person.name, person.role, skills.of(person.id), found[place])
        for place in seen.persons
        if place in found
        for person in [seen.people[place]]
    ]
    rows.sort(key=lambda it: (it.name.casefold(), it.person_id))
    roles, known = {row.role for row in rows if row.role}, {skill for row in rows for skill in row.skills}
    return BenchView(weeks, tuple(rows), tuple(sorted(roles)), tuple(sorted(known)))
