"""The overlay fields of a project, each declared once.

The columns of `project` that carry one hold its *effective value*: what was entered here, else what a tracker tells.
Both stay in `project_field`. Nothing but `portfolio.overlay.values` writes these columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from portfolio.facts.earned import METHODS


class Type(StrEnum):
    """What a field holds. money: an amount with its currency. day: a date. person: one of the known persons."""

    MONEY = "money"
    DAY = "day"
    PERSON = "person"
    CHOICE = "choice"
    TEXT = "text"


class Provenance(StrEnum):
    """Where a tracker's value comes from: what it says of each project (record), or a field of its own that the mapping
    names (field)."""

    RECORD = "record"
    FIELD = "field"


@dataclass(frozen=True)
class Field:
    """One overlay field. `words` is what people call it; `by_manager`: a project's manager may enter it, too.

    Fields that decide who sees a project (manager, sponsor, segment) are never `by_manager`.
    """

    name: str
    words: str
    type: Type
    choices: tuple[str, ...] = ()
    provenance: Provenance = Provenance.FIELD
    by_manager: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of `project` that hold its effective value."""
        match self.type:
            case Type.MONEY:
                return (self.name, f"{self.name}_currency")
            case Type.PERSON:
                return (f"{self.name}_id",)
            case _:
                return (self.name,)


_FIELDS = (
    Field("manager", "Manager", Type.PERSON, provenance=Provenance.RECORD),
    Field("sponsor", "Sponsor", Type.PERSON),
    Field("benefits_owner", "Benefits owner", Type.PERSON, by_manager=True),
    Field("client", "Client", Type.TEXT, by_manager=True),
    Field("segment", "Segment", Type.TEXT),
    Field(
        "type",
        "Type",
        Type.CHOICE,
        ("product", "service", "internal", "client_delivery", "infrastructure", "compliance"),
    ),
    Field("phase", "Phase", Type.CHOICE, ("initiation", "planning", "execution", "monitoring", "closing")),
    Field("methodology", "Methodology", Type.CHOICE, ("predictive", "scrum", "kanban", "hybrid", "scaled")),
    Field("size", "Size", Type.CHOICE, ("S", "M", "L")),
    Field("budget", "Budget", Type.MONEY, by_manager=True),
    Field("contingency", "Contingency", Type.MONEY, by_manager=True),
    Field("plan_rate", "Plan rate per hour", Type.MONEY),
    Field("ev_method", "Earned value method", Type.CHOICE, METHODS),
    Field("rag_reason", "Reason for the reported colour", Type.TEXT, by_manager=True),
    Field("start", "Start", Type.DAY, provenance=Provenance.RECORD),
    Field("due", "Due", Type.DAY, provenance=Provenance.RECORD),
)
FIELDS: Mapping[str, Field] = {field.name: field for field in _FIELDS}
"""By name, in the order in which people read them."""
