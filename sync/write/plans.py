"""What surrounds the work: teams, sprints, tracker milestones, status updates, goals, bookings, absences, worklogs.

Each function writes the records of one stream and returns, by id, the reasons of those that have no place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, delete, select, update

from connector.records import (
    AllocationRecord,
    GoalRecord,
    MilestoneRecord,
    PersonRecord,
    SprintRecord,
    StatusUpdateRecord,
    TeamRecord,
    TimeOffRecord,
    WorklogRecord,
)
from portfolio.model.base import FAR, Base
from portfolio.model.people import Allocation, Team, TimeOff
from portfolio.model.structure import Objective, ObjectiveLink, ObjectiveProject, StatusUpdate
from portfolio.model.work import BaselineMilestone, Milestone, MilestoneVersion, Sprint, WorkItem, Worklog
from portfolio.store.locks import Lock, exclusive
from portfolio.store.upsert import insert_values, upsert
from sync.mapping.profile import fold
from sync.mapping.projects import clean
from sync.mapping.transforms import MOST_SECONDS
from sync.tables import table_of
from sync.write import past
from sync.write.ledger import Ledger
from sync.write.members import write_members
from sync.write.past_milestones import note_milestones

_KEY = ["connection_id", "external_id"]
_MOST_BOOKED = {"percent": 999, "hours_per_day": 24, "total_hours": 999_999}
Reasons = dict[str, str]
InProject = TypeVar("InProject", StatusUpdateRecord, AllocationRecord)


def write_people(store: Connection, ledger: Ledger, records: Sequence[PersonRecord]) -> Reasons:
    """Write accounts from the list of people."""
    ledger.people.enlist(store, records)
    return {}


def write_teams(store: Connection, ledger: Ledger, records: Sequence[TeamRecord]) -> Reasons:
    """Write teams and who is in them."""
    rows = [{**_own(ledger, r.external_id), "name": clean(r.name)} for r in records]
    named = [record.external_id for record in records]
    before = _ids(store, Team, ledger, named)
    upsert(store, table_of(Team), rows, _KEY)
    ids = _ids(store, Team, ledger, named)
    told = ((r.external_id, ledger.people.person(member)) for r in records for member in r.member_ids)
    members = {(ids[team], person) for team, person in told if person is not None}
    today = ledger.now.astimezone(ledger.rules.zone).date()
    write_members(store, list(ids.values()), set(before.values()), members, today)
    return {}


def write_sprints(store: Connection, ledger: Ledger, records: Sequence[SprintRecord]) -> Reasons:
    """Write sprints and remember their ids for the items in them."""
    rows = [
        {
            **_own(ledger, r.external_id),
            "name": clean(r.name),
            "state": fold(r.state) or "future",
            "start_at": r.start,
            "end_at": r.end,
            "completed_at": r.completed,
            "start_on": None if r.start is None else ledger.rules.day(r.start),
            "end_on": None if r.completed is None else ledger.rules.day(r.completed),
        }
        for r in records
    ]
    upsert(store, table_of(Sprint), rows, _KEY)
    ledger.sprints |= _ids(store, Sprint, ledger, [record.external_id for record in records])
    return {}


def write_milestones(store: Connection, ledger: Ledger, records: Sequence[MilestoneRecord]) -> Reasons:
    """Write milestones that are no items. The first due date known is the baseline and stays.

    One that was released before it was first seen has none: its date is the day it was released, and held against
    itself it would always have been on time.
    """
    rows = [
        {
            **_own(ledger, r.external_id),
            "project_id": ledger.projects.get(r.project_id),
            "name": clean(r.name),
            "url": r.url,
            "baseline": None if r.released else r.due,
            "due": r.due,
            "finished_on": r.due if r.released else None,
            "cancelled": r.archived and not r.released,
        }
        for r in records
    ]
    note_milestones(store, ledger, rows)
    write_milestone_rows(store, rows)
    _remember_due(store, ledger, {record.external_id: record.due for record in records})
    ledger.touch(*(ledger.projects.get(record.project_id) for record in records))
    return {}


def _remember_due(store: Connection, ledger: Ledger, due_of: Mapping[str, date | None]) -> None:
    """Keep when milestones were due, since no tracker does: a new version where the date is another than the last."""
    today = ledger.now.astimezone(ledger.rules.zone).date()
    past = table_of(MilestoneVersion)
    ids = _ids(store, Milestone, ledger, list(due_of))
    current = select(past.c.milestone_id, past.c.due).where(
        past.c.milestone_id.in_(ids.values()), past.c.valid_to == FAR
    )
    known: dict[int, date | None] = dict(store.execute(current).all())
    changed = [
        (ident, due_of[name]) for name, ident in ids.items() if ident not in known or known[ident] != due_of[name]
    ]
    if not changed:
        return
    ends = (past.c.milestone_id.in_([ident for ident, _ in changed]), past.c.valid_to == FAR)
    store.execute(delete(past).where(*ends, past.c.valid_from >= today))
    store.execute(update(past).where(*ends).values(valid_to=today))
    rows = [(ident, today, FAR, due) for ident, due in changed]
    insert_values(store, past, ("milestone_id", "valid_from", "valid_to", "due"), rows)


def drop_milestones(store: Connection, ids: Select[int]) -> None:
    """Delete milestones, with what hangs on them."""
    for model in (MilestoneVersion, BaselineMilestone):
        store.execute(delete(model).where(model.milestone_id.in_(ids)))
    store.execute(delete(Milestone).where(Milestone.id.in_(ids)))


def write_milestone_rows(store: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Upsert milestones; `baseline` is only ever set where there was none."""
    if not rows:
        return
    upsert(store, table_of(Milestone), rows, _KEY, [name for name in rows[0] if name not in (*_KEY, "baseline")])
    for row in rows:
        if row["baseline"] is not None:
            same = (Milestone.connection_id == row["connection_id"], Milestone.external_id == row["external_id"])
            empty = update(Milestone).where(*same, Milestone.baseline.is_(None))
            store.execute(empty.values(baseline=row["baseline"]))


