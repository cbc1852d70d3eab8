"""Who works on a project, as far as the viewer may know: by name, or as numbers of persons, or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, case, func, select

from portfolio.access.masks import Sight
from portfolio.access.suppression import suppressed
from portfolio.facts.items import item_ids
from portfolio.model.people import Person
from portfolio.model.work import WorkItem

BANDS = ((0, 0), (1, 2), (3, 5), (6, 10), (11, None))
"""Numbers of items, first and last."""


@dataclass(frozen=True)
class PersonLine:
    """An assignee (None: nobody) with their open items in this project, and the overdue ones where those are shown."""

    person_id: int | None
    name: str | None
    open: int
    overdue: int | None


@dataclass(frozen=True)
class Band:
    """How many persons have so many items (`last` None: or more). `persons` None: too few to be shown."""

    first: int
    last: int | None
    persons: int | None


@dataclass(frozen=True)
class Crew:
    """The assignees of open items. `people` by name, where they are named; else `open` as bands.

    `overdue` as bands where figures of persons are shown in groups only. `unassigned` are items.
    """

    load: Sight
    figures: Sight
    people: tuple[PersonLine, ...] = ()
    open: tuple[Band, ...] = ()
    overdue: tuple[Band, ...] = ()
    unassigned: int = 0

    @property
    def persons(self) -> int:
        """How many are named."""
        return sum(line.person_id is not None for line in self.people)


def crew_of(connection: Connection, project_id: int, day: date, load: Sight, figures: Sight) -> Crew:
    """The crew of a project on a day. Names are in alphabetical order: people are not ranked."""
    is_overdue = WorkItem.id.in_(item_ids("overdue", project_id, day))
    rows = connection.execute(
        select(WorkItem.assignee_id, Person.name, func.count(), func.sum(case((is_overdue, 1), else_=0)))
        .outerjoin(Person, Person.id == WorkItem.assignee_id)
        .where(WorkItem.id.in_(item_ids("open_items", project_id, day)))
        .group_by(WorkItem.assignee_id, Person.name)
        .order_by(Person.name.is_(None), Person.name, WorkItem.assignee_id)
    )
    lines = [PersonLine(person_id, name, int(n), int(late)) for person_id, name, n, late in rows]
    persons = [line for line in lines if line.person_id is not None]
    return Crew(
        load,
        figures,
        people=tuple(_shown(line, figures) for line in lines) if load is Sight.NAMED else (),
        open=_bands((line.open for line in persons), BANDS[1:]) if load is Sight.GROUPED else (),
        overdue=_bands((line.overdue or 0 for line in persons), BANDS) if figures is Sight.GROUPED else (),
        unassigned=sum(line.open for line in lines if line.person_id is None),
    )


def _shown(line: PersonLine, figures: Sight) -> PersonLine:
    """The line without what is a figure of one person, unless those are shown."""
    if figures is Sight.NAMED or line.person_id is None:
        return line
    return PersonLine(line.person_id, line.name, line.open, None)


def _bands(numbers: Iterable[int], bands: Sequence[tuple[int, int | None]]) -> tuple[Band, ...]:
    """How many of the numbers lie in each band, those that would give somebody away suppressed."""
    sizes = Counter(dict.fromkeys(bands, 0))
    for number in numbers:
        sizes[next(band for band in bands if band[0] <= number and (band[1] is None or number <= band[1]))] += 1
    hidden = suppressed(sizes)
    return tuple(Band(first, last, None if (first, last) in hidden else size) for (first, last), size in sizes.items())
