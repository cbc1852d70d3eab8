"""What truly happened in the company, in no tracker's words: the truth tests compute their oracles from.

An item is told as *intents* (this field becomes that value at this working position). `Item.settle` puts them in order,
drops those that lie at or after today, and leaves the present values beside the list of changes that led there. The
renderers fill in `external_id`, `key` and `Person.accounts`; they change nothing else. The classes refer to each other
in circles, so they have no generated `repr`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from simulator.company.calendar import Calendar


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


@dataclass(frozen=True, slots=True, repr=False)
class Change:
    """One field of an item going from `old` to `new`. Worklogs change "spent" and carry their number."""

    at: datetime
    by: Person
    field: str
    old: Any
    new: Any


@dataclass(slots=True, eq=False, repr=False)
class Worklog:
    at: datetime
    created: datetime
    by: Person
    seconds: int
    external_id: str = ""


@dataclass(slots=True, eq=False, repr=False)
class Intent:
    position: float
    by: Person
    field: str
    value: Any


@dataclass(slots=True, eq=False, repr=False)
class Item:
    """One unit of work. Fields from `status` on are the present; `changes` leads back to what they were at first.

    `kind`: epic, story, task, bug, subtask, milestone, risk, approval. `status` is a step key of the workflow. Effort
    is in seconds. `begun`/`ended` are the positions the story aimed at (they may lie in the future). `homes` are
    further projects the item stands in.
    """

    ident: int
    project: Project
    kind: str
    title: str
    created: datetime
    reporter: Person
    begun: float
    ended: float
    parent: Item | None = None
    milestone: Milestone | None = None
    phase: int = 0
    labels: tuple[str, ...] = ()
    component: str | None = None
    blocks: list[Item] = field(default_factory=list)
    homes: list[Project] = field(default_factory=list)
    comments: list[tuple[datetime, Person, str]] = field(default_factory=list)
    status: str = "todo"
    resolution: str | None = None
    due: date | None = None
    start: date | None = None
    estimate: int | None = None
    remaining: int | None = None
    spent: int | None = None
    points: float | None = None
    assignee: Person | None = None
    priority: str = "Medium"
    flagged: bool = False
    approval: str | None = None
    sprints: tuple[Sprint, ...] = ()
    changes: list[Change] = field(default_factory=list)
    worklogs: list[Worklog] = field(default_factory=list)
    intents: list[Intent] = field(default_factory=list)
    external_id: str = ""
    key: str = ""

    def intend(self, position: float, by: Person, name: str, value: Any) -> None:
        self.intents.append(Intent(position, by, name, value))

    def settle(self, today: float) -> None:
        """Live through the intents that lie before the position `today`."""
        moment = self.project.calendar.moment
        for intent in sorted(self.intents, key=lambda one: one.position):
            if intent.position < today:
                self._live(moment(intent.position), intent)
        self.intents = []

    def _live(self, at: datetime, intent: Intent) -> None:
        if intent.field == "worklog":
            log: Worklog = intent.value
            log.created = at
            self.worklogs.append(log)
            self._set(at, intent.by, "spent", (self.spent or 0) + log.seconds)
            if self.remaining:
                self._set(at, intent.by, "remaining", max(0, self.remaining - log.seconds))
        elif intent.field == "sprint":
            if intent.value not in self.sprints:
                self._set(at, intent.by, "sprints", (*self.sprints, intent.value))
        else:
            self._set(at, intent.by, intent.field, intent.value)

    def _set(self, at: datetime, by: Person, name: str, new: Any) -> None:
        old = getattr(self, name)
        if old != new:
            self.changes.append(Change(at, by, name, old, new))
            setattr(self, name, new)

    @property
    def category(self) -> Category:
        return self.project.workflow.step(self.status).category

    @property
    def done(self) -> bool:
        return self.category is Category.DONE

    @property
    def updated(self) -> datetime:
        said = [at for at, _, _ in self.comments]
        return max([self.created, *said, *(change.at for change in self.changes[-1:])])

    def at_creation(self, name: str) -> Any:
        """The value the field had when the item was created."""
        first = next((change for change in self.changes if change.field == name), None)
        return getattr(self, name) if first is None else first.old


@dataclass(slots=True, eq=False, repr=False)
class Project:
    """A project in one tracker. `temper` names its temperament, `estimates` is "points", "time" or "none"."""

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
