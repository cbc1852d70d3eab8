"""Work items and everything that hangs on them, a page at a time and as sets of rows.

Child rows (transitions, field changes, versions, memberships, sprints, assignees, attributes) of a changed item are
replaced as a whole. Parents, the ends of dependencies and leaves are settled after the pass, by `sync.write.settle`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, select, update

from connector.protocol import Stream
from portfolio.model.landing import RawRecord
from portfolio.model.work import Dependency, Milestone, WorkItem
from portfolio.store.upsert import Values, insert_values, upsert, upsert_values
from sync.mapping.items import ItemValues
from sync.mapping.projects import clean
from sync.tables import table_of
from sync.write import awaited
from sync.write.item_rows import CHILDREN, OWN, ItemRows, rows_of
from sync.write.ledger import Ledger
from sync.write.past import note_states, states
from sync.write.plans import drop_milestones, write_milestone_rows
from sync.write.settled import VERSIONS, Settled, as_settled, kept_epic, parenthood

_KEY = ["connection_id", "external_id"]
_COLUMNS = (*OWN, "parent_id", "profile_version", "mapped_hash")
Row = dict[str, Any]


class _Known(NamedTuple):
    id: int
    project_id: int | None
    inherits_project: bool
    kind: str
    mapped_kind: str
    parent_external_id: str | None
    parent_key: str | None
    parent_id: int | None
    mapped_hash: bytes | None
    as_mapped: bool


def write_items(
    store: Connection,
    ledger: Ledger,
    items: Sequence[ItemValues],
    gone_links: Collection[str] = (),
    *,
    again: bool = False,
) -> int:
    """Write mapped items and return how many were. `gone_links` are the ids of links they had and have no more.

    Of items that are mapped `again`, those are passed over that came out as they were last written; `bring_up` notes
    that they are of this profile now, too.
    """
    if not items:
        return 0
    ledger.unsettled = True
    ledger.people.meet(store, (person for item in items for person in item.people))
    known = _known(store, ledger, [item.record.external_id for item in items])
    rows = {item.record.external_id: rows_of(ledger, item) for item in items}
    for item in items:
        if unmapped := {*item.unmapped, *rows[item.record.external_id].unmapped}:
            ledger.unmapped.update(unmapped)
    awaited.note(store, ledger, items)
    if again:
        items = [item for item in items if not _same(rows[item.record.external_id], known.get(item.record.external_id))]
    _write(store, ledger, items, rows, known)
    _write_links(store, ledger, items, gone_links)
    ledger.touch(*{ledger.projects.get(member.project_id) for item in items for member in item.memberships})
    ledger.touch(*{known[item.record.external_id].project_id for item in items if item.record.external_id in known})
    return len(items)


def bring_up(store: Connection, ledger: Ledger) -> None:
    """Note of all live items that are landed that they are mapped by the ledger's profile: after all have been."""
    landed = select(RawRecord.id).where(
        RawRecord.connection_id == ledger.connection_id,
        RawRecord.stream == Stream.ITEMS.value,
        RawRecord.external_id == WorkItem.external_id,
    )
    behind = (
        WorkItem.connection_id == ledger.connection_id,
        WorkItem.deleted_at.is_(None),
        WorkItem.profile_version != ledger.profile_version,
    )
    statement = update(WorkItem).where(*behind, landed.exists()).values(profile_version=ledger.profile_version)
    store.execute(statement)


def _same(rows: ItemRows, known: _Known | None) -> bool:
    return known is not None and known.as_mapped and known.mapped_hash == rows.hash


def _write(
    store: Connection,
    ledger: Ledger,
    items: Sequence[ItemValues],
    rows: Mapping[str, ItemRows],
    known: Mapping[str, _Known],
) -> None:
    table = table_of(WorkItem)
    new = [item for item in items if item.record.external_id not in known]
    old = [item for item in items if item.record.external_id in known]
    before = states(store, [known[item.record.external_id].id for item in old])
    rows = {
        ident: as_settled(rows[ident], _settled(item, known.get(ident), before))
        for item in items
        for ident in (item.record.external_id,)
    }

    def own(item: ItemValues) -> Values:
        ident = item.record.external_id
        return _row(ledger, item, rows[ident], known.get(ident))

    # Apart: SQLite looks for each row that an upsert makes in every table that refers to items, and there are many.
    insert_values(store, table, _COLUMNS, list(map(own, new)))
    upsert_values(store, table, _COLUMNS, list(map(own, old)), _KEY)
    ids = {item.record.external_id: known[item.record.external_id].id for item in old}
    _forget_children(store, list(ids.values()))
    ids |= _new_ids(store, ledger, [item.record.external_id for item in new])
    for position, (model, columns) in enumerate(CHILDREN.items()):
        children = [
            (ids[item.record.external_id], *child)
            for item in items
            for child in rows[item.record.external_id].children[position]
        ]
        insert_values(store, table_of(model), ("item_id", *columns), children)
    after = {ids[ident]: rows[ident].children[VERSIONS] for item in items for ident in (item.record.external_id,)}
    note_states(store, ledger, before, after)
    _write_milestones(store, ledger, items, rows, ids)


