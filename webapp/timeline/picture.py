"""The picture: the rows of a page, each with what it draws, and the dependencies between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from webapp.queries.dependencies import Link
from webapp.queries.milestones import MilestoneLine
from webapp.queries.portfolio import GroupLine
from webapp.queries.timeline import Listed, Plan
from webapp.timeline.lines import Line, Piece, pieces
from webapp.timeline.marks import Placed
from webapp.timeline.rows import Dates, Drawn, drawn
from webapp.timeline.window import Window


@dataclass(frozen=True)
class Row:
    """A project, or where there is none (`it`) the group the projects after it stand in.

    `marks` are its milestones that are shown.
    """

    group: GroupLine | None
    it: Listed | None
    dates: Dates | None
    plan: Plan | None
    drawn: Drawn | None
    marks: tuple[tuple[Placed, MilestoneLine], ...]
    pieces: tuple[Piece, ...]


def day_of(point: MilestoneLine) -> date | None:
    """The day a milestone stands on: when it was reached, else when it is due."""
    return point.finished_on or point.due


def mark_of(point: MilestoneLine) -> str:
    """How a milestone is marked: its state, but "slipped" for one ahead that is later than first planned."""
    return "slipped" if point.state == "ahead" and (point.slip or 0) > 0 else point.state


def picture(
    listed: Sequence[Listed],
    dates: Mapping[int, Dates],
    plans: Mapping[int, Plan],
    links: Sequence[Link],
    shown: Window,
    today: date,
) -> tuple[Row, ...]:
    """The rows of these projects, each group before the first of its projects.

    Of dependencies those are drawn that still bind, with dates on both ends and both projects in the picture.
    """
    places: list[Listed | GroupLine | None] = []
    group: GroupLine | None = None
    for it in listed:
        if it.group != group:
            places.append(it.group)
        group = it.group
        places.append(it)
    rows = {it.project.id: number for number, it in enumerate(places) if isinstance(it, Listed)}
    lines = [line for number, link in enumerate(links) if (line := _line(number, link, rows, shown, today))]
    return tuple(_row(it, dates, plans, shown, own) for it, own in zip(places, pieces(lines, len(places)), strict=True))


def _row(
    it: Listed | GroupLine | None,
    dates: Mapping[int, Dates],
    plans: Mapping[int, Plan],
    shown: Window,
    own: tuple[Piece, ...],
) -> Row:
    if it is None or isinstance(it, GroupLine):
        return Row(it, None, None, None, None, (), own)
    plan, days = plans[it.project.id], dates[it.project.id]
    points = [(day, point) for point in plan.milestones if (day := day_of(point)) and day in shown]
    forecast = (plan.half, plan.likely) if plan.half and plan.likely else None
    found = drawn(shown, days, plan.baseline, forecast, [(day, point.name) for day, point in points])
    marks = tuple((mark, points[mark.number][1]) for mark in found.marks)
    return Row(it.group, it, days, plan, found, marks, own)


def _line(number: int, link: Link, rows: Mapping[int, int], shown: Window, today: date) -> Line | None:
    """The line of a dependency. What is still open is done today at the earliest."""
    first, second = link.ends
    if not link.binds or first is None or second is None or first.due is None or link.wanted is None:
        return None
    origin, target = rows.get(first.project_id or 0), rows.get(second.project_id or 0)
    done, wanted = max(first.due, today), link.wanted
    apart = max(done, wanted) < shown.first or min(done, wanted) >= shown.after
    if origin is None or target is None or apart:
        return None
    return Line(number, origin, target, shown.middle_of(done), shown.middle_of(wanted), link.broken)
