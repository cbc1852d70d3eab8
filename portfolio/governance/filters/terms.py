"""What the language of filters knows: the names that may stand in one, and what each asks of an item."""

from __future__ import annotations

from collections.abc import Mapping

from portfolio.model.work import KINDS

CHOICES: Mapping[str, tuple[str, ...]] = {
    "kind": KINDS,
    "category": ("todo", "in_progress", "done", "cancelled"),
    "flow": ("active", "wait", "blocked"),
    "severity": (),
    "priority": (),
}
"""Any of these words, compared without regard to case; () where the tracker's own words stand."""

AGES = ("age_wd", "overdue_wd", "started_wd", "finished_wd", "updated_wd", "blocked_wd")
"""Working days since it was created, was due, was started, was finished, was last changed, became blocked."""
AHEAD = "ahead_wd"
"""Working days until it is due, the day itself included; 0 for what is overdue."""
AMOUNTS = ("estimate_h", "remaining_h", "points", "risk_score", "contingency_share")
"""risk_score: probability in fifths times the score of the impact. contingency_share: probability times impact on cost,
as a share of the project's contingency in the same currency."""
NUMBERS = (*AGES, AHEAD, *AMOUNTS)

OPERATORS = ("gt", "gte", "lt", "lte")

COLUMNS = ("assignee", "due", "start", "estimate", "remaining", "points", "parent", "finished")
ATTRIBUTES = (
    "severity", "owner", "cost", "review_due", "probability", "impact_cost", "impact_days", "impact_score", "risk_type",
    "risk_category", "risk_state", "cause", "event", "effect", "proximity", "response", "response_plan",
    "residual_probability", "residual_impact", "options", "rationale", "decided_by", "decided_on", "requested_by",
    "change_type", "change_state", "delta_hours", "delta_cost", "delta_days", "approver", "approved_on", "billable",
    "criteria", "accepter", "submitted_on", "accepted_on", "acceptance_result", "evidence", "defects", "percent",
)  # fmt: skip
FIELDS = (*COLUMNS, *ATTRIBUTES)
"""What may be asked to be filled in. A number of 0 is filled in, an estimate of 0 is not."""

RELATED = ("linked", "child", "parent")
"""Another item that is linked with it in either direction, hangs on it, or that it hangs on."""

DATES: Mapping[str, str] = {
    "created": "age_wd",
    "due": "overdue_wd",
    "started": "started_wd",
    "finished": "finished_wd",
    "updated": "updated_wd",
    "blocked": "blocked_wd",
}
"""The dates of an item a rule may count working days from, and the age that counts them."""
