"""The figures of the portfolio table as they are read out, cell by cell."""

from __future__ import annotations

from dataclasses import dataclass

from portfolio.figures.read import Kept
from portfolio.kpis.catalogue import KPIS
from webapp.queries import tree
from webapp.queries.columns import COLUMNS, COUNTED, dimensions, shown_unit, shown_value
from webapp.queries.movement import move
from webapp.queries.portfolio import GroupLine, ProjectLine
from webapp.queries.readings import Readings
from webapp.words import amount

NOT_COMPUTED, NOT_PERMITTED = "NOT_COMPUTED", "NOT_PERMITTED"


@dataclass(frozen=True, slots=True)
class Figure:
    """One cell as it is read out: the text, or the reason why there is none; and where compared, what was then.

    `turn` is what the way it went means, None where that is not told; `up` is whether the value rose.
    """

    text: str | None
    rag: str
    reason: str | None
    then: str | None = None
    turn: str | None = None
    up: bool = False


def figures(readings: Readings, before: Readings, *, permitted: bool) -> list[Figure]:
    """The cells of these readings, in the order of the columns. `permitted`: whether the viewer may see them."""
    missing = NOT_COMPUTED if permitted else NOT_PERMITTED
    cells = []
    for column, kpi_id in COLUMNS.items():
        reading = readings.get(kpi_id)
        if reading is None:
            cells.append(Figure(None, "grey", missing))
            continue
        was = before.get(kpi_id)
        counted = column in COUNTED
        then = shown_value(was, counted=counted) if was else None
        went = move(KPIS[kpi_id], then, shown_value(reading, counted=counted), counted=counted)
        cells.append(
            Figure(
                _text(column, reading),
                reading.rag,
                reading.reason,
                _text(column, was) if was else None,
                went.turn.value if went else None,
                went is not None and went.up,
            )
        )
    return cells


def _text(column: str, reading: Kept) -> str | None:
    counted = column in COUNTED
    value = shown_value(reading, counted=counted)
    return None if value is None else amount(value, shown_unit(KPIS[COLUMNS[column]], counted=counted))


def figures_of(line: ProjectLine | GroupLine) -> list[Figure]:
    """The cells of a row."""
    return figures(line.readings, line.before, permitted=line.permitted)


def judged_dimensions(line: ProjectLine | GroupLine | None) -> list[tuple[str, str]]:
    """The dimensions of a project that can be judged, by name, worst first; a group has none of its own."""
    if not isinstance(line, ProjectLine):
        return []
    judged = [(name, reading.rag) for name, reading in dimensions(line.readings) if reading.rag != "grey"]
    return sorted(judged, key=lambda pair: tree.RAGS.index(pair[1]))
