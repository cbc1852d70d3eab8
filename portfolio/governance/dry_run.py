"""What a rule would say if it were set so: looked at before it counts, and nothing is written."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Connection

from portfolio.facts.gather import day_of
from portfolio.governance.judging import Finding, Outcome
from portfolio.governance.results import standing
from portfolio.governance.rule_settings import InForce
from portfolio.governance.rules import Rule
from portfolio.governance.run import asked, findings, natures_of


class Would(NamedTuple):
    """What a rule would say of a project, beside what it says now: None where nothing stands."""

    project_id: int
    finding: Finding
    now: str | None


def dry_run(
    connection: Connection, rule: Rule, *, as_of: date, now: datetime, project_ids: Collection[int] | None = None
) -> tuple[Would, ...]:
    """What a rule would find of every project, or of these: those that would fail first. Waivers and grace aside."""
    day = day_of(connection, as_of, now)
    natures = natures_of(connection, project_ids)
    draft = InForce(rule)
    found = findings(connection, {rule.code: draft}, {rule.code: asked(draft, day)}, natures, project_ids)
    rows = standing(connection, project_ids).items()
    there = {project_id: row.result.outcome for (code, project_id), row in rows if code == rule.code}
    order = list(Outcome)
    would = (Would(project_id, it, there.get(project_id)) for (_, project_id), it in found.items())
    return tuple(sorted(would, key=lambda it: (order.index(it.finding.outcome), it.project_id)))
