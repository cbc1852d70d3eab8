"""What a rule and a policy are, as data, and how such data is read."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from enum import IntEnum, StrEnum
from typing import Any, TypeVar

import msgspec

from portfolio.governance.errors import FaultySettingError
from portfolio.overlay.fields import FIELDS

STATUSES = ("proposed", "active", "on_hold", "cancelled", "closed")
CURRENT = ("proposed", "active", "on_hold")


class Severity(StrEnum):
    """How much a rule weighs. The worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Step(IntEnum):
    """When a rule is judged: what decides a number cannot ask for it.

    SCORED rules count in the score. OF_SCORE: they ask for the score, for a colour, or for a figure made of these.
    OF_WAIVERS: they ask for waivers, or how many of the rules before are waived.
    """

    SCORED = 0
    OF_SCORE = 1
    OF_WAIVERS = 2


class RuleError(FaultySettingError):
    """What was given is no rule. `field`: a field of `Rule`, or of the params of its predicate."""


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part of such data. What stands at its default is left out when it is written."""


class Scope(Part, frozen=True, kw_only=True):
    """Projects a rule speaks of: those that fit each list; an empty list is not asked."""

    types: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()
    methodologies: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    statuses: tuple[str, ...] = CURRENT


class Remedy(Part, frozen=True, kw_only=True):
    """What to do, for the person who does it: in Jira, in Asana, and here."""

    jira: str = ""
    asana: str = ""
    here: str = ""


class Rule(Part, frozen=True, kw_only=True):
    """One rule. It speaks of a project that any of `scope` fits (none given: of all current ones).

    `predicate` names one of `portfolio.governance.predicates`, `params` says what it asks. A failure counts once it has
    lasted for more than `grace_days` working days.
    """

    code: str
    statement: str
    severity: Severity
    policy: str
    predicate: str
    areas: tuple[str, ...] = ()
    evidence: str = ""
    scope: tuple[Scope, ...] = (Scope(),)
    params: Mapping[str, Any] = {}
    remedy: Remedy = Remedy()
    grace_days: int = 0
    enabled: bool = True


class Policy(Part, frozen=True, kw_only=True):
    """What rules serve. Pillars: P1 establish rules, P2 monitor and control, P3 executive reporting."""

    code: str
    title: str
    pillars: tuple[str, ...]
    areas: tuple[str, ...]
    owner: str


_CHOICES: Mapping[str, tuple[str, ...]] = {
    "types": FIELDS["type"].choices,
    "phases": FIELDS["phase"].choices,
    "methodologies": FIELDS["methodology"].choices,
    "sizes": FIELDS["size"].choices,
    "statuses": STATUSES,
}
MOST_GRACE = 250
LONGEST = 500
T = TypeVar("T")


def read_rule(data: object) -> Rule:
    """The rule of a piece of JSON or TOML. Raises `RuleError`. Predicate and params are looked at by `check`."""
    rule = read_part(data, Rule)
    if not rule.code.strip() or not rule.code.isascii() or not rule.code.replace("-", "").isalnum():
        raise RuleError("code", "Write a code of letters, digits and hyphens, such as OWN-R01.")
    if not rule.statement.strip():
        raise RuleError("statement", "Say in a sentence what holds for a project that passes.")
    if max(len(rule.code) * 10, len(rule.statement), len(rule.evidence)) > LONGEST:
        raise RuleError("statement", f"Code (50), statement and evidence ({LONGEST} characters) are too long.")
    if not 0 <= rule.grace_days <= MOST_GRACE:
        raise RuleError("grace_days", f"Give a number of working days from 0 to {MOST_GRACE}.")
    for scope in rule.scope:
        for name, choices in _CHOICES.items():
            if unknown := set(getattr(scope, name)) - set(choices):
                raise RuleError("scope", f"{name}: {', '.join(sorted(unknown))} is none of {', '.join(choices)}.")
    return rule


def read_part(data: object, part: type[T], field: str = "rule") -> T:
    """The data as one of these structures. Raises `RuleError`."""
    try:
        return msgspec.convert(data, part)
    except (msgspec.ValidationError, RecursionError) as error:
        raise RuleError(field, f"{error}.") from error


def read_toml(text: str, key: str) -> list[Any]:
    """The entries of a TOML file under a key."""
    entries: list[Any] = tomllib.loads(text)[key]
    return entries
