"""A made-up portfolio with its past, straight into a database: what facts are read from, and nothing else.

Items of two years, some 3.5 versions each, in projects of one size; one in ten is a parent. No people, no payloads. The
same numbers give the same rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import islice
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine, insert, text

from portfolio.model.base import FAR, Base
from portfolio.model.landing import Connection as Tracker
from portfolio.model.structure import Project
from portfolio.model.work import ItemVersion, WorkItem
from portfolio.store.engine import writing
from portfolio.store.migrate import upgrade
from portfolio.store.upsert import Values, insert_values
from sync.tables import table_of
from tests.portfolio.builders import noon

TODAY = date(2026, 3, 13)
FIRST = TODAY - timedelta(days=730)
_DAYS = [FIRST + timedelta(days=offset) for offset in range(1200)]
_KINDS = ("task", "story", "bug", "subtask", "milestone")
ALIKE = (
    "project_id", "kind", "category", "flow", "start", "due", "started_on", "finished_on", "estimate_s", "synthetic",
    "created_on",
)  # fmt: skip
ITEM = (
    "id", "connection_id", "external_id", "key", "url", "title", "inherits_project", "mapped_kind", "tracker_kind",
    "status", "created_at", "updated_at", "is_leaf", "labels", "profile_version", *ALIKE,
)  # fmt: skip
VERSION = (
    "item_id", "valid_from", "valid_to", "project_id", "kind", "category", "flow", "start", "due", "started_on",
    "finished_on", "estimate_s", "assignee_id", "synthetic", "created_on", "parent_from", "parent_to",
)  # fmt: skip
AT_ONCE = 10_000


def make(engine: Engine, items: int, projects: int) -> int:
    """Fill an empty database; returns how many versions there are."""
    upgrade(engine)
    count = 0
    with writing(engine) as store:
        if engine.dialect.name == "postgresql":
            # Nothing here refers to what is not there, and looking for it takes longer than all the rest.
            store.execute(text("SET LOCAL session_replication_role = replica"))
        store.execute(
            insert(Tracker).values(
                name="made up", tracker="jira", address="https://jira.example", settings="{}", secret_ref="store",
                created_at=noon(FIRST),
            )
        )  # fmt: skip
        named = [(f"P{number}", f"Project {number}") for number in range(1, projects + 1)]
        insert_values(store, table_of(Project), ("code", "name"), named)
        for batch in batched(_items(items, projects)):
            _put(store, WorkItem, ITEM, [_present(rows[-1]) for rows in batch])
            versions = [row for rows in batch for row in rows]
            _put(store, ItemVersion, VERSION, versions)
            count += len(versions)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as plain:
        plain.execute(text("ANALYZE" if engine.dialect.name == "sqlite" else "VACUUM ANALYZE"))
    return count


def batched(items: Iterator[list[Values]]) -> Iterator[list[list[Values]]]:
    while batch := list(islice(items, AT_ONCE)):
        yield batch


def _put(store: Connection, model: type[Base], columns: Sequence[str], rows: Sequence[Values]) -> None:
    if store.dialect.name == "sqlite":
        insert_values(store, table_of(model), columns, rows)
        return
    driver: Any = store.connection.driver_connection
    into = f"COPY {table_of(model).name} ({', '.join(columns)}) FROM STDIN"
    with driver.cursor() as cursor, cursor.copy(into) as copy:
        for row in rows:
            copy.write_row(row)


def _present(version: Values) -> Values:
    """The item that is now as its last version says."""
    of = dict(zip(VERSION, version, strict=True))
    ident, at, leaf = str(of["item_id"]), noon(of["created_on"]), of["parent_from"] is None
    own = (of["item_id"], 1, ident, ident, "", "", False, "", "Task", of["category"], at, at, leaf, "", 1)
    return (*own, *(of[name] for name in ALIKE))


def _items(items: int, projects: int) -> Iterator[list[Values]]:
    chance = np.random.default_rng(6)
    size = max(1, items // projects)
    for item_id in range(1, items + 1):
        project_id = min((item_id - 1) // size + 1, projects)
        created, wait, length, kind, fate, who, effort, due = (int(each) for each in chance.integers(0, 600, 8))
        yield _versions(item_id, project_id, created, 1 + wait // 6, 1 + length // 10, kind, fate, who, effort, due)


def _versions(
    item_id: int, project_id: int, created: int, wait: int, length: int, kind: int, fate: int, who: int, effort: int,
    due: int,
) -> list[Values]:  # fmt: skip
    """An item from its creation to what became of it by today: started, its date moved, done or cancelled."""
    today = (TODAY - FIRST).days
    parent = (_DAYS[created], FAR) if item_id % 10 == 0 else (None, None)
    started, moved, ended = created + wait, created + wait + length // 2 + 1, created + wait + length + 2
    states: list[tuple[int, str, str, int, int | None, int | None]] = [
        (created, "todo", "active", ended - 5, None, None)
    ]
    if started <= today:
        states.append((started, "in_progress", "blocked" if fate % 20 == 0 else "active", ended - 5, started, None))
    if moved <= today and due % 3:
        states.append((moved, "in_progress", "active", ended + due // 20, started, None))
    if ended <= today and fate < 540:
        category = "cancelled" if fate < 30 else "done"
        states.append((ended, category, "active", ended + due // 20, started, ended if category == "done" else None))
    ends = [_DAYS[state[0]] for state in states[1:]] + [FAR]
    return [
        (
            item_id, _DAYS[since], until, project_id, _KINDS[kind % 50 if kind % 50 < 5 else 0], category, flow,
            _DAYS[started] if who % 2 else None, _DAYS[finish] if due % 4 else None,
            None if begun is None else _DAYS[begun], None if over is None else _DAYS[over],
            effort * 360 if effort > 100 else None, who if who % 5 else None, who % 40 == 0, _DAYS[created], *parent,
        )
        for (since, category, flow, finish, begun, over), until in zip(states, ends, strict=True)
    ]  # fmt: skip
