"""Rare things every real tracker holds somewhere: very long histories, hostile titles, moved items, dependencies."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from simulator.company.item import Item, Worklog
from simulator.company.names import HOSTILE, sentence
from simulator.company.plan import Plan, Project, Tracker
from simulator.company.schedule import FAR
from simulator.company.tempers import TEMPERS

_WORK = ("story", "task", "bug")


def before_settling(rng: Random, project: Project, today: float) -> None:
    """Work that is stuck right now; one item with more than 40 changes of mind, one with more than 20 worklogs."""
    _stuck(rng, project, today)
    if "three_items" in project.quirks or project.temper not in ("red", "watermelon"):
        return
    calendar = project.calendar
    old = [item for item in project.items if item.kind in _WORK and today - _born(item) > 90]
    if not old:
        return
    fickle = rng.choice(old)
    born = _born(fickle)
    for number in range(1, 58):
        when = born + number * (today - born) / 60
        fickle.intend(when, project.lead, "due", calendar.day(when + 12 + number % 4))
        fickle.intend(when + 0.2, project.lead, "priority", ("Low", "High", "Medium")[number % 3])
    if project.logs_time:
        slow = rng.choice(old)
        person = slow.assignee or project.lead
        for number in range(36):
            position = max(slow.begun if slow.begun < today else born, born) + number * 0.9
            began = calendar.moment(position)
            slow.intend(position + 0.05, person, "worklog", Worklog(began, began, person, 1800))


def _born(item: Item) -> float:
    """A position just after the item's creation."""
    return item.project.calendar.index(item.created.date()) + 0.999


def _stuck(rng: Random, project: Project, today: float) -> None:
    """Block some of the work that is under way today; nobody has resolved it yet."""
    flow = project.workflow
    for item in project.items:
        under_way = item.kind in _WORK and item.begun < today - 1 and today < item.ended
        if not under_way or rng.random() > 3.5 * TEMPERS[project.temper].blocked:
            continue
        last = max((intent.position for intent in item.intents if intent.position < today), default=item.begun)
        since = last + (today - last) * 0.3
        if flow.has("blocked") or flow.has("waiting"):
            item.intend(since, project.lead, "status", "blocked" if flow.has("blocked") else "waiting")
        if project.tracker is not Tracker.ASANA:
            item.intend(since, project.lead, "flagged", True)


def add_comments(rng: Random, project: Project, today: float) -> None:
    """Talk on every eighth item in the weeks after its creation; in red projects one item draws far more of it."""
    calendar = project.calendar
    talked = {id(item): rng.randint(1, 3) for item in project.items if rng.random() < 0.12}
    if project.temper == "red":
        talked[id(rng.choice([item for item in project.items if today - _born(item) > 40]))] = 26
    for item in project.items:
        since = _born(item)
        for position in sorted(rng.uniform(since, min(since + 30, today)) for _ in range(talked.get(id(item), 0))):
            if since < position < today:
                item.comments.append((calendar.moment(position), rng.choice(project.members), sentence(rng)))


def add_dependencies(rng: Random, plan: Plan) -> None:
    """Items that block others, in the same project and across projects of one tracker; red projects break some."""
    for tracker in Tracker:
        projects = [project for project in plan.projects if project.tracker is tracker]
        work = {project.code: _open_ended(project) for project in projects}
        for project in projects:
            own = work[project.code]
            if len(own) < 6:
                continue
            careless = TEMPERS[project.temper].drag > 2
            for _ in range(max(2, len(own) // 14)):
                _link(rng, rng.choice(own), rng.choice(own), careless)
            others = [item for other in projects if other is not project for item in work[other.code]]
            for _ in range(max(2, len(own) // 40)):
                _link(rng, rng.choice(others), rng.choice(own), careless)


def _open_ended(project: Project) -> list[Item]:
    return [item for item in project.items if item.kind in _WORK]


def _link(rng: Random, first: Item, second: Item, careless: bool) -> None:
    """Let `first` block `second`, in the order of their work unless the project is careless."""
    if first is second or second in first.blocks or first in second.blocks:
        return
    if first.ended > second.begun and second.begun < FAR and not (careless and rng.random() < 0.4):
        if second.ended > first.begun:
            return
        first, second = second, first
    if len(first.blocks) < 12 and second not in first.blocks:
        first.blocks.append(second)


def after_settling(rng: Random, plan: Plan) -> None:
    """Hostile titles, items at home in two projects, and one issue per Jira site that changed its project."""
    for tracker in Tracker:
        projects = [p for p in plan.projects if p.tracker is tracker and "three_items" not in p.quirks]
        open_projects = [p for p in projects if p.temper not in ("finished", "on_hold")]
        for text in HOSTILE:
            items = [item for item in rng.choice(open_projects).items if item.kind in _WORK]
            rng.choice(items).title = text
        if tracker is Tracker.ASANA:
            _share(rng, open_projects)
        else:
            _move(rng, plan, open_projects)


def _share(rng: Random, projects: list[Project]) -> None:
    for project in projects:
        for item in project.items:
            if item.kind == "task" and rng.random() < 0.04:
                item.homes.append(rng.choice([other for other in projects if other is not project]))


def _move(rng: Random, plan: Plan, projects: list[Project]) -> None:
    """Move a childless item to a project with the same workflow; its creation stays where it was."""
    pairs = [
        (a, b)
        for a in projects
        for b in projects
        if a is not b and a.workflow is b.workflow and not a.quirks | b.quirks
    ]
    old, new = rng.choice(pairs)
    parents = {id(item.parent) for item in old.items if item.parent}
    movable = [item for item in old.items if item.kind == "task" and id(item) not in parents and not item.sprints]
    movable = movable or [item for item in old.items if item.kind == "bug" and id(item) not in parents]
    if not movable:
        return
    item = rng.choice(movable)
    at = item.updated + timedelta(minutes=7)
    old.items.remove(item)
    new.items.append(item)
    item.project, item.parent, item.milestone, item.component, item.sprints = new, None, None, None, ()
    item.changes = [change for change in item.changes if change.field not in ("sprints", "parent")]
    plan.moved.append((item, old, at))
