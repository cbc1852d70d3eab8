"""The portfolio table as the rows of a file: numbers as they are kept, codes in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from portfolio.figures.read import Kept
from webapp.portfolio_figures import NOT_COMPUTED, NOT_PERMITTED
from webapp.queries.columns import COLUMNS, COUNTED, DIMENSION_NAMES, dimensions, shown_value
from webapp.queries.portfolio import GroupLine, ProjectLine
from webapp.queries.tree import Row
from webapp.spreadsheet import Cell
from webapp.words import say

HEAD = ("level", "portfolio", "program", "code", "name", "manager", "status", "rag", "reported")


def head(since: date | None) -> list[str]:
    """The heads of the columns; with a day to compare with, each figure has a second one."""
    places = [say("portfolio_head", name) for name in HEAD]
    names = [say("column", name) for name in COLUMNS]
    then = [say("column_then", name, since) for name in COLUMNS] if since else []
    return [*places, *(say("dimension", name) for name in DIMENSION_NAMES), *names, *then]


def lines(rows: Sequence[Row], filled: Iterable[Row], *, compared: bool) -> Iterator[list[Cell]]:
    """The rows, each with the portfolio and program above it; `filled` are the same rows with their readings, one
    after the other."""
    parents = {row.key: row for row in rows}
    for row in filled:
        yield _line(row, parents, compared)


def _line(row: Row, parents: Mapping[str, Row], compared: bool) -> list[Cell]:
    above: dict[str, str] = {}
    step: Row | None = row
    while step is not None:
        above[step.kind] = step.line.name if step.line else say("homeless")
        step = parents.get(step.parent)
    places: list[Cell] = [say("level", row.kind), above.get("portfolio"), above.get("program")]
    return [*places, *_own(row.line), *_values(row.line, compared)]


def _own(line: ProjectLine | GroupLine | None) -> list[Cell]:
    """What a row says of itself, up to the colours of its dimensions."""
    none: list[Cell] = [None] * len(DIMENSION_NAMES)
    if line is None:
        return [None, say("homeless"), None, None, None, None, *none]
    if isinstance(line, GroupLine):
        counts = ", ".join(f"{count} {say('rag', rag)}" for rag, count in line.colours)
        return [None, line.name, line.owner, None, counts, None, *none]
    said = line.reported_status or line.reported_rag
    judged = {name: reading.rag for name, reading in dimensions(line.readings)}
    colours: list[Cell] = [say("rag", judged[name]) if name in judged else None for name in DIMENSION_NAMES]
    own: list[Cell] = [line.code, line.name, line.manager, say("project_status", line.status), say("rag", line.rag)]
    return [*own, say("reported", said) if said else None, *colours]


def _values(line: ProjectLine | GroupLine | None, compared: bool) -> list[Cell]:
    if line is None:
        return [None] * (len(COLUMNS) * (2 if compared else 1))
    missing = NOT_COMPUTED if line.permitted else NOT_PERMITTED
    now = [_value(column, line.readings.get(kpi), missing) for column, kpi in COLUMNS.items()]
    then = [_value(column, line.before.get(kpi), missing) for column, kpi in COLUMNS.items()] if compared else []
    return now + then


def _value(column: str, reading: Kept | None, missing: str) -> Cell:
    if reading is None or reading.value is None:
        return say("reason", reading.reason if reading else missing)
    return shown_value(reading, counted=column in COUNTED)
