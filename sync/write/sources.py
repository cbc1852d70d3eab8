"""Which source feeds which project: the references brought in line with the project rules, and whether anything feeds
a project at all.

Rows only: where items count follows when they are mapped again. A project that nothing feeds any more keeps its row,
its code and its readings, and is out of everything until something feeds it again.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable
from typing import NamedTuple

from sqlalchemy import Connection, delete, exists, insert, select, update

from portfolio.model.structure import Project, ProjectRef
from portfolio.store.locks import Lock, exclusive
from portfolio.store.upsert import insert_values
from sync.mapping.sources import PROJECT, FedSource
from sync.tables import table_of
from sync.write.ledger import Ledger

_COLUMNS = (
    "connection_id", "external_id", "key", "name", "url", "archived", "source", "is_primary", "within", "project_id",
    "own_project_id", "deleted_at",
)  # fmt: skip


class _Reference(NamedTuple):
    id: int
    external_id: str
    source: str
    project_id: int | None
    own_project_id: int | None
    is_primary: bool
    placed_portfolio_id: int | None
    placed_program_id: int | None


class _Feed(NamedTuple):
    project_id: int | None
    is_primary: bool


def feed(store: Connection, ledger: Ledger) -> None:
    """Bring the connection's references in line with the ledger's profile; projects are made where they are new."""
    exclusive(store, Lock.STRUCTURE)
    sources = {source.external_id: source for source in ledger.rules.profile.placing.sources}
    known = _references(store, ledger.connection_id)
    codes = _projects_of_codes(store, sources.values())
    ruled = set(store.scalars(select(Project.id).where(Project.code.in_(ledger.rules.profile.placing.codes))))
    gone = [each for each in known if _is_gone(each, sources)]
    moved = [(each, _wanted(each, sources, codes, ruled)) for each in known if not _is_gone(each, sources)]
    moved = [(each, to) for each, to in moved if (each.project_id, each.is_primary) != to]
    _take_places_back(store, [*gone, *(each for each, to in moved if each.project_id != to.project_id)])
    store.execute(delete(ProjectRef).where(ProjectRef.id.in_([each.id for each in gone])))
    for each, to in moved:
        columns = {"project_id": to.project_id, "is_primary": to.is_primary}
        store.execute(update(ProjectRef).where(ProjectRef.id == each.id).values(**columns))
        ledger.touch(each.project_id, to.project_id)
    ledger.touch(*(each.project_id for each in gone))
    there = {each.external_id for each in known}
    new = [source for source in sources.values() if source.type != PROJECT and source.external_id not in there]
    insert_values(store, table_of(ProjectRef), _COLUMNS, [_row(ledger, source, codes) for source in new])
    ledger.learn_sources(store)


def _is_gone(each: _Reference, sources: Container[str]) -> bool:
    return each.source != PROJECT and each.external_id not in sources


def _references(store: Connection, connection_id: int) -> list[_Reference]:
    query = select(*(getattr(ProjectRef, name) for name in _Reference._fields))
    return [_Reference(*row) for row in store.execute(query.where(ProjectRef.connection_id == connection_id))]


def _projects_of_codes(store: Connection, sources: Iterable[FedSource]) -> dict[str, int]:
    """The projects that sources feed, by code; made where they are new, not fed as long as no item has been mapped."""
    wanted: dict[str, str] = {}
    for source in sources:
        if source.code:
            wanted.setdefault(source.code, source.title or source.code)
    found: dict[str, int] = dict(store.execute(select(Project.code, Project.id).where(Project.code.in_(wanted))).all())
    for code, name in wanted.items():
        if code not in found:
            row = {"code": code, "name": name, "fed": False}
            found[code] = store.execute(insert(Project).values(**row).returning(Project.id)).scalar_one()
    return found


def _wanted(each: _Reference, sources: dict[str, FedSource], codes: dict[str, int], ruled: Collection[int]) -> _Feed:
    source = sources.get(each.external_id)
    if source is not None:
        return _Feed(codes.get(source.code), source.is_primary)
    return _Feed(each.own_project_id, each.own_project_id not in ruled)


def _row(ledger: Ledger, source: FedSource, codes: dict[str, int]) -> tuple[object, ...]:
    project_id = codes.get(source.code)
    return (
        ledger.connection_id, source.external_id, source.name, source.shown, "", False, source.type, source.is_primary,
        source.within or None, project_id, None, None,
    )  # fmt: skip


def _take_places_back(store: Connection, references: Collection[_Reference]) -> None:
    """The place that a source gave its project, where that still stands: what feeds it from now on gives its own."""
    for each in references:
        placed = {"portfolio_id": each.placed_portfolio_id, "program_id": each.placed_program_id}
        if any(ident is not None for ident in placed.values()):
            same = [getattr(Project, name).is_not_distinct_from(ident) for name, ident in placed.items()]
            nowhere = update(Project).where(Project.id == each.project_id, *same)
            store.execute(nowhere.values(portfolio_id=None, program_id=None))
            empty = update(ProjectRef).where(ProjectRef.id == each.id)
            store.execute(empty.values(placed_portfolio_id=None, placed_program_id=None))


def mark_fed(store: Connection) -> list[int]:
    """Let projects in that something feeds by now, and those out that nothing does. Returns the ids of both."""
    feeds = exists().where(ProjectRef.project_id == Project.id)
    changed = list(store.scalars(select(Project.id).where(Project.fed != feeds)))
    if changed:
        store.execute(update(Project).where(Project.id.in_(changed)).values(fed=~Project.fed))
    return changed
