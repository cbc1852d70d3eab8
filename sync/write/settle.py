"""What can only be said once all items are there: parents, epics, ends of dependencies, worklogs' items, leaves.

Everything is set-based and touches only rows that would change, so settling twice writes nothing the second time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    ScalarSelect,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    null,
    select,
    update,
)

from portfolio.model.base import FAR
from portfolio.model.structure import ProjectRef
from portfolio.model.work import Dependency, ItemProject, ItemVersion, Milestone, WorkItem, Worklog
from sync.mapping.defaults import NAMESPACE
from sync.tables import table_of
from sync.write.ledger import Ledger
from sync.write.past import note

# How many sub-task levels may take their project from above; Asana allows five.
DEEPEST = 10

# The kinds an epic may be taken for when its type goes by another name.
EPIC_IN_DISGUISE = ("story", "task", "other")

ITEM = table_of(WorkItem)
OTHER = ITEM.alias("other")
HIGHER = ITEM.alias("higher")


def settle(store: Connection, ledger: Ledger) -> None:
    """Bring the connection's items into their final relations."""
    _parents(store, ledger.connection_id)
    _epics(store, ledger)
    _inherit_projects(store, ledger)
    _dependencies(store, ledger.connection_id)
    _worklogs(store, ledger)
    _leaves(store, ledger)
    ledger.unsettled = False


def _item_with(connection_id: int, column: Column[Any], value: Column[Any]) -> ScalarSelect[Any]:
    """The id of the connection's item whose `column` has the outer row's `value`; of several the newest."""
    # A key may have belonged to several items in turn.
    found = select(func.max(OTHER.c.id)).where(OTHER.c.connection_id == connection_id, OTHER.c[column.name] == value)
    return found.correlate_except(OTHER).scalar_subquery()


def _parents(store: Connection, connection_id: int) -> None:
    named = ((ITEM.c.external_id, ITEM.c.parent_external_id), (ITEM.c.key, ITEM.c.parent_key))
    for column, value in named:
        parent = _item_with(connection_id, column, value)
        open_end = (ITEM.c.connection_id == connection_id, ITEM.c.parent_id.is_(None), value.is_not(None))
        store.execute(update(ITEM).where(*open_end, parent.is_not(None), parent != ITEM.c.id).values(parent_id=parent))


def _epics(store: Connection, ledger: Ledger) -> None:
    """What items name as their epic is one, whatever its type is called.

    Jira Data Center tells no level of a type. But only an epic, or what stands above epics, can be named as parent by
    key alone: sub-tasks name theirs by id, and so does every item where the tracker tells levels. A kind that a label
    gave stays, and so does one that says more than that there is work. One that is named no more, is what its type says
    again; so is its past, as far as it was an epic's.
    """
    named = select(OTHER.c.parent_id).where(
        OTHER.c.connection_id == ledger.connection_id,
        OTHER.c.parent_id.is_not(None),
        OTHER.c.parent_external_id.is_(None),
        OTHER.c.kind != "subtask",
        OTHER.c.deleted_at.is_(None),
    )
    own = (
        ITEM.c.connection_id == ledger.connection_id,
        ITEM.c.mapped_kind.in_(EPIC_IN_DISGUISE),
        func.lower(ITEM.c.labels).not_like(f"%{NAMESPACE}%"),
    )
    past = table_of(ItemVersion)
    hidden = (*own, ITEM.c.kind != "epic", ITEM.c.id.in_(named))
    bare = (*own, ITEM.c.kind == "epic", ITEM.c.id.not_in(named))
    mapped = select(ITEM.c.mapped_kind).where(ITEM.c.id == past.c.item_id).scalar_subquery()
    for wrong, before, past_kind, kind in (
        (hidden, EPIC_IN_DISGUISE, literal("epic"), literal("epic")),
        (bare, ("epic",), mapped, ITEM.c.mapped_kind),
    ):
        renamed = (past.c.kind.in_(before), past.c.item_id.in_(select(ITEM.c.id).where(*wrong)))
        first = select(past.c.project_id, func.min(past.c.valid_from)).where(*renamed).group_by(past.c.project_id)
        note(store, ledger, [(ident, day) for ident, day in store.execute(first)])
        store.execute(update(past).where(*renamed).values(kind=past_kind))
        ledger.touch(*store.scalars(select(ITEM.c.project_id).where(*wrong).distinct()).all())
        store.execute(update(ITEM).where(*wrong).values(kind=kind))