def write_status_updates(store: Connection, ledger: Ledger, records: Sequence[StatusUpdateRecord]) -> Reasons:
    """Write what projects report of themselves."""
    reasons, rows = {}, []
    for r in _placed(store, StatusUpdate, ledger, records):
        project_id = ledger.projects.get(r.project_id)
        if project_id is None:
            reasons[r.external_id] = _unknown_project(r.project_id)
            continue
        said = ledger.rules.reported(r.status)
        if said is None:
            ledger.unmapped["reported", r.status] += 1
        rows.append(
            {
                **_own(ledger, r.external_id),
                "project_id": project_id,
                "rag": said.rag if said else None,
                "status": r.status,
                "title": clean(r.title),
                "author_id": ledger.people.person(r.author_id),
                "created_at": r.created,
            }
        )
        ledger.touch(project_id)
    past.note_dated(store, ledger, StatusUpdate, rows, "created_at", ("rag",))
    upsert(store, table_of(StatusUpdate), rows, _KEY)
    return reasons


def write_goals(store: Connection, ledger: Ledger, records: Sequence[GoalRecord]) -> Reasons:
    """Write goals as objectives, and which projects serve them. What was said of them here stays beside it."""
    # Pages change them too, by what they have read. Taken before any other lock.
    exclusive(store, Lock.STRUCTURE)
    rows = [
        {
            **_own(ledger, r.external_id),
            "title": clean(r.name),
            "owner_id": ledger.people.person(r.owner_id),
            "due": r.due,
            "status": r.status,
            "gone_at": None,
        }
        for r in records
    ]
    before = _counting(store, ledger, records)
    upsert(store, table_of(Objective), rows, _KEY)
    if before != _counting(store, ledger, records):
        # That there is any makes every project one that serves it or does not, and those that nobody serves count too.
        ledger.touch_all()
    ids = _ids(store, Objective, ledger, [record.external_id for record in records])
    touch_serving(store, ledger, list(ids.values()))
    for r in records:
        wanted = {project for p in r.project_ids if (project := ledger.projects.get(p)) is not None}
        gone = delete(ObjectiveProject).where(ObjectiveProject.objective_id == ids[r.external_id])
        store.execute(gone.where(ObjectiveProject.project_id.not_in(wanted)))
        pairs = [{"objective_id": ids[r.external_id], "project_id": project} for project in sorted(wanted)]
        upsert(store, table_of(ObjectiveProject), pairs, ["objective_id", "project_id"], update=[])
        ledger.touch(*wanted)
    return {}


def _counting(store: Connection, ledger: Ledger, records: Sequence[GoalRecord]) -> set[tuple[Any, ...]]:
    """What figures are made of in goals."""
    it = Objective
    own = (it.connection_id == ledger.connection_id, it.external_id.in_([record.external_id for record in records]))
    query = select(it.external_id, it.status, it.due, it.gone_at).where(*own)
    return {tuple(row) for row in store.execute(query)}


def touch_serving(store: Connection, ledger: Ledger, objective_ids: Sequence[int]) -> None:
    """Have the figures of the projects that serve these objectives computed anew, whoever says that they do."""
    for link in (ObjectiveProject, ObjectiveLink):
        ledger.touch(*store.scalars(select(link.project_id).where(link.objective_id.in_(objective_ids)).distinct()))


