"""KPIs of the catalogue that cannot be computed yet, each with what it needs. They are listed, not stubbed.

None of these is ever read of a project. Who asks for one gets its reason, `NOT_AVAILABLE_YET`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from portfolio.kpis.reading import Reason


@dataclass(frozen=True)
class Awaited:
    """A KPI that waits for its data. `needs` says in words for what."""

    id: str
    name: str
    needs: str
    reason: Reason = Reason.NOT_AVAILABLE_YET


_BILLING = "billing milestones and invoices"
_GATES = "stage gates and the decisions taken at them"
_ACTIONS = "findings with corrective and preventive actions"
_ALL = (
    Awaited("QLT-06", "First-pass gate rate", _GATES),
    Awaited("RSK-06", "Escalation on time", "escalations: raised, acknowledged, resolved"),
    Awaited("RES-10", "Training plan completion", "trainings with due dates"),
    Awaited("GOV-02", "Checklist completion", "checklists by phase"),
    Awaited("GOV-03", "Template coverage", "templates required by phase, and the state of each instance"),
    Awaited("GOV-04", "Corrective actions on time", _ACTIONS),
    Awaited("GOV-05", "Effectiveness of corrective actions", _ACTIONS),
    Awaited("GOV-07", "Gate discipline", _GATES),
    Awaited("BEN-01", "Benefit realisation", "benefits: planned and realised by date"),
    Awaited("BEN-04", "Intake lead time and hit rate", "requests for projects, and the decisions on them"),
    Awaited("BEN-05", "Portfolio value score", "scores of projects by an agreed model"),
    Awaited("REV-01", "On-time billing", _BILLING),
    Awaited("REV-02", "Billing lag", _BILLING),
    Awaited("REV-03", "Revenue delay", _BILLING),
    Awaited("REV-04", "Revenue leakage", f"{_BILLING}; and bill rates"),
    Awaited("REV-05", "Days to pay and overdue receivables", "invoices with the day they were paid"),
    Awaited("REV-06", "Forecast accuracy", "revenue forecasts as they were made"),
    Awaited("REV-07", "Project margin", f"{_BILLING}; and bill rates"),
    Awaited("REV-08", "Vendor payment on time", "vendors and payments to them"),
    Awaited("STK-04", "Stakeholder satisfaction", "answers to surveys"),
)
AWAITED: Mapping[str, Awaited] = {it.id: it for it in _ALL}
"""By id, in the order of the catalogue."""
