"""Takes what is there no more out of the portfolio. Items are kept in history; of other records the payload is kept."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from sqlalchemy import Connection, and_, bindparam, delete, exists, or_, select, update
from sqlalchemy.orm import aliased

from connector.protocol import Stream
from portfolio.model.base import FAR, Base
from portfolio.model.landing import Cursor
from portfolio.model.people import Allocation, Person, PersonIdentity, Team, TeamMember, TimeOff
from portfolio.model.structure import Objective, ObjectiveLink, ObjectiveProject, ProjectRef, StatusUpdate
from portfolio.model.work import ItemProject, ItemSprint, ItemVersion, Milestone, Sprint, WorkItem, Worklog
from portfolio.store.locks import Lock, exclusive
from sync.landing import raw
from sync.tables import table_of
from sync.write import past
from sync.write.ledger import Ledger
from sync.write.members import write_members
from sync.write.past_milestones import note_milestones_gone
from sync.write.plans import drop_milestones, touch_serving


def retire(store: Connection, ledger: Ledger, stream: Stream, verdicts: Mapping[str, str]) -> None:
    """Retire these records of a stream, some hundred at most. What is retired already stays as it is."""
    ids = list(verdicts)
    if stream is Stream.ITEMS:
        _items(store, ledger, verdicts)
        raw.retire(store, ledger.connection_id, Stream.CHANGES, ids, ledger.now)
    elif stream in _RETIRING:
        _RETIRING[stream](store, ledger, ids)
    raw.retire(store, ledger.connection_id, stream, ids, ledger.now)


def _items(store: Connection, ledger: Ledger, verdicts: Mapping[str, str]) -> None:
    """An item's last version ends today: it counts up to yesterday, and from today on no more."""
    own = (WorkItem.connection_id == ledger.connection_id, WorkItem.external_id.in_(verdicts))
    query = select(WorkItem.id, WorkItem.external_id, WorkItem.project_id).where(*own, WorkItem.deleted_at.is_(None))
    found = store.execute(query).all()
    if not found:
        return
    item = table_of(WorkItem)
    gone = update(item).where(item.c.id == bindparam("item")).values(deleted_at=ledger.now, gone=bindparam("verdict"))
    store.execute(gone, [{"item": row.id, "verdict": verdicts[row.external_id]} for row in found])
    today = ledger.today
    these = ItemVersion.item_id.in_([row.id for row in found])
    store.execute(delete(ItemVersion).where(these, ItemVersion.valid_from >= today))
    store.execute(update(ItemVersion).where(these, ItemVersion.valid_to == FAR).values(valid_to=today))
    shown = select(ItemProject.project_id).where(ItemProject.item_id.in_([row.id for row in found])).distinct()
    ledger.touch(*(row.project_id for row in found), *store.scalars(shown))
    # Its parent may be a leaf now.
    ledger.unsettled = True


def _projects(store: Connection, ledger: Ledger, ids: Sequence[str]) -> None:
    own = (ProjectRef.connection_id == ledger.connection_id, ProjectRef.external_id.in_(ids))
    store.execute(update(ProjectRef).where(*own).values(deleted_at=ledger.now))
    # If it comes back, what changed meanwhile is not all there is to read.
    store.execute(delete(Cursor).where(Cursor.connection_id == ledger.connection_id, Cursor.slice.in_(ids)))
    ledger.touch(*store.scalars(select(ProjectRef.project_id).where(*own)))


def _people(store: Connection, ledger: Ledger, ids: Sequence[str]) -> None:
    own = (PersonIdentity.connection_id == ledger.connection_id, PersonIdentity.external_id.in_(ids))
    store.execute(update(PersonIdentity).where(*own).values(active=False))
    theirs = select(PersonIdentity.person_id).where(*own)
    still = exists().where(PersonIdentity.person_id == Person.id, PersonIdentity.active)
    store.execute(update(Person).where(Person.id.in_(theirs)).values(active=still))


def _milestones(store: Connection, ledger: Ledger, ids: Sequence[str]) -> None:
    own = (Milestone.connection_id == ledger.connection_id, Milestone.external_id.in_(ids))
    note_milestones_gone(store, ledger, and_(*own))
    ledger.touch(*store.scalars(select(Milestone.project_id).where(*own).distinct()))
    drop_milestones(store, select(Milestone.id).where(*own))


