"""Every fact of every project, in one pass over the items."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import Connection, select

from portfolio.facts.catalogue import FACTS
from portfolio.facts.states import V, at


def numbers(
    connection: Connection, as_of: date, project_ids: Collection[int] | None = None
) -> dict[int, dict[str, int]]:
    """The number of each fact, by project and name. A project without items on that day is not in the answer."""
    columns = [fact.number(as_of).label(name) for name, fact in FACTS.items()]
    rows = connection.execute(at(select(V.project_id, *columns), as_of, project_ids).group_by(V.project_id))
    return {row[0]: {name: int(number) for name, number in zip(FACTS, row[1:], strict=True)} for row in rows}
