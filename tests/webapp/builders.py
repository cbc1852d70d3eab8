"""Rows for the pages: one method for each kind of row, with values that mean something when none is given."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from sqlalchemy import Connection, insert, literal, select

from portfolio.audit.entry import SYSTEM, Actor, ActorKind
from portfolio.bookings.asking import Ask
from portfolio.bookings.requests import ask_for
from portfolio.governance.deciding import wanted_own
from portfolio.governance.own import OwnKpi
from portfolio.governance.store import decide, number_in_force
from portfolio.model.access import User
from portfolio.model.base import FAR
from portfolio.model.landing import Absence, Hold, Quarantine, Schedule
from portfolio.model.landing import Connection as ConnectionRow
from portfolio.model.oversight import SyncRun, SyncRunStream
from portfolio.model.people import Person
from portfolio.model.resources import Scenario
from portfolio.model.structure import Portfolio, Program, Project, ProjectRef, StatusUpdate
from portfolio.model.work import Baseline, BaselineItem, Dependency, ItemVersion, Milestone, WorkItem

LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)


def at_noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


class Rows:
    """Writes rows through one connection; every method returns the new id."""

    def __init__(self, connection: Connection, numbers: Iterator[int] | None = None) -> None:
        self.db = connection
        self._number = numbers or count(1)

    def add(self, table: Any, **values: Any) -> int:
        return int(self.db.execute(insert(table).values(**values).returning(table.id)).scalar_one())

    def connection(self, name: str = "Jira EU", tracker: str = "jira", **values: Any) -> int:
        row = {
            "address": f"https://{tracker}.invalid",
            "settings": f'{{"tracker": "{tracker}", "address": "https://{tracker}.invalid", "sign_in": "cloud_token", '
            '"account": "secret-account@example.invalid"}',
            "secret_ref": "env:SECRET_NAME",
            "enabled": True,
            "created_at": LONG_AGO,
        }
        return self.add(ConnectionRow, name=name, tracker=tracker, **(row | values))

    def own_kpi(self, name: str, words: str, now: datetime, formula: str = "overdue / open_items") -> str:
        """A KPI of the organisation's own; returns its id."""
        own = OwnKpi(name=name, words=words, unit="ratio", direction="-", formula=formula)
        kpi_id, wanted = wanted_own(self.db, None, own)
        decide(self.db, wanted, number_in_force(self.db), now, "ada", SYSTEM)
        return kpi_id

    def scenario(self, owner_id: int, name: str, now: datetime, operations: str = "[]", *, shared: bool = False) -> int:
        row = {"name": name, "shared": shared, "operations": operations, "created_at": now, "updated_at": now}
        return self.add(Scenario, owner_id=owner_id, **row)

    def person(self, name: str) -> int:
        return self.add(Person, name=name, active=True)

    def portfolio(self, name: str, owner_id: int | None = None) -> int:
        number = next(self._number)
        return self.add(
            Portfolio, code=f"F{number}", name=name, owner_id=owner_id, currency="EUR", fiscal_year_start_month=1
        )

    def program(self, name: str, portfolio_id: int | None = None, manager_id: int | None = None) -> int:
        number = next(self._number)
        return self.add(
            Program, code=f"G{number}", name=name, portfolio_id=portfolio_id, manager_id=manager_id, status="active"
        )

    def project(self, name: str, connection_id: int | None = None, **values: Any) -> int:
        number = next(self._number)
        row = {"code": f"P{number}", "status": "active"} | values
        project_id = self.add(Project, name=name, **row)
        if connection_id is not None:
            url = f"https://jira.invalid/browse/{row['code']}"
            self.add(
                ProjectRef,
                connection_id=connection_id,
                external_id=f"p{number}",
                key=row["code"],
                name=name,
                url=url,
                archived=False,
                project_id=project_id,
            )
        return project_id

    def item(
        self, project_id: int, connection_id: int, *, created: date, started: date | None = None, **values: Any
    ) -> int:
        """An item and its history: to do from `created`, in progress from `started`, done from `finished_on`."""
        number = next(self._number)
        finished = values.get("finished_on")
        category = "done" if finished else "in_progress" if started else "todo"
        row = {
            "key": f"IT-{number}",
            "url": f"https://jira.invalid/browse/IT-{number}",
            "title": f"Item {number}",
            "kind": "task",
            "tracker_kind": "Task",
            "status": {"todo": "Open", "in_progress": "In Progress", "done": "Done"}[category],
            "category": category,
            "flow": "active",
            "created_at": at_noon(created),
            "updated_at": at_noon(finished or started or created),
            "created_on": created,
            "started_on": started,
            "is_leaf": True,
            "labels": "",
            "synthetic": False,
            "profile_version": 1,
        } | values
        item_id = self.add(
            WorkItem, connection_id=connection_id, project_id=project_id, **({"external_id": str(number)} | row)
        )
        steps = [(created, "todo"), (started, "in_progress"), (finished, "done")]
        days = [(day, state) for day, state in steps if day is not None]
        # Two changes on one day: the state at the end of the day counts.
        days = [pair for place, pair in enumerate(days) if place + 1 == len(days) or days[place + 1][0] != pair[0]]
        for place, (day, state) in enumerate(days):
            self.db.execute(
                insert(ItemVersion).values(
                    item_id=item_id,
                    valid_from=day,
                    valid_to=days[place + 1][0] if place + 1 < len(days) else FAR,
                    project_id=project_id,
                    kind=row["kind"],
                    category=state,
                    flow=row["flow"],
                    start=row.get("start"),
                    due=row.get("due"),
                    started_on=started if started is not None and day >= started else None,
                    finished_on=finished if state == "done" else None,
                    estimate_s=row.get("estimate_s"),
                    points=row.get("points"),
                    assignee_id=row.get("assignee_id"),
                    synthetic=False,
                    created_on=created,
                    parent_from=None if row["is_leaf"] else created,
                    parent_to=None if row["is_leaf"] else FAR,
                )
            )
        return item_id

    def baseline(self, project_id: int, taken_on: date) -> int:
        """A baseline in force of all the items the project has, as they are planned now."""
        baseline_id = self.add(Baseline, project_id=project_id, version=1, taken_on=taken_on)
        planned = select(literal(baseline_id), WorkItem.id, WorkItem.start, WorkItem.due, WorkItem.estimate_s)
        names = ("baseline_id", "item_id", "start", "finish", "estimate_s")
        own = planned.where(WorkItem.project_id == project_id, WorkItem.is_leaf)
        self.db.execute(insert(BaselineItem).from_select(names, own))
        return baseline_id

    def milestone(self, project_id: int, connection_id: int, name: str, **values: Any) -> int:
        number = next(self._number)
        row = {"cancelled": False, "url": f"https://jira.invalid/versions/{number}"} | values
        return self.add(
            Milestone, connection_id=connection_id, external_id=f"m{number}", project_id=project_id, name=name, **row
        )

    def report(self, project_id: int, connection_id: int, rag: str | None, created_at: datetime, **values: Any) -> int:
        number = next(self._number)
        status = {"green": "on_track", "amber": "at_risk", "red": "off_track", None: "on_hold"}[rag]
        row = {"status": status, "title": f"Status {number}"} | values
        return self.add(
            StatusUpdate,
            connection_id=connection_id,
            external_id=f"u{number}",
            project_id=project_id,
            rag=rag,
            created_at=created_at,
            **row,
        )

    def link(self, connection_id: int, from_item_id: int, to_item_id: int) -> int:
        number = next(self._number)
        return self.add(
            Dependency,
            connection_id=connection_id,
            external_id=f"l{number}",
            type="FS",
            tracker_type="Blocks",
            from_external_id=str(from_item_id),
            to_external_id=str(to_item_id),
            from_item_id=from_item_id,
            to_item_id=to_item_id,
        )

    def run(
        self, connection_id: int, started_at: datetime, state: str = "done", seconds: int = 90, **values: Any
    ) -> int:
        ended = None if state == "running" else started_at + timedelta(seconds=seconds)
        row = {"mode": "full", "cause": "hand"} | values
        return self.add(
            SyncRun, connection_id=connection_id, state=state, started_at=started_at, finished_at=ended, **row
        )

    def stream(self, run_id: int, stream: str, *, created: int = 0, note: str | None = None, **counts: int) -> None:
        apart = {name: counts.pop(name, 0) for name in ("retired", "slices", "slices_done")}
        row = {"unchanged": 0, "updated": 0, "quarantined": 0, "created": created} | counts
        fetched = sum(row.values())
        self.row(SyncRunStream, run_id=run_id, stream=stream, fetched=fetched, note=note, **row, **apart)

    def row(self, table: Any, **values: Any) -> None:
        """A row of a table that has no id of its own."""
        self.db.execute(insert(table).values(**values))

    def schedule(
        self, connection_id: int, mode: str = "incremental", cron: str = "*/10 * * * *", **values: Any
    ) -> None:
        row = {"time_zone": "UTC", "enabled": True, "fired_at": LONG_AGO, "attempts": 0} | values
        self.row(Schedule, connection_id=connection_id, mode=mode, cron=cron, **row)

    def absence(self, connection_id: int, external_id: str, observed_at: datetime, **values: Any) -> None:
        row = {"stream": "items"} | values
        self.row(Absence, connection_id=connection_id, external_id=external_id, observed_at=observed_at, **row)

    def hold(self, connection_id: int, missing: int, total: int, made_at: datetime, **values: Any) -> None:
        row = {"run_id": 1} | values
        self.row(Hold, connection_id=connection_id, missing=missing, total=total, made_at=made_at, **row)

    def held(self, connection_id: int, reason: str, payload: bytes, now: datetime, **values: Any) -> int:
        number = next(self._number)
        row = {"stream": "items", "external_id": f"x{number}", "first_seen_at": now, "last_seen_at": now} | values
        return self.add(Quarantine, connection_id=connection_id, reason=reason, payload=payload, **row)

    def request(self, project_id: int, now: datetime, **values: Any) -> int:
        """A request for people of a project, asked by an account of its own."""
        number = next(self._number)
        user = self.add(User, name=f"asker {number}", origin="local", active=True, created_at=now, session_epoch=0)
        row = {"role": "Tester", "hours": Decimal(8), "start": now.date(), "end": now.date()} | values
        asked = Ask(project_id=project_id, **row)
        return ask_for(self.db, asked, "", now, Actor(ActorKind.USER, user), confirmed=True)
