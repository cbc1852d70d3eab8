"""Asking the database what checks ask: the numbers of all projects at once, or the rows behind one failure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from itertools import compress
from typing import Any

from sqlalchemy import Connection, case, func, or_

from portfolio.governance.predicates.declare import Check, Counted, Evidence

AT_ONCE = 100
"""Checks in one statement."""


def count(
    connection: Connection, checks: Mapping[str, Check], project_ids: Collection[int] | None = None
) -> dict[str, dict[int, Counted]]:
    """What each check finds, by its key and by project; a project without rows that are asked about is left out.

    One statement for each source, however many projects and checks there are.
    """
    by_source: dict[str, list[tuple[str, Check]]] = defaultdict(list)
    for key, check in checks.items():
        by_source[check.source.key].append((key, check))
    found: dict[str, dict[int, Counted]] = {key: {} for key in checks}
    for of_source in by_source.values():
        for first in range(0, len(of_source), AT_ONCE):
            _count(connection, of_source[first : first + AT_ONCE], project_ids, found)
    return found


def _count(
    connection: Connection,
    checks: list[tuple[str, Check]],
    project_ids: Collection[int] | None,
    found: dict[str, dict[int, Counted]],
) -> None:
    source = checks[0][1].source
    columns = [column for _, check in checks for column in check.columns()]
    statement = source.rows.with_only_columns(source.project_id, *columns)
    statement = statement.where(or_(*(check.asked for _, check in checks))).group_by(source.project_id)
    if project_ids is not None:
        statement = statement.where(source.project_id.in_(project_ids))
    for project_id, *values in connection.execute(statement):
        for place, (key, _) in enumerate(checks):
            asked, failing, value = values[3 * place : 3 * place + 3]
            if asked:
                found[key][project_id] = Counted(int(asked), int(failing), None if value is None else float(value))


def evidence(connection: Connection, check: Check, project_id: int, limit: int) -> tuple[Evidence, ...]:
    """The rows of a project that fail a check, the oldest date first, up to so many."""
    source = check.source
    name, day = source.name.label("row_name"), source.day.label("row_day")
    empty = (case((lacks, 1), else_=0) for lacks in check.lacking.values())
    columns = (name, source.title, source.url, day, *empty)
    own = source.rows.where(source.project_id == project_id, check.failing)
    statement = own.with_only_columns(*columns).order_by(day.nulls_last(), name).limit(limit)
    return tuple(_evidence(row, tuple(check.lacking)) for row in connection.execute(statement))


def _evidence(row: Sequence[Any], fields: tuple[str, ...]) -> Evidence:
    name, title, url, day, *empty = row
    return Evidence(str(name), str(title or ""), url, day, tuple(compress(fields, empty)))


def counted_of(connection: Connection, check: Check, project_id: int) -> Counted:
    """What a check finds of one project."""
    return count(connection, {"": check}, (project_id,))[""].get(project_id, Counted())


def failing_in(connection: Connection, check: Check) -> int:
    """How many rows fail a check in all projects."""
    return connection.scalar(check.source.rows.with_only_columns(func.count()).where(check.failing)) or 0
