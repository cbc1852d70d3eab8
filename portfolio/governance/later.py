"""What rules ask for that this product does not hold yet. Such a rule is not applicable, and says so; it never passes.

One entry for each predicate, and for each kind of row a predicate may be asked about. Take it away when the data is
there, and write the predicate.
"""

from __future__ import annotations

from collections.abc import Mapping

PREDICATES: Mapping[str, str] = {
    "template_state": "templates and their states",
    "event_has_template": "meetings and their minutes",
    "gate_before_phase": "gate reviews",
    "covered_by": "contracts",
    "paid_after": "payments to vendors",
    "training_current": "trainings",
    "sla_met": "escalations",
}
ENTITIES: Mapping[str, str] = {
    "gate_condition": "gate reviews",
    "payment": "payments to vendors",
    "quote": "quotes",
    "billing_milestone": "billing",
    "billable_time": "billing",
    "billable_change": "billing",
    "invoice": "billing",
    "benefit": "benefits",
}
