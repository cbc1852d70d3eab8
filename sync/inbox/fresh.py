"""How many words are new since the mapping was approved: what whoever decides should hear of on any page."""

from __future__ import annotations

from sqlalchemy import Connection as Store
from sqlalchemy import select

from portfolio.model.landing import Connection, UnmappedValue
from sync import versions
from sync.inbox.meaning import Subject, said
from sync.mapping.profile import fold


def new_words(store: Store) -> int:
    """How many words were first seen after what is in force was approved, and are not decided yet, in a draft either.

    Fields are left out: trackers have many that nobody needs.
    """
    current = versions.in_force(store)
    if current is None:
        return 0
    draft = versions.draft(store)
    mapping = (draft or current).mapping
    query = (
        select(Connection.name, UnmappedValue.subject, UnmappedValue.value)
        .join(Connection, Connection.id == UnmappedValue.connection_id)
        .where(UnmappedValue.items > 0, UnmappedValue.first_seen_at > current.approved_at)
        .where(UnmappedValue.subject.in_([str(each) for each in Subject]))
    )
    rows = store.execute(query).all()
    decided = {key: said(mapping, key[0], Subject(key[1])) for key in {(row.name, row.subject) for row in rows}}
    found = {
        (subject, fold(value)) for connection, subject, value in rows if fold(value) not in decided[connection, subject]
    }
    return len(found)
