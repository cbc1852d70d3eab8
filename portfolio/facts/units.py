"""What a plan is counted in: hours of estimated effort, points, or each of its items as one. A plan has one unit.

Weights are whole numbers of `PARTS` to the unit, so that those of hours are seconds; a point is cut to that. Nothing
converts one unit into another. Conditions over `Project`; no query is run here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, String, case, cast, func, literal, select

from portfolio.model.structure import Project

HOURS, POINTS, ITEMS = "hours", "points", "items"
UNITS = (HOURS, POINTS, ITEMS)
PARTS = 3600
MOST_POINTS = 2**40 // PARTS
"""More points than these are beyond reason, as efforts are of as many parts: no weight."""


@dataclass(frozen=True)
class Units:
    """What plans are counted in as it is set: of projects and programs by id, of types by their word, and of
    everything. The narrowest counts."""

    projects: Mapping[int, str] = field(default_factory=dict)
    programs: Mapping[int, str] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)
    everything: str = HOURS

    def of_project(self) -> ColumnElement[str]:
        """The unit that is set for a `Project`."""
        levels: tuple[tuple[Any, Mapping[Any, str]], ...] = (
            (Project.id, self.projects),
            (Project.program_id, self.programs),
            (Project.type, self.types),
        )
        told = [
            (column.in_(keys), literal(unit, String))
            for column, by_key in levels
            for unit in UNITS
            if (keys := sorted(key for key, its in by_key.items() if its == unit))
        ]
        return case(*told, else_=literal(self.everything, String)) if told else literal(self.everything, String)

    def weight(self, project_id: Any, estimate: Any, points: Any) -> ColumnElement[Any]:
        """The weight of an item by what is set for the project of that id."""
        if self == IN_HOURS:
            column: ColumnElement[Any] = estimate
            return column

        def uses(unit: str) -> ColumnElement[bool]:
            found: ColumnElement[bool] = project_id.in_(select(Project.id).where(self.of_project() == unit))
            return found

        return case((uses(POINTS), _of_points(points)), (uses(ITEMS), PARTS), else_=estimate)


IN_HOURS = Units()
"""Where nothing is set."""


def weighed(unit: Any, estimate: Any, points: Any) -> ColumnElement[Any]:
    """The weight of an item in a unit that stands in a column, that of a baseline. NULL where it has none."""
    return case((unit == POINTS, _of_points(points)), (unit == ITEMS, PARTS), else_=estimate)


def _of_points(points: Any) -> ColumnElement[Any]:
    # Trackers let anything be typed in; what is none is often said as -1.
    return case((points.between(0, MOST_POINTS), cast(func.round(points * PARTS), BigInteger)))
