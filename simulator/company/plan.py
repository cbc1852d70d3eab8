"""What truly is and was in the company, in no tracker's words: the truth tests compute their oracles from.

The renderers fill in `external_id`, `key` and `Person.accounts`; they change nothing else. The classes refer to each
other in circles, so they have no generated `repr`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from simulator.company.calendar import Calendar

if TYPE_CHECKING:
    from simulator.company.item import Item


class Tracker(StrEnum):
    CLOUD = "jira_cloud"
    DATACENTER = "jira_datacenter"
    ASANA = "asana"


class Category(StrEnum):
    TODO = "todo"
    IN_PROGRESS = "in_progress"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Step:
    """One status of a workflow: its part in the story (`key`), the name people see, its category."""

    key: str
    name: str
    category: Category


@dataclass(frozen=True, slots=True)
class Workflow:
    """The statuses of a project, in order. "todo", "doing" and "done" always exist; other keys may."""

    name: str
    steps: tuple[Step, ...]

    def step(self, key: str) -> Step:
        return next(step for step in self.steps if step.key == key)

    def has(self, key: str) -> bool:
        return any(step.key == key for step in self.steps)


@dataclass(slots=True, eq=False, repr=False)
class Person:
    """Somebody (or, when not `human`, an app) with an account in one or two trackers.

    `alias` is how the second tracker spells the name. `load` is "normal", "overloaded" or "idle". `time_off` are
    inclusive date ranges.
    """

    ident: int
    name: str
    alias: str
    email: str
    trackers: tuple[Tracker, ...]
    calendar: Calendar
    time_zone: str
    load: str = "normal"
    hidden_email: bool = False
    active: bool = True
    human: bool = True
    time_off: list[tuple[date, date]] = field(default_factory=list)
    accounts: dict[Tracker, str] = field(default_factory=dict)

    def name_in(self, tracker: Tracker) -> str:
        return self.alias if self.trackers.index(tracker) else self.name

    def is_off(self, day: date) -> bool:
        return any(first <= day <= last for first, last in self.time_off)


@dataclass(slots=True, eq=False, repr=False)
class Sprint:
    """A sprint of one project. `state` is "closed", "active" or "future"; positions are on the project's calendar."""

    project: Project
    number: int
    name: str
    goal: str
    opens: float
    closes: float
    state: str
    external_id: int = 0


@dataclass(frozen=True, slots=True, repr=False)
class Report:
    """What a project said of itself: `status` is on_track, at_risk, off_track, on_hold or complete."""

    at: datetime
    author: Person
    status: str
    text: str


@dataclass(slots=True, eq=False, repr=False)
class Milestone:
    """A promised date. `due` is the present promise, `baseline` the first, `reached` the day it came true."""

    project: Project
    name: str
    baseline: date
    due: date
    reached: date | None
    external_id: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Booking:
    """A person booked on a project for a time: `percent` of the day, or `hours` a day in all."""

    person: Person
    project: Project
    start: date
    end: date
    percent: float | None
    hours: float | None


@dataclass(slots=True, eq=False, repr=False)
class Project:
    """A project in one tracker. `temper` names its temperament, `estimates` is "points", "time" or "none".
    `robot` is the app that does chores in its name."""

    code: str
    name: str
    tracker: Tracker
    portfolio: str
    program: str
    temper: str
    method: str
    estimates: str
    logs_time: bool
    quirks: frozenset[str]
    workflow: Workflow
    calendar: Calendar
    begin: date
    due: date
    lead: Person
    robot: Person
    members: list[Person]
    components: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()
    items: list[Item] = field(default_factory=list)
    sprints: list[Sprint] = field(default_factory=list)
    milestones: list[Milestone] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    external_id: str = ""


@dataclass(slots=True, eq=False, repr=False)
class Plan:
    """The whole truth. `moved` are (item, old project) of items that changed project."""

    seed: int
    today: date
    people: list[Person]
    projects: list[Project]
    bookings: list[Booking] = field(default_factory=list)
    moved: list[tuple[Item, Project, datetime]] = field(default_factory=list)

    @property
    def items(self) -> list[Item]:
        return [item for project in self.projects for item in project.items]