def write_allocations(store: Connection, ledger: Ledger, records: Sequence[AllocationRecord]) -> Reasons:
    """Write bookings. One of a project that is not followed has no place."""
    reasons, rows = {}, []
    for r in _placed(store, Allocation, ledger, records):
        project_id = ledger.projects.get(r.project_id)
        if project_id is None:
            reasons[r.external_id] = _unknown_project(r.project_id)
        elif r.end < r.start:
            reasons[r.external_id] = f"the booking ends on {r.end} before it starts on {r.start}"
        elif (beyond := _beyond_reason(r)) is not None:
            reasons[r.external_id] = beyond
        else:
            rows.append(
                {
                    **_own(ledger, r.external_id),
                    "person_id": ledger.people.person(r.person_id),
                    "placeholder": clean(r.placeholder or "") or None,
                    "project_id": project_id,
                    "start": r.start,
                    "end": r.end,
                    "hours_per_day": r.hours_per_day,
                    "percent": r.percent,
                    "total_hours": r.total_hours,
                    "booked_at": ledger.now,
                }
            )
            ledger.touch(project_id)
    # When it was first seen stays: no tracker says when it was made.
    told = [name for name in rows[0] if name not in (*_KEY, "booked_at")] if rows else []
    upsert(store, table_of(Allocation), rows, _KEY, told)
    return reasons


def _beyond_reason(record: AllocationRecord) -> str | None:
    """Why an amount is none that can be kept: a slip of the pen is not to break off a run."""
    for what, most in _MOST_BOOKED.items():
        amount = getattr(record, what)
        if amount is not None and not 0 <= amount <= most:
            words = what.replace("_", " ")
            return f"a booking of {amount:.15g} {words} is beyond reason: 0 to {most} is not"
    return None


def write_time_off(store: Connection, ledger: Ledger, records: Sequence[TimeOffRecord]) -> Reasons:
    """Write absences. One of an unknown account has no place."""
    reasons, rows = {}, []
    for r in records:
        person_id = ledger.people.person(r.person_id)
        if person_id is None:
            reasons[r.external_id] = f"the account {r.person_id} is no person this connection knows"
        elif r.end < r.start:
            reasons[r.external_id] = f"the absence ends on {r.end} before it starts on {r.start}"
        else:
            rows.append({**_own(ledger, r.external_id), "person_id": person_id, "start": r.start, "end": r.end})
    upsert(store, table_of(TimeOff), rows, _KEY)
    return reasons


def write_worklogs(store: Connection, ledger: Ledger, records: Sequence[WorklogRecord]) -> Reasons:
    """Write time spent; it belongs to the project its item was in on the day where the tracker does not name one, and
    to the item's where a narrower source claims it."""
    wanted = {record.item_id for record in records if record.item_id}
    narrower = WorkItem.source.is_distinct_from(WorkItem.home)
    query = select(WorkItem.external_id, WorkItem.id, WorkItem.project_id, narrower).where(
        WorkItem.connection_id == ledger.connection_id, WorkItem.external_id.in_(wanted)
    )
    items = {ident: (item, project, claimed) for ident, item, project, claimed in store.execute(query)}
    places = past.places(store, [item for item, *_ in items.values()])
    reasons, rows = {}, []
    for r in records:
        if abs(r.seconds) > MOST_SECONDS:
            reasons[r.external_id] = f"an effort of {r.seconds} seconds is beyond reason"
            continue
        item_id, own_project, claimed = items.get(r.item_id or "", (None, None, False))
        then = next((each for each in places.get(item_id, ()) if each.since <= r.work_date < each.until), None)
        home = then.project_id if then is not None else own_project
        project_id = own_project if claimed else ledger.projects.get(r.project_id or "") or home
        rows.append(
            {
                **_own(ledger, r.external_id),
                "item_external_id": r.item_id,
                "item_id": item_id,
                "project_external_id": r.project_id,
                "project_id": project_id,
                "person_id": ledger.people.person(r.person_id),
                "work_date": r.work_date,
                "seconds": r.seconds,
                "billable": r.billable,
                "rejected": r.rejected,
            }
        )
        ledger.touch(project_id)
    past.note_dated(store, ledger, Worklog, rows, "work_date", ("seconds", "person_id", "billable", "rejected"))
    upsert(store, table_of(Worklog), rows, _KEY)
    return reasons


def _placed(store: Connection, model: type[Base], ledger: Ledger, records: Sequence[InProject]) -> list[InProject]:
    """The records without those of projects that feed nothing. These have no rows, and lose what they had."""
    out = {r.external_id for r in records if ledger.projects.get(r.project_id, 0) is None}
    if out:
        table = table_of(model)
        own = (table.c.connection_id == ledger.connection_id, table.c.external_id.in_(out))
        ledger.touch(*store.scalars(delete(table).where(*own).returning(table.c.project_id)))
    return [r for r in records if r.external_id not in out]


def _own(ledger: Ledger, external_id: str) -> dict[str, Any]:
    return {"connection_id": ledger.connection_id, "external_id": external_id}


def _unknown_project(project_id: str) -> str:
    return f"it belongs to project {project_id}, which this connection does not follow"


def _ids(store: Connection, model: type[Base], ledger: Ledger, external_ids: Sequence[str]) -> dict[str, int]:
    table = table_of(model)
    query = select(table.c.external_id, table.c.id).where(
        table.c.connection_id == ledger.connection_id, table.c.external_id.in_(external_ids)
    )
    return dict(store.execute(query).all())
