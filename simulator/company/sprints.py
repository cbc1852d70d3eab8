"""Fortnightly sprints of a scrum project, and which of them an item stood in."""

from __future__ import annotations

from bisect import bisect_right
from datetime import timedelta
from random import Random

from simulator.company.item import Item
from simulator.company.plan import Project, Sprint
from simulator.company.schedule import FAR

_GOALS = ("Make the pilot usable", "Fewer calls to the desk", "Ready for the audit", "", "Second wave can start")


def add_sprints(rng: Random, project: Project, today: float) -> None:
    """Sprints from the project's first Monday to a month ahead; the last two have not begun."""
    calendar = project.calendar
    monday = project.begin - timedelta(days=project.begin.weekday())
    number = 1
    ahead = 0
    while ahead < 2:
        opens = calendar.index(monday) + 0.1
        closes = calendar.index(monday + timedelta(days=14)) - 0.1
        state = "closed" if closes < today else "active" if opens < today else "future"
        ahead += state == "future"
        name = f"{project.code} Sprint {number}" + (", [freeze]" if number % 13 == 0 else "")
        project.sprints.append(Sprint(project, number, name, rng.choice(_GOALS), opens, closes, state))
        monday += timedelta(days=14)
        number += 1


def plan_sprints(rng: Random, project: Project, today: float) -> None:
    """Put work items into the sprint they began in, or one before it, and carry them over while they are open."""
    if not project.sprints:
        return
    opens = [sprint.opens for sprint in project.sprints]
    for item in project.items:
        if item.kind in ("epic", "subtask", "milestone", "risk") or item.begun >= FAR:
            continue
        at = bisect_right(opens, item.begun) - 1
        if item.begun > project.sprints[-1].closes or at < 0:
            continue
        if at and rng.random() < 0.15:
            at -= 1
        _stand_in(rng, project, item, at, today)


def _stand_in(rng: Random, project: Project, item: Item, at: int, today: float) -> None:
    born = project.calendar.index(item.created.date()) + 0.999
    first = project.sprints[at]
    if born > first.closes:
        at = min(at + 1, len(project.sprints) - 1)
        first = project.sprints[at]
    meant = first.opens - rng.uniform(0.2, 2)
    if first.opens >= today:
        meant = today - rng.uniform(0.1, 5)
    item.intend(max(born, meant), project.lead, "sprint", first)
    for before, after in zip(project.sprints[at:], project.sprints[at + 1 :], strict=False):
        if before.closes >= min(item.ended, today):
            break
        item.intend(before.closes + 0.01, project.robot, "sprint", after)
