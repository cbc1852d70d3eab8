"""The rules in force: those that ship with what was set of them, and those of the organisation's own.

A setting of a rule holds everywhere. Of a shipped rule it says what differs (on or off, severity, params, grace); of an
own rule it is the whole rule. Whether somebody may set it is asked by the caller (`Capability.GOVERNANCE`).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection

from portfolio.governance.catalogue import POLICIES, RULES
from portfolio.governance.check import checked_rule
from portfolio.governance.errors import FaultySettingError
from portfolio.governance.rules import Part, Rule, RuleError, Severity, read_part
from portfolio.governance.scope import EVERYTHING
from portfolio.governance.store import RULE, Held, Thing, Wanted, held

log = logging.getLogger(__name__)
OWN = "OWN-"
"""Codes of own rules begin so: no rule that is shipped, now or later, does."""


class RuleSetting(Part, frozen=True, kw_only=True):
    """What is set of a shipped rule; None is as shipped. `params` are all of them, not those that differ."""

    enabled: bool | None = None
    severity: Severity | None = None
    params: Mapping[str, Any] | None = None
    grace_days: int | None = None


class InForce(NamedTuple):
    """A rule as it counts. `number` is that of the decision that set it, None where nothing is set.

    `fault`: what is set of it cannot be read any more, so that it cannot be asked. What ships stands in `rule`.
    """

    rule: Rule
    number: int | None = None
    fault: str | None = None

    @property
    def own(self) -> bool:
        """Whether it is one of the organisation's own."""
        return self.rule.code not in RULES


Book = Mapping[str, InForce]
"""The rules by code, those that are switched off included."""


def rules_in_force(connection: Connection, number: int | None = None) -> Book:
    """The rules there are now, or were with a number."""
    return book_of(held(connection, (RULE,), number))


def book_of(kept: Mapping[Thing, Held]) -> Book:
    """The rules these settings give. An own rule that an older or newer version wrote and this one cannot read is left
    out; a shipped one whose setting cannot be read has a fault."""
    book = {code: InForce(rule) for code, rule in RULES.items()}
    for thing, it in sorted(kept.items()):
        try:
            book[thing.key] = InForce(rule_of(thing.key, msgspec.json.decode(it.body)), it.number)
        except FaultySettingError as error:
            log.warning("what is set of rule %s cannot be read any more: its %s", thing.key, error.field)
            if thing.key in RULES:
                book[thing.key] = InForce(RULES[thing.key], it.number, str(error))
    return MappingProxyType(book)


def rule_of(code: str, body: object) -> Rule:
    """The rule a setting gives. Raises `RuleError` for what cannot be set, a filter that is none included."""
    if code not in RULES:
        if not code.startswith(OWN):
            raise RuleError("code", f"The code of an own rule begins with {OWN}: no shipped rule ever has it.")
        rule = checked_rule(body)
        if rule.code != code:
            raise RuleError("code", f"The rule calls itself {rule.code[:40]}, not {code[:40]}.")
        if rule.policy not in POLICIES:
            raise RuleError("policy", f"{rule.policy[:40]!r} is none of {', '.join(POLICIES)}.")
        return rule
    setting = read_part(body, RuleSetting, "setting")
    given = {name: getattr(setting, name) for name in RuleSetting.__struct_fields__}
    return checked_rule(
        msgspec.to_builtins(RULES[code])
        | msgspec.to_builtins({name: value for name, value in given.items() if value is not None})
    )


def wanted_rule(code: str, body: Mapping[str, Any] | None) -> Wanted:
    """What is to be set of a rule, for `portfolio.governance.store.decide`; None: what ships, or no own rule any more.

    Raises `RuleError`.
    """
    if not body:
        return {Thing(RULE, code, EVERYTHING): None}
    rule_of(code, body)
    return {Thing(RULE, code, EVERYTHING): msgspec.json.encode(body).decode()}
