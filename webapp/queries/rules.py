"""What rules found, for pages: of all projects the viewer sees as a matrix, and of one project and rule."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from portfolio.access.matrix import Capability, Right
from portfolio.access.rows import seen
from portfolio.access.viewer import Viewer
from portfolio.governance.judging import Outcome
from portfolio.governance.rule_settings import Book
from portfolio.governance.rules import Severity, Step
from portfolio.governance.score import Score, Weighed, score
from portfolio.model.base import FAR
from portfolio.model.governance import RuleResult, Waiver
from portfolio.model.landing import Connection as Tracker
from portfolio.model.people import Person
from portfolio.model.structure import Program, Project, ProjectRef

_R = RuleResult.__table__
WORST_FIRST = [*Severity]


@dataclass(frozen=True)
class Result:
    """What a rule found of a project, from a day on."""

    rule: str
    outcome: str
    observed: Mapping[str, Any]
    since: date
    until: date
    first_failed_on: date | None
    severity: str
    in_grace: bool
    step: int
    computed_at: datetime
    settings_number: int | None


@dataclass(frozen=True)
class Line:
    """A project of the matrix, with what stands of it by rule. Rules that do not speak of it have no entry."""

    id: int
    code: str
    name: str
    status: str
    program_id: int | None
    program: str | None
    manager_id: int | None
    manager: str | None
    results: Mapping[str, Result]
    score: Score


_COLUMNS = (
    _R.c.rule, _R.c.outcome, _R.c.observed, _R.c.as_of, _R.c.until, _R.c.first_failed_on, _R.c.severity, _R.c.in_grace,
    _R.c.step, _R.c.computed_at, _R.c.settings_number,
)  # fmt: skip


def _result(row: Sequence[Any]) -> Result:
    rule, outcome, observed, *rest = row
    return Result(rule, outcome, msgspec.json.decode(observed), *rest)


def lines(connection: Connection, viewer: Viewer) -> tuple[Line, ...]:
    """The projects whose figures the viewer sees, the lowest score first; two statements."""
    own = seen(_R.c.project_id, viewer, Capability.KPIS, Right.VIEW)
    rows = connection.execute(select(_R.c.project_id, *_COLUMNS).where(_R.c.until == FAR, own))
    found: dict[int, dict[str, Result]] = defaultdict(dict)
    for project_id, *row in rows:
        result = _result(row)
        if result.observed.get("reason") not in ("OUT_OF_SCOPE", "NOT_AVAILABLE_YET"):
            found[project_id][result.rule] = result
    query = (
        select(
            Project.id, Project.code, Project.name, Project.status, Project.program_id, Program.name,
            Project.manager_id, Person.name,
        )
        .outerjoin(Program, Program.id == Project.program_id)
        .outerjoin(Person, Person.id == Project.manager_id)
        .where(seen(Project.__table__.c.id, viewer, Capability.KPIS, Right.VIEW))
    )  # fmt: skip
    made = (Line(*row, results=found[row[0]], score=_score(found[row[0]])) for row in connection.execute(query))
    return tuple(sorted(made, key=lambda it: (it.score.value is None, it.score.value or 0, it.name.casefold(), it.id)))


def _score(results: Mapping[str, Result]) -> Score:
    return score(
        Weighed(Severity(it.severity), it.outcome, it.in_grace) for it in results.values() if it.step == Step.SCORED
    )


def failing_first(lines_: Sequence[Line], book: Book) -> list[tuple[str, int]]:
    """The rules that speak of any of these projects, with how many fail: the most failures first, then the severest."""
    counts: dict[str, int] = {}
    for line in lines_:
        for code, result in line.results.items():
            counts[code] = counts.get(code, 0) + (result.outcome == Outcome.FAIL)

    def order(code: str) -> tuple[int, int, str]:
        return -counts[code], WORST_FIRST.index(book[code].rule.severity), code

    return [(code, counts[code]) for code in sorted((it for it in counts if it in book), key=order)]


def of_project(connection: Connection, project_id: int) -> tuple[Result, ...]:
    """What stands of a project, by rule, those that do not speak of it included."""
    rows = connection.execute(select(*_COLUMNS).where(_R.c.project_id == project_id, _R.c.until == FAR))
    return tuple(sorted(map(_result, rows), key=lambda it: it.rule))


def history_of(connection: Connection, project_id: int, rule: str) -> tuple[Result, ...]:
    """What a rule found of a project over time, the newest first."""
    own = (_R.c.project_id == project_id, _R.c.rule == rule)
    rows = connection.execute(select(*_COLUMNS).where(*own).order_by(_R.c.as_of.desc()))
    return tuple(map(_result, rows))


def waivers_of(connection: Connection, project_id: int, rule: str) -> tuple[Waiver, ...]:
    """The waivers of a rule and a project, the newest first."""
    own = select(Waiver.__table__).where(Waiver.project_id == project_id, Waiver.rule == rule)
    return tuple(Waiver(**row._mapping) for row in connection.execute(own.order_by(Waiver.id.desc())))


def trackers_of(connection: Connection, project_id: int) -> frozenset[str]:
    """The kinds of trackers that feed a project: jira, asana."""
    query = select(Tracker.tracker).join(ProjectRef, ProjectRef.connection_id == Tracker.id)
    return frozenset(
        connection.scalars(query.where(ProjectRef.project_id == project_id, ProjectRef.deleted_at.is_(None)))
    )