def _inherit_projects(store: Connection, ledger: Ledger) -> None:
    """An item in no project of its own (a sub-task shown only below its parent) counts to its parent's project.

    Its past does too, but for the time in which it was in another project than the one it now leaves. From above to
    below: an item waits until its parent has its project, lest it lose its own on the way.
    """
    parent = select(OTHER.c.project_id).where(OTHER.c.id == ITEM.c.parent_id).correlate_except(OTHER)
    above = parent.scalar_subquery()
    beyond = select(HIGHER.c.project_id).where(HIGHER.c.id == OTHER.c.parent_id).correlate_except(HIGHER)
    waiting = exists().where(
        OTHER.c.id == ITEM.c.parent_id,
        OTHER.c.inherits_project.is_(True),
        OTHER.c.project_id.is_distinct_from(beyond.scalar_subquery()),
    )
    wrong = (
        ITEM.c.connection_id == ledger.connection_id,
        ITEM.c.inherits_project.is_(True),
        ITEM.c.project_id.is_distinct_from(above),
        ~waiting.correlate_except(OTHER),
    )
    moving = select(ITEM.c.id).where(*wrong)
    for _ in range(DEEPEST):
        ends = store.execute(select(ITEM.c.project_id, above).where(*wrong).distinct()).all()
        if not ends:
            break
        ledger.touch(*(project for pair in ends for project in pair))
        _note_moves(store, ledger, wrong, above)
        for table in (table_of(ItemVersion), table_of(Milestone)):
            before = select(ITEM.c.project_id).where(ITEM.c.id == table.c.item_id).scalar_subquery()
            after = select(OTHER.c.project_id).join(ITEM, ITEM.c.parent_id == OTHER.c.id)
            follows = table.c.project_id.is_(None) | (table.c.project_id == before)
            moved = update(table).where(table.c.item_id.in_(moving), follows)
            store.execute(moved.values(project_id=after.where(ITEM.c.id == table.c.item_id).scalar_subquery()))
        shown = table_of(ItemProject)
        store.execute(delete(shown).where(shown.c.item_id.in_(moving)))
        to = select(ITEM.c.id, above, null(), literal(True)).where(*wrong, above.is_not(None))
        store.execute(insert(shown).from_select(["item_id", "project_id", "section", "is_primary"], to))
        store.execute(update(ITEM).where(*wrong).values(project_id=above))
    _inherit_sources(store, ledger)


def _note_moves(
    store: Connection, ledger: Ledger, wrong: Sequence[ColumnElement[bool]], above: ScalarSelect[Any]
) -> None:
    """Note from which day on the items that are about to follow their parents count elsewhere."""
    state = table_of(ItemVersion)
    follows = state.c.project_id.is_(None) | (state.c.project_id == ITEM.c.project_id)
    days = (
        select(state.c.project_id, above.label("above"), func.min(state.c.valid_from))
        .join_from(ITEM, state, state.c.item_id == ITEM.c.id)
        .where(*wrong, follows)
        .group_by(state.c.project_id, "above")
    )
    for before, after, day in store.execute(days).all():
        note(store, ledger, ((before, day), (after, day)))


def _inherit_sources(store: Connection, ledger: Ledger) -> None:
    """An item in no project of its own counts by what its parent counts by."""
    higher = (
        select(OTHER.c[name]).where(OTHER.c.id == ITEM.c.parent_id).correlate_except(OTHER).scalar_subquery()
        for name in ("home", "source")
    )
    home, source = higher
    wrong = (
        ITEM.c.connection_id == ledger.connection_id,
        ITEM.c.inherits_project.is_(True),
        ITEM.c.home.is_distinct_from(home) | ITEM.c.source.is_distinct_from(source),
    )
    for _ in range(DEEPEST):
        if not store.execute(update(ITEM).where(*wrong).values(home=home, source=source)).rowcount:
            break


def _dependencies(store: Connection, connection_id: int) -> None:
    link = table_of(Dependency)
    ends = (
        (link.c.from_item_id, link.c.from_external_id),
        (link.c.to_item_id, link.c.to_external_id),
    )
    for column, value in ends:
        # Ids before keys: a tracker that names the other end by key alone gives no id there.
        by_id, by_key = (_item_with(connection_id, known, value) for known in (ITEM.c.external_id, ITEM.c.key))
        item = func.coalesce(by_id, by_key)
        changed = (link.c.connection_id == connection_id, column.is_distinct_from(item))
        store.execute(update(link).where(*changed).values({column.name: item}))


