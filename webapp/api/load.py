"""GET /api/v1/load: how much everybody in sight, or each group, is to do beside what they can."""

from __future__ import annotations

from datetime import date

import msgspec
from flask import Blueprint, Response

from portfolio.resources.heat import Cell
from portfolio.resources.periods import MOST, Columns, periods_from
from webapp import here, record, signin
from webapp.api.asked import Part, answer, query
from webapp.period_form import USUAL
from webapp.problems import Unreadable
from webapp.queries.load import By, Row, choices, load_view

DIGITS = 6

part = Blueprint("load", __name__)


class Wanted(Part, frozen=True):
    """What a row is, what a column is, and how many columns there are, this one first; by default as on the page."""

    by: By | None = None
    columns: Columns = Columns.WEEK
    number: int | None = None


class Period(msgspec.Struct, frozen=True):
    """A period of a row, in hours. `load` is null without capacity."""

    capacity: float
    hard: float
    soft: float
    over: float
    over_days: int
    load: float | None
    level: str


class Line(msgspec.Struct, frozen=True):
    """A person or a group. `nobody`: what nobody was named for yet, of the role `name`. `cells` null: too few persons
    to be shown."""

    name: str | None
    person_id: int | None
    nobody: bool
    cells: list[Period] | None


class Missing(msgspec.Struct, frozen=True):
    """Open work in no load, by what is missing of it."""

    items: int
    hours: float


class LoadRows(msgspec.Struct, frozen=True, rename={"first_days": "from"}):
    """Some of the rows, those with the most hours too much first. `from` are the first days of the columns, `last` the
    last day of all."""

    as_of: date
    by: By
    columns: Columns
    first_days: list[date]
    last: date
    total: int
    limit: int
    offset: int
    rows: list[Line]
    in_no_load: dict[str, Missing]


def _line(row: Row) -> Line:
    cells = None if row.cells is None else [_period(it) for it in row.cells]
    return Line(row.name, row.person_id, row.nobody, cells)


def _period(it: Cell) -> Period:
    capacity, hard, soft, over = (round(each, DIGITS) for each in (it.capacity, it.hard, it.soft, it.over))
    share = None if it.load is None else round(it.load, DIGITS)
    return Period(capacity, hard, soft, over, it.over_days, share, it.level)


@part.get("/load")
def load() -> Response:
    asked, viewer = query(Wanted), signin.viewer()
    offered, most = choices(viewer), MOST[asked.columns]
    by, number = asked.by or offered[0], asked.number or USUAL[asked.columns]
    if by not in offered:
        raise Unreadable(f"Your roles do not see load by {by}. Ask for one of: {', '.join(offered)}")
    if not 0 < number <= most:
        raise Unreadable(f"`number` is 1 to {most} where columns are a {asked.columns} each")
    now = here.now().astimezone(here.zone())
    with here.reading() as connection:
        found = load_view(connection, viewer, now.date(), now, by, periods_from(now.date(), asked.columns, number))
    rows = found.rows[asked.offset : asked.offset + asked.limit]
    record.people("load", (row.person_id for row in rows))
    some = [_line(row) for row in rows]
    missing = {name: Missing(it.items, round(it.hours, DIGITS)) for name, it in found.missing.items()}
    days, last, total = list(found.periods.days), found.periods.last, len(found.rows)
    return answer(LoadRows(now.date(), by, asked.columns, days, last, total, asked.limit, asked.offset, some, missing))
