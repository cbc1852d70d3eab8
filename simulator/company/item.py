"""An item of work and its history.

An item is told as *intents* (this field becomes that value at this working position). `Item.settle` puts them in order,
drops those that lie at or after today, and leaves the present values beside the list of changes that led there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from simulator.company.plan import Category, Milestone, Person, Project, Sprint


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
    is in seconds; `probability` (per cent), `cost`, `response` and `response_plan` are those of a risk, `severity` that
    of a bug. `begun`/`ended` are the positions the story aimed at (they may lie in the future). `homes` are further
    projects the item stands in.
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
    probability: int | None = None
    cost: int | None = None
    response: str | None = None
    response_plan: str | None = None
    severity: str | None = None
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