def _worklogs(store: Connection, ledger: Ledger) -> None:
    """Worklogs that came before their items, and those that count to their item's project because they name none.

    That is the one the item was in on the day: what was spent stays where it was spent when the item moves on.
    """
    log = table_of(Worklog)
    own = log.c.connection_id == ledger.connection_id
    item = _item_with(ledger.connection_id, ITEM.c.external_id, log.c.item_external_id)
    waiting = (own, log.c.item_id.is_(None), log.c.item_external_id.is_not(None))
    store.execute(update(log).where(*waiting, item.is_not(None)).values(item_id=item))
    its = select(ITEM.c.project_id).where(ITEM.c.id == log.c.item_id).correlate_except(ITEM)
    state = table_of(ItemVersion)
    on_the_day = (state.c.valid_from <= log.c.work_date, state.c.valid_to > log.c.work_date)
    then = select(state.c.project_id).where(state.c.item_id == log.c.item_id, *on_the_day).correlate_except(state)
    present = its.scalar_subquery()
    home = case((then.exists(), then.scalar_subquery()), else_=present)
    claimed = its.where(ITEM.c.source.is_distinct_from(ITEM.c.home)).exists()
    named = select(ProjectRef.project_id).where(
        ProjectRef.connection_id == log.c.connection_id, ProjectRef.external_id == log.c.project_external_id
    )
    project = case((claimed, present), else_=func.coalesce(named.correlate(log).scalar_subquery(), home))
    wrong = (own, log.c.item_id.is_not(None), log.c.project_id.is_distinct_from(project))
    first = select(log.c.project_id, project.label("home"), func.min(log.c.work_date)).where(*wrong)
    ends = store.execute(first.group_by(log.c.project_id, "home")).all()
    if ends:
        ledger.touch(*(ident for before, after, _ in ends for ident in (before, after)))
        note(store, ledger, ((ident, day) for before, after, day in ends for ident in (before, after)))
        store.execute(update(log).where(*wrong).values(project_id=project))


def _leaves(store: Connection, ledger: Ledger) -> None:
    """A leaf is an item that no other one hangs on; a deleted child and a heading do not count."""
    own = ITEM.c.connection_id == ledger.connection_id
    hanging = (OTHER.c.parent_id == ITEM.c.id, OTHER.c.deleted_at.is_(None), OTHER.c.kind != "heading")
    child = exists().where(*hanging).correlate_except(OTHER)
    wrong = own & (ITEM.c.is_leaf == child)
    ledger.touch(*store.scalars(select(ITEM.c.project_id).where(wrong).distinct()).all())
    store.execute(update(ITEM).where(wrong).values(is_leaf=~child))
    _parenthood(store, ledger)


def _parenthood(store: Connection, ledger: Ledger) -> None:
    """Between which days other items hung on an item: from the first that came to the last that went."""
    state, childs = table_of(ItemVersion), table_of(ItemVersion).alias("childs")
    since = func.coalesce(OTHER.c.parent_since, OTHER.c.created_on)
    # The pasts of those alone that are gone: of all others it is known when they end.
    end = select(func.max(childs.c.valid_to)).where(childs.c.item_id == OTHER.c.id).correlate(OTHER).scalar_subquery()
    until = case((OTHER.c.deleted_at.is_(None), FAR), else_=end)
    hanging = (
        select(OTHER.c.parent_id, func.min(since).label("since"), func.max(until).label("until"))
        .where(OTHER.c.connection_id == ledger.connection_id, OTHER.c.kind != "heading", OTHER.c.parent_id.is_not(None))
        .group_by(OTHER.c.parent_id)
        .subquery()
    )
    own = select(ITEM.c.id).where(ITEM.c.connection_id == ledger.connection_id)
    is_other = state.c.parent_from.is_distinct_from(hanging.c.since) | state.c.parent_to.is_distinct_from(
        hanging.c.until
    )
    columns = (state.c.item_id, state.c.project_id, state.c.parent_from, state.c.parent_to)
    parents = (
        select(*columns, hanging.c.since, hanging.c.until)
        .join_from(state, hanging, hanging.c.parent_id == state.c.item_id)
        .where(is_other)
        .distinct()
    )
    childless = select(*columns, null(), null()).where(
        state.c.parent_from.is_not(None),
        state.c.item_id.in_(own),
        state.c.item_id.not_in(select(hanging.c.parent_id)),
    )
    wrong = [*store.execute(parents).all(), *store.execute(childless.distinct()).all()]
    note(store, ledger, ((row[1], _first_other(row[2:4], row[4:6])) for row in wrong))
    settled = {row[0]: {"item": row[0], "since": row[4], "until": row[5]} for row in wrong}
    if settled:
        right = update(state).where(state.c.item_id == bindparam("item"))
        store.execute(right.values(parent_from=bindparam("since"), parent_to=bindparam("until")), [*settled.values()])


def _first_other(before: Sequence[date | None], after: Sequence[date | None]) -> date:
    """The first day on which an item is a leaf after and was none before, or the other way round."""
    pairs = zip(before, after, strict=True)
    return min(day for was, becomes in pairs if was != becomes for day in (was, becomes) if day is not None)
