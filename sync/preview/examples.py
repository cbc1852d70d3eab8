"""Twenty items that change, before and after. Spread over what changes and how.

Of each aspect the first items of each way it changes are taken, the aspects in turn, until there are enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, zip_longest
from typing import Any

from sqlalchemy import Connection as Store
from sqlalchemy import FromClause, func, or_, select

from portfolio.model.landing import Connection
from portfolio.model.mapping import ItemAttribute, ItemTemplate
from portfolio.model.work import Dependency, ItemAssignee
from portfolio.store.shadow import Shadow
from sync.preview.compare import CHANGED, ITEM, MOVING, OWN, project_names
from sync.preview.result import ASPECTS, Example, Turn
from sync.preview.told import told_of
from sync.tables import table_of
from sync.write.page import Desk

MOST = 20
_COLUMNS = {**OWN, "history": ("started_on", "finished_on")}
Values = dict[str, str | None]


def choose(ours: Shadow, desks: Mapping[int, Desk]) -> tuple[Example, ...]:
    """The examples. `desks` are those the connections were mapped at, by id."""
    ids = list(dict.fromkeys(_in_turn(_some(ours, aspect) for aspect in ASPECTS)))[:MOST]
    flags = {row.item_id: row for row in ours.store.execute(select(CHANGED).where(CHANGED.c.item_id.in_(ids)))}
    aspects = {ident: [name for name in ASPECTS if getattr(flags[ident], name)] for ident in ids}
    before, after = (_values(ours, ids, real=real) for real in (True, False))
    columns = (ITEM.c.id, ITEM.c.connection_id, ITEM.c.external_id, ITEM.c.key, ITEM.c.title, ITEM.c.url)
    query = select(*columns, Connection.name).join(Connection, Connection.id == ITEM.c.connection_id)
    rows = {row.id: row for row in ours.store.execute(query.where(ITEM.c.id.in_(ids)))}
    said = told_of(ours.store, desks, {ident: (rows[ident][1], rows[ident][2], aspects[ident]) for ident in ids})
    return tuple(
        Example(
            item_id=ident,
            connection=rows[ident].name,
            key=rows[ident].key,
            title=rows[ident].title,
            url=rows[ident].url,
            said=said.get(ident, ()),
            turns=tuple(_turns(aspects[ident], before[ident], after[ident])),
        )
        for ident in ids
    )


def _some(ours: Shadow, aspect: str) -> Sequence[int]:
    """Some items that change in an aspect: one of each way it does, then a second of each, and so on."""
    before = ours.real(ITEM).alias("before")
    ways = (before.c[OWN[aspect][0]], ITEM.c[OWN[aspect][0]]) if aspect in MOVING else (ITEM.c.project_id,)
    place = func.row_number().over(partition_by=(ITEM.c.connection_id, *ways), order_by=ITEM.c.id).label("place")
    query = select(ITEM.c.id, place).join(CHANGED, CHANGED.c.item_id == ITEM.c.id)
    placed = query.join(before, before.c.id == ITEM.c.id).where(CHANGED.c[aspect] == 1).subquery()
    return ours.store.scalars(select(placed.c.id).order_by(placed.c.place, placed.c.id).limit(MOST)).all()


def _in_turn(lists: Iterable[Sequence[int]]) -> Iterator[int]:
    return (ident for ident in chain.from_iterable(zip_longest(*lists)) if ident is not None)


def _turns(aspects: Sequence[str], before: Mapping[str, Values], after: Mapping[str, Values]) -> Iterator[Turn]:
    for aspect in aspects:
        old, new = before.get(aspect, {}), after.get(aspect, {})
        for field in dict.fromkeys((*old, *new)):
            if old.get(field) != new.get(field):
                yield Turn(aspect, field, old.get(field), new.get(field))


def _values(ours: Shadow, ids: Sequence[int], *, real: bool) -> dict[int, dict[str, Values]]:
    """Item -> aspect -> field -> value as text, on one side."""
    store, side = ours.store, ours.real if real else lambda table: table
    item, projects = side(ITEM), project_names(ours, real=real)
    found: dict[int, dict[str, Values]] = {}
    for row in store.execute(select(item).where(item.c.id.in_(ids))):
        held = row._mapping
        found[row.id] = {aspect: {name: _text(held[name]) for name in names} for aspect, names in _COLUMNS.items()} | {
            "project": {"project_id": projects.get(row.project_id)}
        }
    attribute, template = side(table_of(ItemAttribute)), side(table_of(ItemTemplate))
    for row in store.execute(select(attribute).where(attribute.c.item_id.in_(ids))):
        value = next((each for each in (row.number, row.day, row.text, row.person_id) if each is not None), None)
        words = " ".join(filter(None, (_text(value), row.currency)))
        found[row.item_id].setdefault("attributes", {})[row.name] = words
    for row in store.execute(select(template).where(template.c.item_id.in_(ids))):
        found[row.item_id].setdefault("templates", {})[row.code] = row.evidence
    assignee = side(table_of(ItemAssignee))
    for row in store.execute(select(assignee).where(assignee.c.item_id.in_(ids))):
        found[row.item_id].setdefault("assignees", {})[str(row.person_id)] = "assigned"
    for ident, name, words in _links(store, side(table_of(Dependency)), ids):
        found[ident].setdefault("links", {})[name] = words
    return found


def _links(store: Store, link: FromClause, ids: Sequence[int]) -> Iterator[tuple[int, str, str]]:
    """(item, name of the other end, what the link is seen from the item)"""
    keys = {"from": ITEM.alias("from_item"), "to": ITEM.alias("to_item")}
    ends = [func.coalesce(keys[end].c.key, link.c[f"{end}_external_id"]).label(f"{end}_key") for end in keys]
    query = select(link.c.type, link.c.from_item_id, link.c.to_item_id, *ends)
    for end, item in keys.items():
        query = query.outerjoin(item, item.c.id == link.c[f"{end}_item_id"])
    ours = or_(link.c.from_item_id.in_(ids), link.c.to_item_id.in_(ids))
    for kind, first, second, first_key, second_key in store.execute(query.where(ours).order_by(link.c.id)):
        if first in ids:
            yield first, second_key, f"{kind}, before"
        if second in ids:
            yield second, first_key, f"{kind}, after"


def _text(value: Any) -> str | None:
    if isinstance(value, float):
        return f"{value:g}"
    return None if value is None else str(value)
