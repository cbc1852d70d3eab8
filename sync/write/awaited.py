"""Names that items wait for: projects and sprints that the connection did not know when the item was mapped.

An unchanged item is not mapped again, so a project that becomes known later would never get it. What an item names in
vain is written down with it; once the name is known, the item is mapped again from its landed payload.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, select

from portfolio.model.landing import AwaitedName
from portfolio.model.structure import ProjectRef
from portfolio.model.work import Sprint
from portfolio.store.upsert import insert_values
from sync.mapping.items import ItemValues
from sync.tables import table_of
from sync.write.ledger import Ledger

PROJECT, SPRINT = "project", "sprint"
_COLUMNS = ("connection_id", "external_id", "subject", "name")


def note(store: Connection, ledger: Ledger, items: Sequence[ItemValues]) -> None:
    """Write down what these items name in vain, in place of what they did before."""
    rows = [
        (ledger.connection_id, item.record.external_id, *name)
        for item in items
        for name in sorted(_unknown(ledger, item))
    ]
    before = [item.record.external_id for item in items if item.record.external_id in ledger.awaiting]
    if before:
        own = AwaitedName.connection_id == ledger.connection_id
        store.execute(delete(AwaitedName).where(own, AwaitedName.external_id.in_(before)))
        ledger.awaiting.difference_update(before)
    insert_values(store, table_of(AwaitedName), _COLUMNS, rows)
    ledger.awaiting.update(str(row[1]) for row in rows)


def _unknown(ledger: Ledger, item: ItemValues) -> set[tuple[str, str]]:
    record, versions = item.record, item.history.versions
    projects = {member.project_id for member in record.memberships}
    if len(versions) > 1:
        projects.update(version[2] for version in versions if version[2])
    found = {(PROJECT, ident) for ident in projects if ident not in ledger.projects}
    found.update((SPRINT, ident) for ident in record.sprint_ids if ident not in ledger.sprints)
    return found


def answered(store: Connection, connection_id: int) -> list[str]:
    """The ids of items that wait for a name that is known by now."""
    own = AwaitedName.connection_id == connection_id
    found: set[str] = set()
    for subject, named in ((PROJECT, ProjectRef), (SPRINT, Sprint)):
        same = (named.connection_id == connection_id) & (named.external_id == AwaitedName.name)
        query = select(AwaitedName.external_id).join(named, same).where(own, AwaitedName.subject == subject)
        found.update(store.scalars(query.distinct()))
    return sorted(found)
