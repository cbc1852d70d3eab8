"""Hours logged on items: only on days their person works, never more in a day than the person has."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from random import Random

from simulator.company.item import Item, Worklog
from simulator.company.plan import Person, Project
from simulator.company.tempers import Temper

QUARTER = 900
DAY_SECONDS = {"normal": 8 * 3600, "overloaded": 11 * 3600, "idle": 8 * 3600}


class TimeSheets:
    """How much of each person's days is used, over all projects and trackers."""

    def __init__(self) -> None:
        self._used: dict[tuple[int, date], int] = defaultdict(int)

    def take(self, person: Person, day: date, wanted: int) -> int:
        """Seconds of `wanted` the person can still give that day, in quarters of an hour; 0 when off or full."""
        if not person.calendar.works(day) or person.is_off(day):
            return 0
        left = DAY_SECONDS[person.load] - self._used[person.ident, day]
        given = max(0, min(wanted, left)) // QUARTER * QUARTER
        self._used[person.ident, day] += given
        return given


def log_work(rng: Random, project: Project, temper: Temper, today: float, sheets: TimeSheets) -> None:
    """Intend worklogs for the project's items, where it logs time at all."""
    if not project.logs_time:
        return
    parents = {id(item.parent) for item in project.items if item.parent}
    for item in project.items:
        if item.kind in ("epic", "milestone", "risk", "approval") or id(item) in parents or item.begun >= today:
            continue
        _log(rng, item, temper, today, sheets)


def _log(rng: Random, item: Item, temper: Temper, today: float, sheets: TimeSheets) -> None:
    calendar = item.project.calendar
    person = item.assignee or next(
        (intent.value for intent in item.intents if intent.field == "assignee" and intent.value), item.project.lead
    )
    guess = item.estimate or int((item.points or rng.choice((1, 2, 3))) * 4 * 3600)
    effort = guess * temper.overrun * rng.lognormvariate(0, 0.35)
    last = min(item.ended, today - 0.01)
    days = int(last) - int(item.begun) + 1
    wanted = int(max(effort / days if item.ended < today else min(effort / days, 4 * 3600), QUARTER))
    for offset in range(days):
        whole = int(item.begun) + offset
        if effort < QUARTER or rng.random() < 0.12:
            continue
        seconds = sheets.take(person, calendar.day(whole), min(int(wanted * rng.uniform(0.7, 1.5)), int(effort)))
        if not seconds:
            continue
        effort -= seconds
        began = max(whole + rng.uniform(0.0, 0.3), item.begun if offset == 0 else 0.0)
        noted = max(began + 0.01, whole + rng.uniform(0.85, 0.999)) + (1 if rng.random() < 0.05 else 0)
        item.intend(noted, person, "worklog", Worklog(calendar.moment(began), calendar.moment(began), person, seconds))
