"""Milestones and risks: the promises of a project, when they came true, and what might yet go wrong."""

from __future__ import annotations

from random import Random

from simulator.company.item import Item
from simulator.company.plan import Milestone
from simulator.company.schedule import FAR, Course
from simulator.company.tempers import reached

_STAGES = (
    "Concept agreed",
    "Pilot live",
    "First region live",
    "Half of sites",
    "All sites",
    "Handover",
    "Lessons kept",
)
_RESPONSES = {
    "Avoid": "Leave out what brings it about",
    "Mitigate": "Try it out early, with time to change the plan",
    "Transfer": "Have the supplier answer for it in the contract",
    "Accept": "Watch it; pay from the contingency if it comes",
}


def add_milestones(rng: Random, course: Course) -> None:
    """Three to six milestones, each an item too; items belong to the milestone their planned end falls under."""
    project, temper, calendar = course.project, course.temper, course.project.calendar
    if "three_items" in project.quirks or course.size < 12:
        return
    count = 3 if course.span < 150 else rng.randint(4, 6)
    bounds = []
    for number in range(1, count + 1):
        share = number / count
        planned = course.first + course.span * share
        actual = course.first + course.span * reached(temper, min(share, 0.995)) + rng.uniform(-2, 1)
        if actual > course.hold:
            actual = FAR
        baseline = calendar.day(planned)
        milestone = Milestone(
            project, f"{_STAGES[number - 1]} ({project.code.removeprefix('A-')} M{number})", baseline, baseline, None
        )
        created = course.first + rng.uniform(0.1, 2)
        item = course.item("milestone", created, actual - 0.01, actual)
        item.title, item.milestone, item.due, item.assignee = milestone.name, milestone, baseline, project.lead
        item.phase = int((share - 0.01) * max(1, len(project.phases)))
        due = planned
        chance = 0.85 if temper.slips_told else 0.15
        while due < actual and rng.random() < chance:
            told = due - rng.uniform(0.2, 4)
            due += rng.choice((5, 10, 15, 20))
            item.intend(told, project.lead, "due", calendar.day(due))
        item.intend(actual, project.lead, "status", "done")
        item.intend(actual, project.lead, "resolution", "Done")
        project.milestones.append(milestone)
        bounds.append((planned, milestone))
        if actual < course.today:
            milestone.reached = calendar.day(actual)
    for item in project.items:
        if item.milestone is None and item.kind not in ("epic", "risk") and rng.random() < 0.8:
            planned = (item.begun if item.begun < FAR else course.first + course.span) * 1.0
            item.milestone = next((milestone for bound, milestone in bounds if planned <= bound), bounds[-1][1])


def add_risks(rng: Random, course: Course) -> None:
    """Two to five risks; half of them closed some weeks after they were seen."""
    project = course.project
    if "three_items" in project.quirks or course.size < 12:
        return
    for _ in range(rng.randint(2, 5)):
        last = min(course.today, course.first + course.span)
        created = rng.uniform(course.first, last - 0.5)
        closed = created + rng.uniform(8, 50) if project.temper == "finished" or rng.random() < 0.5 else FAR
        item = course.item("risk", created, closed - 0.5, closed)
        item.assignee = project.lead
        item.due = project.calendar.day(created + rng.uniform(10, 50))
        item.labels = (*item.labels, "risk")
        _measure(item)
        item.intend(closed, project.lead, "status", "done")
        item.intend(closed, project.lead, "resolution", "Done")


def _measure(item: Item) -> None:
    """How likely a risk is, what it would cost, and what is done about it; of some nobody has said so. The chance is
    its own, so that the rest of the story stays as it is."""
    rng = Random(f"risk {item.project.code} {item.title}")  # nosec B311 # a made-up company keeps no secret
    if rng.random() < 5 / 6:
        item.probability, item.cost = rng.choice((10, 20, 30, 50, 70)), rng.choice((5, 10, 20, 40, 60)) * 1000
    if rng.random() < 4 / 5:
        item.response, item.response_plan = rng.choice(tuple(_RESPONSES.items()))
