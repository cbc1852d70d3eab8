"""The attributes of items that a tracker's fields may carry, beyond what every tracker states by itself."""

from __future__ import annotations

from typing import Literal, NamedTuple

Type = Literal["effort", "number", "points", "percent", "money", "date", "choice", "person", "persons", "text"]


class Attribute(NamedTuple):
    """An attribute: how its values are read, and what it is called.

    `choices` are all values there are, () where any word may stand. `own`: it is a column of the item, which trackers
    mostly state themselves; a field that people name goes before that.
    """

    name: str
    type: Type
    words: str
    choices: tuple[str, ...] = ()
    own: bool = False


_STEPS = ("1", "2", "3", "4", "5")
_ALL = (
    Attribute("start", "date", "Start", own=True),
    Attribute("due", "date", "Due", own=True),
    Attribute("estimate", "effort", "Estimate", own=True),
    Attribute("remaining", "effort", "Remaining effort", own=True),
    Attribute("points", "points", "Story points", own=True),
    Attribute("kind", "choice", "Kind", own=True),
    Attribute("status", "choice", "Status", own=True),
    Attribute("priority", "choice", "Priority", own=True),
    Attribute("role", "choice", "Role", own=True),
    Attribute("assignees", "persons", "Further assignees", own=True),
    Attribute("percent", "percent", "Per cent complete"),
    Attribute("severity", "choice", "Severity"),
    Attribute("owner", "person", "Owner"),
    Attribute("cost", "money", "Cost"),
    Attribute("sprint", "text", "Sprint"),
    Attribute("review_due", "date", "Next review"),
    Attribute("probability", "percent", "Probability"),
    Attribute("impact_cost", "money", "Impact on cost"),
    Attribute("impact_days", "number", "Impact in days"),
    Attribute("impact_score", "choice", "Impact score", _STEPS),
    Attribute("risk_type", "choice", "Threat or opportunity", ("threat", "opportunity")),
    Attribute("risk_category", "choice", "Risk category"),
    Attribute("risk_state", "choice", "State of the risk", ("open", "closed", "occurred")),
    Attribute("cause", "text", "Cause"),
    Attribute("event", "text", "Event"),
    Attribute("effect", "text", "Effect"),
    Attribute("proximity", "date", "Proximity"),
    Attribute(
        "response",
        "choice",
        "Response",
        ("avoid", "mitigate", "transfer", "accept", "escalate", "exploit", "share", "enhance"),
    ),
    Attribute("response_plan", "text", "Response plan"),
    Attribute("residual_probability", "percent", "Residual probability"),
    Attribute("residual_impact", "choice", "Residual impact score", _STEPS),
    Attribute("options", "text", "Options considered"),
    Attribute("rationale", "text", "Rationale"),
    Attribute("decided_by", "person", "Decided by"),
    Attribute("decided_on", "date", "Decided on"),
    Attribute("requested_by", "person", "Requested by"),
    Attribute("change_type", "choice", "Type of change", ("scope", "time", "cost")),
    Attribute(
        "change_state",
        "choice",
        "State of the change",
        ("requested", "assessed", "approved", "rejected", "implemented"),
    ),
    Attribute("delta_hours", "effort", "Change of effort"),
    Attribute("delta_cost", "money", "Change of cost"),
    Attribute("delta_days", "number", "Change in days"),
    Attribute("approver", "person", "Approver"),
    Attribute("approved_on", "date", "Approved on"),
    Attribute("billable", "choice", "Billable", ("yes", "no")),
    Attribute("criteria", "text", "Acceptance criteria"),
    Attribute("accepter", "person", "Accepter"),
    Attribute("submitted_on", "date", "Submitted on"),
    Attribute("accepted_on", "date", "Accepted on"),
    Attribute("acceptance_result", "choice", "Result of acceptance", ("accepted", "rejected", "conditional")),
    Attribute("evidence", "text", "Evidence"),
    Attribute("defects", "number", "Defects"),
)
ATTRIBUTES: dict[str, Attribute] = {attribute.name: attribute for attribute in _ALL}
"""All of them by name, in the order in which they are shown."""

UNITS: dict[str, tuple[str, ...]] = {
    "effort": ("seconds", "minutes", "hours", "days", "weeks"),
    "percent": ("percent", "ratio"),
}
"""What a rule may count in, by type of attribute; money is counted in a currency, and the rest in nothing."""
