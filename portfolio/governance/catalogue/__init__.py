"""The rules and policies that ship, checked when they are loaded."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType

from portfolio.governance.check import checked_rule
from portfolio.governance.rules import Policy, Rule, read_part, read_toml


def _text(name: str) -> str:
    return files("portfolio.governance.catalogue").joinpath(name).read_text("utf-8")


def _policies() -> Mapping[str, Policy]:
    read = [read_part(entry, Policy, "policy") for entry in read_toml(_text("policies.toml"), "policies")]
    return MappingProxyType({policy.code: policy for policy in read})


def _rules() -> Mapping[str, Rule]:
    rules = [checked_rule(entry) for entry in read_toml(_text("rules.toml"), "rules")]
    return MappingProxyType({rule.code: rule for rule in rules})


POLICIES: Mapping[str, Policy] = _policies()
RULES: Mapping[str, Rule] = _rules()
"""By code, in the order of the file."""
