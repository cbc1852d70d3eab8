"""Claims: items that a source claims by what their own payloads do not say: what is below an epic, what a query finds.

They are settled set-based once the hierarchy is, at any depth; a hierarchy that runs in a circle ends all the same.
What changes is mapped again by the caller: a claim decides where an item counts, and has counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, time
from typing import Any

from sqlalchemy import CompoundSelect, Connection, Select, bindparam, delete, except_, func, insert, select, union

from connector.protocol import Reader, Stream
from connector.records import ProjectRecord, QueryRecord
from portfolio.model.people import PersonIdentity
from portfolio.model.structure import ProjectRef
from portfolio.model.work import ItemClaim, WorkItem
from sync.landing.raw import landed
from sync.mapping.sources import EPIC, QUERY
from sync.readers import readable
from sync.tables import table_of
from sync.write.ledger import Ledger

ITEM = table_of(WorkItem)
BELOW = ITEM.alias("below_it")
CLAIM = table_of(ItemClaim)
REF = table_of(ProjectRef)


def claims_of(store: Connection, ledger: Ledger, ids: Collection[str]) -> dict[str, list[str]]:
    """The sources that claim these items, by the items' ids."""
    found: dict[str, list[str]] = defaultdict(list)
    if ledger.rules.placer.claiming:
        own = (CLAIM.c.connection_id == ledger.connection_id, CLAIM.c.external_id.in_(ids))
        for ident, source in store.execute(select(CLAIM.c.external_id, CLAIM.c.source).where(*own)):
            found[ident].append(source)
    return found


def write_queries(_store: Connection, ledger: Ledger, _records: Sequence[QueryRecord]) -> dict[str, str]:
    """What queries find has changed. They claim from what is landed, once items are settled."""
    ledger.unsettled = True
    return {}


def settle_claims(store: Connection, ledger: Ledger, reader: Reader) -> list[str]:
    """Let epics claim what hangs below them now, queries what they were last seen to find, and nothing else.

    Returns the ids of the items that it changed for.
    """
    mine = CLAIM.c.connection_id == ledger.connection_id
    held = select(CLAIM.c.external_id, CLAIM.c.source).where(mine)
    if not ledger.rules.placer.claiming and store.execute(held.limit(1)).first() is None:
        return []
    of_epics = held.where(CLAIM.c.source.startswith(f"{EPIC}:"))
    wanted = _below(ledger.connection_id)
    gone, new = _pairs(store, except_(of_epics, wanted)), _pairs(store, except_(wanted, of_epics))
    found = _found(store, ledger, reader)
    before = set(_pairs(store, held.where(CLAIM.c.source.startswith(f"{QUERY}:"))))
    gone, new = [*gone, *sorted(before - found)], [*new, *sorted(found - before)]
    if gone:
        statement = delete(CLAIM).where(
            mine, CLAIM.c.external_id == bindparam("item"), CLAIM.c.source == bindparam("by")
        )
        store.execute(statement, [{"item": ident, "by": source} for ident, source in gone])
    if new:
        rows = [
            {"connection_id": ledger.connection_id, "external_id": ident, "source": source} for ident, source in new
        ]
        store.execute(insert(CLAIM), rows)
    return sorted({ident for ident, _ in (*gone, *new)})


def _found(store: Connection, ledger: Ledger, reader: Reader) -> set[tuple[str, str]]:
    """(item, query's source) of all that the queries that are sources find, as it is landed."""
    asked = [source.external_id for source in ledger.rules.placer.claiming if source.type == QUERY]
    told = readable(reader, landed(store, ledger.connection_id, Stream.QUERIES, asked).values())
    return {(ident, each.external_id) for each in told if isinstance(each, QueryRecord) for ident in each.item_ids}


def _pairs(store: Connection, query: CompoundSelect[Any] | Select[Any]) -> list[tuple[str, str]]:
    return [(row[0], row[1]) for row in store.execute(query).all()]


def _below(connection_id: int) -> Select[Any]:
    """(item, epic's source) of all that hangs below the epics that are sources, and of these themselves."""
    own = (REF.c.connection_id == connection_id, REF.c.source == EPIC)
    live = (ITEM.c.connection_id == connection_id, ITEM.c.deleted_at.is_(None))
    # Two statements rather than one with "or": each has its index.
    tops = union(
        *(
            select(REF.c.external_id.label("source"), ITEM.c.id.label("item_id")).where(*own, *live, known == REF.c.key)
            for known in (ITEM.c.external_id, ITEM.c.key)
        )
    ).cte("tops")
    reached = select(tops.c.source, tops.c.item_id).cte("reached", recursive=True)
    hanging = (BELOW.c.parent_id == reached.c.item_id, BELOW.c.deleted_at.is_(None))
    # A union without repetition: what has been reached before is not followed again.
    reached = reached.union(select(reached.c.source, BELOW.c.id).where(*hanging))
    return select(ITEM.c.external_id, reached.c.source).where(ITEM.c.id == reached.c.item_id)


def epics_as_projects(store: Connection, ledger: Ledger) -> list[ProjectRecord]:
    """What the epics that are sources say of their projects: name, dates, who they are assigned to, finished."""
    account = (
        select(func.min(PersonIdentity.external_id))
        .where(PersonIdentity.connection_id == ITEM.c.connection_id, PersonIdentity.person_id == ITEM.c.assignee_id)
        .scalar_subquery()
    )
    query = select(
        REF.c.external_id,
        ITEM.c.title,
        ITEM.c.url,
        ITEM.c.start,
        ITEM.c.due,
        ITEM.c.category,
        ITEM.c.finished_on,
        account,
    ).where(
        REF.c.connection_id == ledger.connection_id,
        REF.c.source == EPIC,
        ITEM.c.connection_id == ledger.connection_id,
        ITEM.c.deleted_at.is_(None),
        (ITEM.c.external_id == REF.c.key) | (ITEM.c.key == REF.c.key),
    )
    return [
        ProjectRecord(
            external_id=source,
            key="",
            name=title,
            url=url,
            start=start,
            due=due,
            lead_id=lead,
            completed=category in ("done", "cancelled"),
            completed_at=None if finished is None else datetime.combine(finished, time(), ledger.rules.zone),
        )
        for source, title, url, start, due, category, finished, lead in store.execute(query)
    ]
