"""Two persons turn out to be one: everything that named the one names the other, and the one is gone."""

from __future__ import annotations

from sqlalchemy import Connection, Table, delete, select, update

from portfolio.model.base import Base
from portfolio.model.people import Person
from portfolio.model.work import FieldChange, ItemVersion, Transition
from sync.tables import table_of

# Columns that hold a person without a foreign key: history must not hold up the merging or leaving of people.
_WITHOUT_KEY = (
    (table_of(ItemVersion), "assignee_id"),
    (table_of(Transition), "by_id"),
    (table_of(FieldChange), "by_id"),
)


def merge_person(store: Connection, gone: int, stays: int) -> None:
    """Move all that belongs to person `gone` to person `stays`, then delete `gone`.

    Where both already stand in one place (two assignees of one item), that place keeps `stays` once.
    """
    person = table_of(Person)
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if any(key.column.table is person for key in column.foreign_keys):
                if column.primary_key:
                    _drop_doubles(store, table, column.name, gone, stays)
                store.execute(update(table).where(column == gone).values({column.name: stays}))
    for table, name in _WITHOUT_KEY:
        store.execute(update(table).where(table.c[name] == gone).values({name: stays}))
    store.execute(delete(Person).where(Person.id == gone))


def _drop_doubles(store: Connection, table: Table, name: str, gone: int, stays: int) -> None:
    others = [column for column in table.primary_key.columns if column.name != name]
    taken = select(*others).where(table.c[name] == stays)
    for row in store.execute(taken).mappings().all():
        same = [table.c[key] == value for key, value in row.items()]
        store.execute(delete(table).where(table.c[name] == gone, *same))
