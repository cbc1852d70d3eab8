"""Judge all projects by all rules, and keep what was found.

Set-based: a fixed number of statements for each kind of rows rules ask about, whatever the number of projects. Rules
read the stored model only, as it is at present: much of what they ask keeps no history, so they are run for the day
that is going on, and never for a past one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeAlias

import msgspec
from sqlalchemy import Connection, select

from portfolio.facts.gather import Day, day_of
from portfolio.facts.reports import last_syncs
from portfolio.governance import results
from portfolio.governance.applies import Nature, nature
from portfolio.governance.check import compile_rule
from portfolio.governance.counting import count
from portfolio.governance.judging import Before, Finding, finding, judged
from portfolio.governance.predicates.declare import Check, Counted
from portfolio.governance.results import Place, Result, Standing
from portfolio.governance.rule_settings import Book, InForce, rules_in_force
from portfolio.governance.rules import RuleError, Step
from portfolio.model.governance import Waiver
from portfolio.model.structure import Project

STALE_AFTER = timedelta(days=1)
"""How old the data of a project may be for a new failure to be believed."""

Checks: TypeAlias = Mapping[str, Check | str | None]
"""What each rule asks, by code: None while its data is awaited, or a text that says why it cannot be asked."""


@dataclass(frozen=True)
class Run:
    """One run of the rules: what they ask on the day, and all that is the same for each of them.

    They are judged step by step: when the figures are made of what the rules of one step found, those of the next may
    ask for these.
    """

    day: Day
    book: Book
    checks: Checks
    natures: Mapping[int, Nature]
    standing: Mapping[Place, Standing]
    waivers: Mapping[Place, int]
    stale: Collection[int]
    project_ids: Collection[int] | None

    def postponed(self, step: Step) -> set[str]:
        """The codes of the rules that still stand as of this step or one before, and were changed to be judged later:
        what they found before is of no step."""
        return {code for code, _ in self._postponed(step)}

    def judge(self, connection: Connection, step: Step) -> set[int]:
        """Judge the projects by the rules of a step, and keep what changed; returns the projects of which the step has
        something else than before."""
        as_of = self.day.as_of
        book = {code: it for code, it in self.book.items() if self._step(code) is step}
        found = findings(connection, book, self.checks, self.natures, self.project_ids)
        standing = {place: row for place, row in self.standing.items() if self._step(place[0]) is step}
        # What was found for a later day stays: a day may be closed after the next one has begun.
        later = {place for place, row in standing.items() if row.as_of > as_of}
        there = {place: row for place, row in standing.items() if place not in later}
        told = {
            place: self._result(place, it, there[place].result.before if place in there else None, step)
            for place, it in found.items()
            if place not in later
        }
        changed = results.keep(connection, as_of, there, told, self.day.now)
        return changed | {project_id for _, project_id in self._postponed(step)}

    def _postponed(self, step: Step) -> set[Place]:
        return {place for place, row in self.standing.items() if row.result.step <= step < self._step(place[0])}

    def _step(self, code: str) -> Step:
        check = self.checks.get(code)
        return check.step if isinstance(check, Check) else Step.SCORED

    def _result(self, place: Place, it: Finding, before: Before | None, step: Step) -> Result:
        code, project_id = place
        in_force, check = self.book[code], self.checks[code]
        is_stale = project_id in self.stale and not (isinstance(check, Check) and check.of_sync)
        (outcome, observed), since, in_grace = judged(
            it,
            before,
            self.day.as_of,
            grace_days=in_force.rule.grace_days,
            calendar=self.day.calendar,
            waiver=self.waivers.get(place),
            stale=is_stale,
        )
        text = msgspec.json.encode(observed, order="sorted").decode()
        return Result(outcome, text, since, in_force.rule.severity, in_grace, step, in_force.number)


def begin_run(connection: Connection, *, as_of: date, now: datetime, project_ids: Collection[int] | None = None) -> Run:
    """A run of the rules for every project that something feeds, or for these, for the day. `now` carries the
    portfolio's time zone."""
    day = day_of(connection, as_of, now)
    book = {code: it for code, it in rules_in_force(connection).items() if it.rule.enabled}
    natures = natures_of(connection, project_ids)
    return Run(
        day,
        book,
        checks={code: asked(it, day) for code, it in book.items()},
        natures=natures,
        standing=results.standing(connection, project_ids),
        waivers=_waivers(connection, day),
        stale=_stale(connection, now, natures),
        project_ids=project_ids,
    )


def asked(in_force: InForce, day: Day) -> Check | str | None:
    """What a rule asks on the day, see `Checks`."""
    if in_force.fault is not None:
        return in_force.fault
    try:
        return compile_rule(in_force.rule, day)
    except RuleError as error:
        return str(error)


def natures_of(connection: Connection, project_ids: Collection[int] | None = None) -> dict[int, Nature]:
    """What every project is that something feeds, or these."""
    own = Project
    query = select(own.id, own.type, own.phase, own.methodology, own.size, own.status).where(own.fed)
    if project_ids is not None:
        query = query.where(own.id.in_(project_ids))
    rows = connection.execute(query)
    return {row.id: nature(row.type, row.phase, row.methodology, row.size, row.status) for row in rows}


def findings(
    connection: Connection,
    book: Book,
    checks: Checks,
    natures: Mapping[int, Nature],
    project_ids: Collection[int] | None = None,
) -> dict[Place, Finding]:
    """What each rule says of each project, before waivers and grace. Writes nothing."""
    asking = {code: check for code, check in checks.items() if code in book and isinstance(check, Check)}
    counted = count(connection, asking, project_ids)
    return {
        (code, project_id): finding(it.rule, checks[code], project, counted.get(code, {}).get(project_id, Counted()))
        for code, it in book.items()
        for project_id, project in natures.items()
    }


def _waivers(connection: Connection, day: Day) -> dict[Place, int]:
    """The waivers that are valid on the day, by rule and project."""
    query = select(Waiver.rule, Waiver.project_id, Waiver.id).where(
        Waiver.state == "approved", Waiver.valid_to >= day.as_of
    )
    return {(rule, project_id): ident for rule, project_id, ident in connection.execute(query.order_by(Waiver.id))}


def _stale(connection: Connection, now: datetime, projects: Collection[int]) -> set[int]:
    """The projects whose data is too old to believe a new failure."""
    heard = last_syncs(connection, now, projects)
    return {project_id for project_id, at in heard.items() if at is None or now - at > STALE_AFTER}
