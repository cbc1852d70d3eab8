"""The life of one item: from creation over work, obstacles and moved dates to its end, told as intents."""

from __future__ import annotations

from random import Random

from simulator.company.item import Item
from simulator.company.plan import Person, Tracker
from simulator.company.tempers import Temper

_POINTS = (1, 2, 3, 5, 8, 13)
_HOURS_PER_POINT = 4


def choose(rng: Random, members: list[Person]) -> Person:
    """A member to give work to; overloaded people attract it, idle ones hardly get any, leavers none."""
    weights = [0.0 if not one.active else {"overloaded": 3.2, "idle": 0.08}.get(one.load, 1.0) for one in members]
    return rng.choices(members, weights)[0] if any(weights) else members[0]


def estimate(rng: Random, item: Item, temper: Temper) -> None:
    """Give the item its first estimate, in the project's unit, or none."""
    project = item.project
    if project.estimates == "none" or "no_estimates" in project.quirks or rng.random() > temper.estimated:
        return
    size = rng.choices(_POINTS, (2, 4, 6, 5, 3, 1))[0]
    if item.kind == "subtask":
        size = rng.choice((1, 1, 2))
    if project.estimates == "points":
        if item.kind != "subtask":
            item.points = float(size)
    else:
        item.estimate = item.remaining = size * _HOURS_PER_POINT * 3600


def live(rng: Random, item: Item, temper: Temper, created: float, planned: float) -> None:
    """Tell the item's working life between `item.begun` and `item.ended`; `planned` is when it was meant to be done."""
    owner = item.assignee or choose(rng, item.project.members)
    item.assignee = owner
    if rng.random() < 0.45:
        item.assignee = None
        item.intend(max(created + 0.05, item.begun - rng.uniform(0.05, 3)), item.project.lead, "assignee", owner)
    if rng.random() < 0.1:
        successor = choose(rng, item.project.members)
        item.intend(item.begun + (item.ended - item.begun) * 0.4, owner, "assignee", successor)
        owner = successor
    _promise(rng, item, temper, owner, created, planned)
    _second_thoughts(rng, item, owner, created)
    _work(rng, item, temper, owner)


def _promise(rng: Random, item: Item, temper: Temper, owner: Person, created: float, planned: float) -> None:
    """A due date, and its moves when it is about to be missed."""
    calendar = item.project.calendar
    if "undated" in item.project.quirks or rng.random() > temper.dated:
        return
    due = max(planned + rng.uniform(*temper.slack), created + 2)
    item.due = calendar.day(due)
    if rng.random() < 0.5:
        item.start = calendar.day(max(created, planned - rng.uniform(2, 5)))
    while due < item.ended and rng.random() < temper.replans:
        told = max(created + 0.1, due - rng.uniform(0.1, 1.5))
        due = max(due, told) + rng.randint(*temper.by_days)
        item.intend(told, owner, "due", calendar.day(due))
        if item.start and told < item.begun - 3:
            item.intend(told, owner, "start", calendar.day(due - 3))


def _second_thoughts(rng: Random, item: Item, owner: Person, created: float) -> None:
    """Estimates and priorities that were changed before the work began or halfway."""
    halfway = item.begun + (item.ended - item.begun) * 0.5
    if rng.random() < 0.1:
        when = rng.choice((max(created + 0.2, item.begun - 0.5), halfway))
        if item.points is not None:
            bigger = float(rng.choice([size for size in _POINTS if size != item.points]))
            item.intend(when, owner, "points", bigger)
        elif item.estimate is not None:
            added = rng.choice((2, 4, 8)) * 3600
            item.intend(when, owner, "estimate", item.estimate + added)
            item.intend(when, owner, "remaining", item.estimate + added)
    if rng.random() < 0.06:
        item.intend(max(created + 0.3, item.begun - 1), item.project.lead, "priority", rng.choice(("High", "Highest")))


def _work(rng: Random, item: Item, temper: Temper, owner: Person) -> None:
    """From the first to the last status; obstacles and a second round on the way."""
    flow, begun, ended = item.project.workflow, item.begun, item.ended
    span = ended - begun
    if flow.has("backlog") and rng.random() < 0.7:
        item.status = "backlog"
        item.intend(begun - rng.uniform(0.3, 2), item.project.lead, "status", "todo")
    item.intend(begun, owner, "status", "doing")
    if rng.random() < temper.blocked:
        _obstacle(rng, item, owner, begun + span * 0.2, begun + span * 0.6)
    if flow.has("review"):
        item.intend(begun + span * rng.uniform(0.65, 0.9), owner, "status", "review")
    _finish(rng, item, owner, ended)
    if rng.random() < temper.reopened:
        again = ended + rng.uniform(0.5, 7)
        item.intend(again, item.reporter, "status", "doing")
        item.intend(again, item.reporter, "resolution", None)
        _finish(rng, item, owner, again + rng.uniform(0.5, 4))


def _obstacle(rng: Random, item: Item, owner: Person, since: float, until: float) -> None:
    for key in ("blocked", "waiting"):
        if item.project.workflow.has(key) and rng.random() < 0.7:
            item.intend(since, owner, "status", key)
            item.intend(until, owner, "status", "doing")
            return
    if item.project.tracker is not Tracker.ASANA:  # Asana has no flag
        item.intend(since, owner, "flagged", True)
        item.intend(until, owner, "flagged", False)


def _finish(rng: Random, item: Item, owner: Person, ended: float) -> None:
    dropped = rng.random() < 0.03
    last = "cancelled" if dropped and item.project.workflow.has("cancelled") else "done"
    item.intend(ended, owner, "status", last)
    item.intend(ended, owner, "resolution", "Won't Do" if dropped else "Done")
    if item.remaining is not None and rng.random() < 0.8:
        item.intend(ended, owner, "remaining", 0)