def _settled(item: ItemValues, known: _Known | None, before: Mapping[int, Sequence[Values]]) -> Settled:
    """What settling decided of an item, and what it says itself gives no cause to decide again."""
    if known is None:
        return Settled(None, None, parenthood(()))
    inherited = not item.memberships and known.inherits_project and _same_parent(item, known)
    return Settled(
        known.project_id if inherited else None,
        known.kind if kept_epic(item, known.kind, known.mapped_kind) else None,
        parenthood(before.get(known.id, ())),
    )


def _same_parent(item: ItemValues, known: _Known) -> bool:
    return (known.parent_external_id, known.parent_key) == (item.record.parent_id, item.record.parent_key)


def _known(store: Connection, ledger: Ledger, external_ids: Sequence[str]) -> dict[str, _Known]:
    # What settling decided may hang on more than the item itself says: such an item is written anew.
    as_mapped = (
        WorkItem.deleted_at.is_(None) & WorkItem.inherits_project.is_(False) & (WorkItem.kind == WorkItem.mapped_kind)
    )
    query = select(
        WorkItem.external_id,
        WorkItem.id,
        WorkItem.project_id,
        WorkItem.inherits_project,
        WorkItem.kind,
        WorkItem.mapped_kind,
        WorkItem.parent_external_id,
        WorkItem.parent_key,
        WorkItem.parent_id,
        WorkItem.mapped_hash,
        as_mapped,
    ).where(WorkItem.connection_id == ledger.connection_id, WorkItem.external_id.in_(external_ids))
    return {row[0]: _Known(*row[1:]) for row in store.execute(query)}


def _new_ids(store: Connection, ledger: Ledger, external_ids: Sequence[str]) -> dict[str, int]:
    if not external_ids:
        return {}
    query = select(WorkItem.external_id, WorkItem.id).where(
        WorkItem.connection_id == ledger.connection_id, WorkItem.external_id.in_(external_ids)
    )
    return dict(store.execute(query).all())


def _row(ledger: Ledger, item: ItemValues, rows: ItemRows, known: _Known | None) -> Values:
    """The item's own row. What settling decides stays as it is, unless the item names another parent."""
    parent = known.parent_id if known is not None and _same_parent(item, known) else None
    return (*rows.own, parent, ledger.profile_version, rows.hash)


def _forget_children(store: Connection, item_ids: Sequence[int]) -> None:
    if not item_ids:
        return
    for model in CHILDREN:
        table = table_of(model)
        store.execute(delete(table).where(table.c.item_id.in_(item_ids)))


def _write_links(store: Connection, ledger: Ledger, items: Sequence[ItemValues], gone: Collection[str]) -> None:
    own = Dependency.connection_id == ledger.connection_id
    if gone:
        statement = delete(Dependency).where(own, Dependency.external_id == bindparam("link"))
        store.execute(statement, [{"link": ident} for ident in sorted(gone)])
    rows = {
        link.external_id: {"connection_id": ledger.connection_id, **link._asdict()}
        for item in items
        for link in item.links
    }
    upsert(store, table_of(Dependency), list(rows.values()), _KEY)


def _write_milestones(
    store: Connection,
    ledger: Ledger,
    items: Sequence[ItemValues],
    written: Mapping[str, ItemRows],
    ids: Mapping[str, int],
) -> None:
    rows: list[Row] = []
    no_more: list[int] = []
    for item in items:
        record, item_id = item.record, ids[item.record.external_id]
        if item.kind == "milestone":
            rows.append(
                {
                    "connection_id": ledger.connection_id,
                    # Versions and items of one tracker may share a number.
                    "external_id": f"item:{record.external_id}",
                    "item_id": item_id,
                    "project_id": written[record.external_id].own[OWN.index("project_id")],
                    "name": clean(record.title),
                    "url": record.url,
                    "baseline": item.history.first_due,
                    "due": item.due,
                    "finished_on": item.history.finished_on,
                    "cancelled": item.category == "cancelled",
                }
            )
        elif item_id in ledger.milestone_items:
            no_more.append(item_id)
    write_milestone_rows(store, rows)
    ledger.milestone_items.update(row["item_id"] for row in rows)
    if no_more:
        drop_milestones(store, select(Milestone.id).where(Milestone.item_id.in_(no_more)))
        ledger.milestone_items.difference_update(no_more)
