"""What a rule says of a project, from what was counted. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from portfolio.calendar import WorkCalendar
from portfolio.governance.applies import Nature, missing
from portfolio.governance.check import awaited
from portfolio.governance.predicates.declare import Check, Counted
from portfolio.governance.rules import Rule


class Outcome(StrEnum):
    """What a rule found. The worst first."""

    FAIL = "fail"
    ERROR = "error"
    WAIVED = "waived"
    PASS = "pass"
    NA = "na"


class Why(StrEnum):
    """Why a rule does not apply, or could not be asked."""

    OUT_OF_SCOPE = "OUT_OF_SCOPE"
    SCOPE_UNKNOWN = "SCOPE_UNKNOWN"
    NO_SUBJECT = "NO_SUBJECT"
    NOT_AVAILABLE_YET = "NOT_AVAILABLE_YET"
    STALE_SYNC = "STALE_SYNC"
    NOT_UNDERSTOOD = "NOT_UNDERSTOOD"


Observed = Mapping[str, Any]
"""What was observed, as kept: reason, fields (nobody told), awaits, asked, failing, value, limit, waiver, stale."""


class Finding(NamedTuple):
    """What a rule says of one project. What was counted of a project that passes is not kept: it changes daily."""

    outcome: Outcome
    observed: Observed = {}


def finding(rule: Rule, check: Check | str | None, project: Nature, counted: Counted) -> Finding:
    """What the rule says. `check` is what it asks, None while its data is awaited, or why it cannot be asked."""
    fields = missing(rule.scope, project)
    if fields is None:
        return Finding(Outcome.NA, {"reason": Why.OUT_OF_SCOPE})
    if check is None:
        return Finding(Outcome.NA, {"reason": Why.NOT_AVAILABLE_YET, "awaits": awaited(rule)})
    if isinstance(check, str):
        return Finding(Outcome.ERROR, {"reason": Why.NOT_UNDERSTOOD, "said": check})
    if fields:
        return Finding(Outcome.NA, {"reason": Why.SCOPE_UNKNOWN, "fields": list(fields)})
    passes = check.passes.by(counted)
    if passes is None:
        return Finding(Outcome.NA, {"reason": Why.NO_SUBJECT})
    if passes:
        return Finding(Outcome.PASS)
    observed: dict[str, Any] = {"asked": counted.asked, "failing": counted.failing}
    if check.value is not None:
        observed |= {"value": counted.value, "limit": check.limit}
    return Finding(Outcome.FAIL, observed)


class Before(NamedTuple):
    """What stood of a rule and a project until now."""

    outcome: str
    observed: Observed
    first_failed_on: date | None


class Judged(NamedTuple):
    """What is to stand: with since when it fails without a break, waived or not, and whether that counts yet."""

    finding: Finding
    first_failed_on: date | None = None
    in_grace: bool = False


def judged(
    found: Finding,
    before: Before | None,
    day: date,
    *,
    grace_days: int = 0,
    calendar: WorkCalendar | None = None,
    waiver: int | None = None,
    stale: bool = False,
) -> Judged:
    """What is to stand of a finding. On stale data nothing begins to fail: what stood stays, and is marked so.

    `waiver` is the number of one that is valid; it lets off what fails, and changes nothing else.
    """
    if found.outcome is not Outcome.FAIL:
        return Judged(found)
    failing_before = before is not None and before.outcome in (Outcome.FAIL, Outcome.WAIVED)
    if stale and not failing_before:
        if before is None:
            return Judged(Finding(Outcome.NA, {"reason": Why.STALE_SYNC, "stale": True}))
        return Judged(Finding(Outcome(before.outcome), {**before.observed, "stale": True}))
    since = (before.first_failed_on if before is not None and failing_before else None) or day
    if waiver is not None:
        return Judged(Finding(Outcome.WAIVED, {**found.observed, "waiver": waiver}), since)
    in_grace = grace_days > 0 and (calendar or WorkCalendar()).since(since, day) <= grace_days
    return Judged(found, since, in_grace)
