"""Rows for tests, made in one line each. Only what a test says matters; the rest is plain and the same everywhere.

A `World` writes through the connection it is given and hands back ids.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from sqlalchemy import Connection, insert

from portfolio.audit.entry import COMMAND
from portfolio.calendar import USUAL_HOURS
from portfolio.capacity.calendars import write_hours
from portfolio.dated import history
from portfolio.governance.scope import EVERYTHING
from portfolio.governance.store import DEFAULTS, KPI, Thing, decide
from portfolio.model.base import FAR
from portfolio.model.landing import Connection as ConnectionRow
from portfolio.model.landing import Cursor
from portfolio.model.mapping import ItemAttribute
from portfolio.model.oversight import SyncRun
from portfolio.model.people import Calendar, Person
from portfolio.model.structure import Objective, ObjectiveProject, Portfolio, Program, Project, ProjectRef, StatusUpdate
from portfolio.model.work import Baseline, BaselineItem, ItemVersion, Milestone, WorkItem

PAST_ONLY = ("sprint", "first_due", "reopened_on", "active_s", "flow_s", "lead_s")
"""What the history of an item has and the item itself has not."""


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


@dataclass
class World:
    """A made-up portfolio on one tracker."""

    connection: Connection
    numbers: Any = field(default_factory=lambda: count(1))
    tracker_id: int = 0

    def __post_init__(self) -> None:
        self.tracker_id = self.tracker("Tracker one")

    def _add(self, table: Any, **values: Any) -> int:
        key = self.connection.execute(insert(table).values(**values)).inserted_primary_key
        assert key is not None
        return int(key[0])

    def calendar(self, name: str, *hours: tuple[date, str]) -> int:
        """A calendar with these hours of a week, each from its day on."""
        ident = self._add(Calendar, name=name)
        write_hours(self.connection, ident, history(hours, USUAL_HOURS))
        return ident

    def tracker(self, name: str) -> int:
        return self._add(
            ConnectionRow,
            name=name,
            tracker="jira",
            address="https://jira.example",
            settings="{}",
            secret_ref="store",
            created_at=datetime(2025, 1, 1, tzinfo=UTC),
        )

    def run(self, tracker_id: int, finished_at: datetime, state: str = "done") -> int:
        return self._add(
            SyncRun,
            connection_id=tracker_id,
            mode="full",
            state=state,
            started_at=finished_at - timedelta(minutes=1),
            finished_at=finished_at,
        )

    def person(self, name: str) -> int:
        return self._add(Person, name=name)

    def portfolio(self, code: str) -> int:
        return self._add(Portfolio, code=code, name=f"Portfolio {code}")

    def program(self, code: str, portfolio_id: int | None = None) -> int:
        return self._add(Program, code=code, name=f"Program {code}", portfolio_id=portfolio_id)

    def project(self, code: str = "", **values: Any) -> int:
        code = code or f"P{next(self.numbers)}"
        return self._add(Project, code=code, name=f"Project {code}", **values)

    def feed(self, project_id: int, tracker_id: int, external_id: str = "") -> int:
        external_id = external_id or str(next(self.numbers))
        return self._add(
            ProjectRef,
            connection_id=tracker_id,
            external_id=external_id,
            key=external_id,
            name="",
            url="",
            project_id=project_id,
        )

    def slice_read(self, tracker_id: int, external_id: str, completed_at: datetime) -> None:
        """The items of one of the tracker's projects were read to their end."""
        row = {"connection_id": tracker_id, "stream": "items", "slice": external_id, "completed_at": completed_at}
        self.connection.execute(insert(Cursor).values(**row))

    def report(self, project_id: int, at: datetime, rag: str | None = "green") -> int:
        return self._add(
            StatusUpdate,
            connection_id=self.tracker_id,
            external_id=str(next(self.numbers)),
            project_id=project_id,
            rag=rag,
            status="on track",
            title="",
            created_at=at,
        )

    def item(
        self,
        project_id: int | None,
        category: str = "todo",
        *,
        created: date = date(2026, 1, 1),
        versions: list[tuple[date, dict[str, Any]]] | None = None,
        deleted: date | None = None,
        is_leaf: bool = True,
        parent_id: int | None = None,
        labels: str = "",
        version: str | None = None,
        role: str | None = None,
        **state: Any,
    ) -> int:
        """An item. Without `versions` it is in its present state since `created`; with them, (day, changes) in order
        tell what differed from that day on. It is gone from the day `deleted` on.
        `version` is the tracker's milestone the item names."""
        now: dict[str, Any] = {
            "project_id": project_id,
            "kind": "task",
            "category": category,
            "flow": "active",
            "start": None,
            "due": None,
            "started_on": None,
            "finished_on": None,
            "estimate_s": None,
            "remaining_s": None,
            "points": None,
            "assignee_id": None,
            "synthetic": False,
        } | state
        spans_of = {
            "created_on": created,
            "parent_from": None if is_leaf else created,
            "parent_to": None if is_leaf else FAR,
        }
        spans_of |= {name: now.pop(name, None) for name in PAST_ONLY}
        spans = versions or [(created, {})]
        number = str(next(self.numbers))
        item_id = self._add(
            WorkItem,
            connection_id=self.tracker_id,
            external_id=number,
            key=f"K-{number}",
            url=f"https://jira.example/browse/K-{number}",
            title=f"Item {number}",
            tracker_kind="Task",
            status=category,
            created_at=noon(created),
            updated_at=noon(created),
            created_on=created,
            deleted_at=noon(deleted) if deleted else None,
            is_leaf=is_leaf,
            parent_id=parent_id,
            labels=labels,
            milestone_external_id=version,
            role=role,
            **{name: value for name, value in (now | spans[-1][1]).items() if name not in spans_of},
        )
        for index, (valid_from, changes) in enumerate(spans):
            valid_to = spans[index + 1][0] if index + 1 < len(spans) else deleted or FAR
            self.connection.execute(
                insert(ItemVersion).values(
                    item_id=item_id, valid_from=valid_from, valid_to=valid_to, **(now | spans_of | changes)
                )
            )
        return item_id

    def attribute(self, item_id: int, name: str, **value: Any) -> None:
        """A further value of an item, as the mapping reads it: number, currency, text, day or person_id."""
        self.connection.execute(insert(ItemAttribute).values(item_id=item_id, name=name, **value))

    def risk(
        self, project_id: int, probability: str | None, impact: str | None, currency: str = "EUR", **state: Any
    ) -> int:
        """A risk of that probability and that impact on cost."""
        item = self.item(project_id, **({"kind": "risk"} | state))
        if probability is not None:
            self.attribute(item, "probability", number=Decimal(probability))
        if impact is not None:
            self.attribute(item, "impact_cost", number=Decimal(impact), currency=currency)
        return item

    def objective(self, *project_ids: int, strength: int = 1, **values: Any) -> int:
        """A strategic objective that these projects serve."""
        objective_id = self._add(Objective, title=f"Objective {next(self.numbers)}", **values)
        for project_id in project_ids:
            link = {"objective_id": objective_id, "project_id": project_id, "strength": strength}
            self.connection.execute(insert(ObjectiveProject).values(**link))
        return objective_id

    def finished(self, project_id: int, started: date, finished: date, **state: Any) -> int:
        """Work that went through in progress to done, with its history."""
        return self.item(
            project_id,
            "done",
            created=started,
            versions=[
                (started, {"category": "in_progress", "started_on": started}),
                (finished, {"category": "done", "started_on": started, "finished_on": finished}),
            ]
            if started < finished
            else [(finished, {"started_on": started, "finished_on": finished})],
            **state,
        )

    def milestone(self, project_id: int, baseline: date | None, **values: Any) -> int:
        number = str(next(self.numbers))
        given: dict[str, Any] = {"connection_id": self.tracker_id, "external_id": number, "name": f"M{number}"} | values
        return self._add(Milestone, project_id=project_id, baseline=baseline, **given)

    def baseline(self, project_id: int, taken_on: date, items: list[tuple[int, date | None, date | None, int]]) -> int:
        """A current baseline of (item id, start, finish, seconds)."""
        baseline_id = self._add(Baseline, project_id=project_id, version=1, taken_on=taken_on)
        for item_id, start, finish, seconds in items:
            self.connection.execute(
                insert(BaselineItem).values(
                    baseline_id=baseline_id, item_id=item_id, start=start, finish=finish, estimate_s=seconds
                )
            )
        return baseline_id


def without_compliance(world: World) -> None:
    """Judge projects by what is planned and done alone, whatever the day."""
    off = {Thing(KPI, "GOV-01", EVERYTHING): '{"on": false}'}
    decide(world.connection, off, DEFAULTS, datetime(2025, 1, 1, tzinfo=UTC), "ada", COMMAND)
