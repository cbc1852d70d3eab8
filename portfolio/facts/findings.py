"""What rules found of projects, counted by what figures ask."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from portfolio.governance.rules import Step
from portfolio.model.governance import RuleResult


class Found(NamedTuple):
    """So many `rules` of a severity found this. `in_grace`: they fail, and not for long enough to count. `scored`: they
    count in the score."""

    severity: str
    outcome: str
    in_grace: bool
    scored: bool
    rules: int


def findings(
    connection: Connection, as_of: date, project_ids: Collection[int] | None = None, without: Collection[str] = ()
) -> dict[int, tuple[Found, ...]]:
    """What stood at the end of the day, by project; projects no rule was run for are left out, and so are rules that
    ask for waivers, and the rules `without`, by their codes."""
    scored = (RuleResult.step == Step.SCORED).label("scored")
    columns = (RuleResult.project_id, RuleResult.severity, RuleResult.outcome, RuleResult.in_grace, scored)
    standing = (RuleResult.as_of <= as_of, RuleResult.until > as_of, RuleResult.step < Step.OF_WAIVERS)
    query = select(*columns, func.count()).where(*standing, RuleResult.rule.not_in(without))
    if project_ids is not None:
        query = query.where(RuleResult.project_id.in_(project_ids))
    found: dict[int, list[Found]] = defaultdict(list)
    rows: Any = connection.execute(query.group_by(*columns).order_by(*columns))
    for project_id, *told in rows:
        found[project_id].append(Found(*told))
    return {project_id: tuple(rows) for project_id, rows in found.items()}
