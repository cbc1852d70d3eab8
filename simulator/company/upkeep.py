"""How well a project's records are kept: owners of open work, risks looked at anew, how grave bugs are.

Good leads see to it, others hardly. The chance is its own, so that the rest of the story stays as it is.
"""

from __future__ import annotations

from random import Random

from simulator.company.item import Item
from simulator.company.lives import choose
from simulator.company.schedule import Course

_TIDY = {"healthy": 0.9, "steady": 0.75, "finished": 0.9, "fresh": 0.8}
"""The chance that a lead keeps the records, by temper of the project."""
_OTHERS = 0.15
_SEVERITIES = ("Critical", "Major", "Minor")


def tend(course: Course) -> None:
    """Let the lead see to what is open, in the last weeks before today."""
    project = course.project
    rng = Random(f"upkeep {project.code}")  # nosec B311 # a made-up company keeps no secret
    tidy = rng.random() < _TIDY.get(project.temper, _OTHERS)
    for item in project.items:
        if item.kind == "bug" and rng.random() < (0.97 if tidy else 0.6):
            item.severity = rng.choice(_SEVERITIES)
        if tidy and item.begun >= course.today and item.kind != "epic":
            _give(rng, course, item)
        if tidy and item.kind == "risk" and item.ended >= course.today:
            _review(rng, course, item)


def _give(rng: Random, course: Course, item: Item) -> None:
    """An owner to work that has none yet."""
    given = [it for it in item.intents if it.field == "assignee" and it.position < course.today]
    if item.assignee is None and not given:
        item.intend(_lately(rng, course, item), course.project.lead, "assignee", choose(rng, course.project.members))


def _review(rng: Random, course: Course, item: Item) -> None:
    """A new day to a risk whose day has passed."""
    if item.due and item.due < course.project.calendar.day(course.today):
        ahead = course.project.calendar.day(course.today + rng.uniform(5, 25))
        item.intend(_lately(rng, course, item), course.project.lead, "due", ahead)


def _lately(rng: Random, course: Course, item: Item) -> float:
    created = course.project.calendar.index(item.created.date()) + 1.0
    return min(course.today - 0.1, max(created, course.today - rng.uniform(1, 15)))
