"""From what rules found to a score, a grade, and the ranking of teams. Pure; exact fractions.

Score: 100 times the weight of what passes over the weight of what applies. What is not applicable, waived or in error
leaves both sums, and so does a failure in its days of grace. A failed critical rule caps the score. Persons are never
ranked, and a team only over projects with enough rules. Weights, cap and grades: practice defaults.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from portfolio.calendar import WorkCalendar
from portfolio.governance.rules import Severity

WEIGHTS: Mapping[Severity, int] = {Severity.CRITICAL: 8, Severity.HIGH: 5, Severity.MEDIUM: 3, Severity.LOW: 1}
CAP = Fraction(59)
GRADES = ((Fraction(90), "A"), (Fraction(80), "B"), (Fraction(70), "C"), (Fraction(60), "D"))
LOWEST = "E"
LEAST_RULES = 5
LADDER = (("L1", 0), ("L2", 2), ("L3", 5), ("L4", 10))
COMPONENTS: Mapping[str, Fraction] = {
    "audit": Fraction(50, 100),
    "capa": Fraction(20, 100),
    "completeness": Fraction(15, 100),
    "reports": Fraction(15, 100),
}


class Weighed(NamedTuple):
    """What one rule, or `rules` of them, found. `in_grace`: it fails, and not for long enough to count."""

    severity: Severity
    outcome: str
    in_grace: bool = False
    rules: int = 1


class Score(NamedTuple):
    """`value` is None where no rule applies. `raw` is the value before a failed critical rule capped it."""

    value: Fraction | None
    raw: Fraction | None
    passed: int
    applicable: int
    rules: int

    @property
    def grade(self) -> str | None:
        """A to E; None without a value."""
        if self.value is None:
            return None
        return next((letter for limit, letter in GRADES if self.value >= limit), LOWEST)

    @property
    def ranked(self) -> bool:
        """Whether enough rules apply to hold it against others."""
        return self.rules >= LEAST_RULES


def score(results: Iterable[Weighed]) -> Score:
    """The score of a project."""
    passed = applicable = rules = 0
    capped = False
    for it in results:
        if it.in_grace or it.outcome not in ("pass", "fail"):
            continue
        weight = WEIGHTS[it.severity] * it.rules
        applicable, rules = applicable + weight, rules + it.rules
        if it.outcome == "pass":
            passed += weight
        elif it.severity is Severity.CRITICAL and it.rules:
            capped = True
    if not applicable:
        return Score(None, None, 0, 0, 0)
    raw = Fraction(100 * passed, applicable)
    return Score(min(raw, CAP) if capped else raw, raw, passed, applicable, rules)


def audit_of(projects: Iterable[Score]) -> Fraction | None:
    """The score of several projects together: their scores by the weight of what applies. None if none is ranked."""
    counting = [it for it in projects if it.ranked and it.value is not None]
    weight = sum(it.applicable for it in counting)
    total = sum(((it.value or Fraction(0)) * it.applicable for it in counting), Fraction(0))
    return total / weight if weight else None


def composite(parts: Mapping[str, Fraction | None]) -> Fraction | None:
    """The parts of `COMPONENTS` put together; a part that is missing leaves both sums. None where all are missing."""
    known = {name: value for name, value in parts.items() if value is not None}
    weight = sum((COMPONENTS[name] for name in known), Fraction(0))
    total = sum((COMPONENTS[name] * value for name, value in known.items()), Fraction(0))
    return total / weight if weight else None


def ranking(teams: Mapping[str, Fraction | None]) -> tuple[Sequence[tuple[int, str]], Sequence[str]]:
    """The rank of each team, the best first, where equal ones share a rank and none is left out; and who has none."""
    values = sorted({value for value in teams.values() if value is not None}, reverse=True)
    places = {value: place for place, value in enumerate(values, 1)}
    ranked = sorted((places[value], team) for team, value in teams.items() if value is not None)
    return ranked, sorted(team for team, value in teams.items() if value is None)


def level_of(breached_on: date, day: date, calendar: WorkCalendar) -> tuple[str, int]:
    """The step of the ladder a breach is on, and the working days since it."""
    days = calendar.since(breached_on, day)
    return next(level for level, least in reversed(LADDER) if days >= least), days
