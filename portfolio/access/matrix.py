"""The matrix of permissions: which role may do what. Rows are capabilities, columns are roles.

Where a role's cell allows something, it does so within the scope the role is held over (`portfolio.access.rows`).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from portfolio.access.roles import Role


class Right(StrEnum):
    """What a cell of the matrix allows. Whoever may edit or approve may also view.

    propose: ask for it, for another to decide. load: only what tells the load of people. average: only over several.
    grouped: persons only in groups large enough. masked: persons without their names, money without amounts.
    """

    VIEW = "view"
    EDIT = "edit"
    APPROVE = "approve"
    PROPOSE = "propose"
    LOAD = "load"
    AVERAGE = "average"
    GROUPED = "grouped"
    MASKED = "masked"


class Capability(StrEnum):
    """What there is to do."""

    KPIS = "kpis"
    GOVERNANCE = "governance"
    DEFINITIONS = "definitions"
    MAPPINGS = "mappings"
    GATES = "gates"
    BASELINES = "baselines"
    WAIVERS = "waivers"
    RISKS = "risks"
    ALLOCATIONS = "allocations"
    COST_RATES = "cost_rates"
    PERSON_FIGURES = "person_figures"
    BILLING = "billing"
    AUDITS = "audits"
    INTAKE = "intake"
    OBJECTIVES = "objectives"
    SYNC = "sync"
    USERS = "users"
    AUDIT_LOG = "audit_log"


_LETTERS = {
    "V": Right.VIEW,
    "E": Right.EDIT,
    "A": Right.APPROVE,
    "P": Right.PROPOSE,
    "L": Right.LOAD,
    "M": Right.AVERAGE,
    "G": Right.GROUPED,
    "X": Right.MASKED,
}
_FULL = frozenset({Right.VIEW, Right.EDIT, Right.APPROVE})


def _rights(letters: str) -> frozenset[Right]:
    rights = frozenset(_LETTERS[letter] for letter in letters if letter != "-")
    return rights | {Right.VIEW} if rights & _FULL else rights


def _row(cells: str) -> Mapping[Role, frozenset[Right]]:
    return dict(zip(Role, map(_rights, cells.split()), strict=True))


#                      PMO lead, program manager, project manager, executive, resource manager, auditor, admin
MATRIX: Mapping[Capability, Mapping[Role, frozenset[Right]]] = {
    Capability.KPIS: _row("V V V V L V -"),
    Capability.GOVERNANCE: _row("E V V V V V V"),
    Capability.DEFINITIONS: _row("E V V V V V -"),
    Capability.MAPPINGS: _row("EA V V - - V E"),
    Capability.GATES: _row("VA VP EP A - V -"),
    Capability.BASELINES: _row("A A EP A - V -"),
    Capability.WAIVERS: _row("A EP EP A - V -"),
    Capability.RISKS: _row("E E E V - V -"),
    Capability.ALLOCATIONS: _row("E V VP G E V -"),
    Capability.COST_RATES: _row("E M M M - X -"),
    Capability.PERSON_FIGURES: _row("V - L G L X -"),
    Capability.BILLING: _row("E V E V - V -"),
    Capability.AUDITS: _row("E V VP V - E -"),
    Capability.INTAKE: _row("EP EP EP A V V -"),
    # To edit is to say which projects serve them; to approve, which objectives there are.
    Capability.OBJECTIVES: _row("EA E V V V V -"),
    Capability.SYNC: _row("V - - - - V E"),
    Capability.USERS: _row("V - - - - V E"),
    Capability.AUDIT_LOG: _row("V - - - - V V"),
}


def allows(role: Role, capability: Capability, right: Right) -> bool:
    """Whether the role has the right in some scope."""
    return right in MATRIX[capability][role]
