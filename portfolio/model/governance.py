"""Governance: what the organisation decided about its figures and rules, what the rules found, and who was let off.

Every decision gets the next number. What is set holds from one number up to, not including, another, so that the
settings of any number can be read again.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.model.base import Base, BigInt, PrimaryKey


class GovernanceChange(Base):
    """One decision about settings: its number, who took it, and why."""

    __tablename__ = "governance_change"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    by: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    restores: Mapped[int | None]


class GovernanceSetting(Base):
    """What is set of one thing in one scope. kind: kpi (limits, target, on or off), own_kpi (a formula), rule.

    `key` names the thing (SCH-01). scope_type: global, type, program, project; `scope_key` is the type's word or the
    id, empty for global. `body` is JSON of what is set; what it leaves out is inherited. In force from `from_number` up
    to, not including, `until_number` (None: still).
    """

    __tablename__ = "governance_setting"
    __table_args__ = (
        Index(
            "uq_governance_setting_in_force",
            "kind",
            "key",
            "scope_type",
            "scope_key",
            unique=True,
            sqlite_where=text("until_number IS NULL"),
            postgresql_where=text("until_number IS NULL"),
        ),
    )

    id: Mapped[PrimaryKey]
    kind: Mapped[str]
    key: Mapped[str]
    scope_type: Mapped[str]
    scope_key: Mapped[str]
    body: Mapped[str]
    from_number: Mapped[int] = mapped_column(ForeignKey("governance_change.number"))
    until_number: Mapped[int | None] = mapped_column(ForeignKey("governance_change.number"))


class RuleResult(Base):
    """What a rule found of a project as of each day from `as_of` up to, not including, `until` (the newest: `FAR`).

    outcome: pass, fail, na, waived, error. Written only when it changes. `observed` is JSON of what was counted;
    `first_failed_on` the day since which it fails without a break. `severity` is what the rule weighed then, and
    `settings_number` the version of the settings it had, None for the shipped ones: changing a rule rewrites no result.
    `in_grace`: it has not failed for long enough to count. `step`: when it was judged, as `portfolio.governance.rules`
    has it; 0 counts in the score.
    """

    __tablename__ = "rule_result"
    __table_args__ = (
        Index("uq_rule_result_rule_project_id_as_of", "rule", "project_id", "as_of", unique=True),
        Index(None, "until", "project_id"),
    )

    id: Mapped[PrimaryKey]
    rule: Mapped[str]
    project_id: Mapped[int] = mapped_column(BigInt, ForeignKey("project.id"), index=True)
    as_of: Mapped[date]
    until: Mapped[date]
    outcome: Mapped[str]
    observed: Mapped[str]
    first_failed_on: Mapped[date | None]
    severity: Mapped[str]
    in_grace: Mapped[bool] = mapped_column(default=False)
    step: Mapped[int] = mapped_column(default=0)
    computed_at: Mapped[datetime]
    settings_number: Mapped[int | None]


class Waiver(Base):
    """A project that is let off a rule for a time. state: requested, approved, rejected, withdrawn.

    Counts from the decision up to and including `valid_to`; after that the rule counts again, and fails if it does.
    `self_approved`: whoever asked for it decided it, too.
    """

    __tablename__ = "waiver"
    __table_args__ = (Index(None, "project_id", "rule"),)

    id: Mapped[PrimaryKey]
    rule: Mapped[str]
    project_id: Mapped[int] = mapped_column(BigInt, ForeignKey("project.id"))
    reason: Mapped[str]
    compensating_control: Mapped[str] = mapped_column(default="")
    valid_to: Mapped[date]
    state: Mapped[str] = mapped_column(default="requested")
    requested_by: Mapped[str]
    requested_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str] = mapped_column(default="")
    self_approved: Mapped[bool] = mapped_column(default=False)
