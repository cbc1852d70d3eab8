"""What the rules that count in the score found of projects, counted by what it asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from portfolio.model.governance import RuleResult


class Found(NamedTuple):
    """So many `rules` of a severity found this. `in_grace`: they fail, and not for long enough to count."""

    severity: str
    outcome: str
    in_grace: bool
    rules: int


def findings(
    connection: Connection, as_of: date, project_ids: Collection[int] | None = None
) -> dict[int, tuple[Found, ...]]:
    """What stood at the end of the day, by project; projects no rule was run for are left out."""
    columns = (RuleResult.project_id, RuleResult.severity, RuleResult.outcome, RuleResult.in_grace)
    standing = (RuleResult.as_of <= as_of, RuleResult.until > as_of)
    query = select(*columns, func.count()).where(*standing, RuleResult.counts)
    if project_ids is not None:
        query = query.where(RuleResult.project_id.in_(project_ids))
    found: dict[int, list[Found]] = defaultdict(list)
    for project_id, severity, outcome, in_grace, rules in connection.execute(
        query.group_by(*columns).order_by(*columns)
    ):
        found[project_id].append(Found(severity, outcome, in_grace, rules))
    return {project_id: tuple(rows) for project_id, rows in found.items()}