def _touching(model: type[Base]) -> Callable[[Connection, Ledger, Sequence[str]], None]:
    """Deletes rows whose project has figures made of them."""

    def drop(store: Connection, ledger: Ledger, ids: Sequence[str]) -> None:
        table = table_of(model)
        own = (table.c.connection_id == ledger.connection_id, table.c.external_id.in_(ids))
        ledger.touch(*store.scalars(select(table.c.project_id).where(*own).distinct()))
        store.execute(delete(table).where(*own))

    return drop


def _dated(model: type[Base], on: str) -> Callable[[Connection, Ledger, Sequence[str]], None]:
    """The same for rows of a day: with them the past of their projects is another."""
    touching = _touching(model)

    def drop(store: Connection, ledger: Ledger, ids: Sequence[str]) -> None:
        past.note_gone(store, ledger, model, ids, on)
        touching(store, ledger, ids)

    return drop


def _with(children: Collection[tuple[type[Base], str]], model: type[Base]) -> Callable[..., None]:
    """Deletes rows after those that hang on them."""

    def drop(store: Connection, ledger: Ledger, ids: Sequence[str]) -> None:
        table = table_of(model)
        own = (table.c.connection_id == ledger.connection_id, table.c.external_id.in_(ids))
        found = select(table.c.id).where(*own)
        for child, name in children:
            store.execute(delete(table_of(child)).where(table_of(child).c[name].in_(found)))
        store.execute(delete(table).where(*own))

    return drop


def _teams(store: Connection, ledger: Ledger, ids: Sequence[str]) -> None:
    """Nobody is in them any more; those that somebody was in stay, with who was in them and until when."""
    own = (Team.connection_id == ledger.connection_id, Team.external_id.in_(ids))
    found = list(store.scalars(select(Team.id).where(*own)))
    write_members(store, found, found, (), ledger.now.astimezone(ledger.rules.zone).date())
    store.execute(delete(Team).where(*own, Team.id.not_in(select(TeamMember.team_id))))


def _sprints(store: Connection, ledger: Ledger, ids: Sequence[str]) -> None:
    _with([(ItemSprint, "sprint_id")], Sprint)(store, ledger, ids)
    for ident in ids:
        ledger.sprints.pop(ident, None)


def _goals(store: Connection, ledger: Ledger, ids: Sequence[str]) -> None:
    """What the tracker told of them goes. One of which anything was said here stays, as gone: it counts for nothing,
    and goes on where it was if it comes back."""
    exclusive(store, Lock.STRUCTURE)
    own = (Objective.connection_id == ledger.connection_id, Objective.external_id.in_(ids))
    found = list(store.scalars(select(Objective.id).where(*own)))
    touch_serving(store, ledger, found)
    if found:
        ledger.touch_all()
    store.execute(delete(ObjectiveProject).where(ObjectiveProject.objective_id.in_(found)))
    part = aliased(Objective)
    said = or_(
        Objective.entered_at.is_not(None),
        exists().where(ObjectiveLink.objective_id == Objective.id),
        exists().where(part.parent_id == Objective.id),
    )
    kept = list(store.scalars(select(Objective.id).where(*own, said)))
    store.execute(update(Objective).where(Objective.id.in_(kept)).values(gone_at=ledger.now))
    store.execute(delete(Objective).where(Objective.id.in_(set(found).difference(kept))))


_RETIRING: Mapping[Stream, Callable[[Connection, Ledger, Sequence[str]], None]] = {
    Stream.PROJECTS: _projects,
    Stream.PEOPLE: _people,
    Stream.SPRINTS: _sprints,
    Stream.MILESTONES: _milestones,
    Stream.STATUS_UPDATES: _dated(StatusUpdate, "created_at"),
    Stream.ALLOCATIONS: _touching(Allocation),
    Stream.WORKLOGS: _dated(Worklog, "work_date"),
    Stream.TIME_OFF: _with([], TimeOff),
    Stream.TEAMS: _teams,
    Stream.GOALS: _goals,
}
