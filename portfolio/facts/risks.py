"""The risk register: open risks, what they may cost, and whether they are looked after.

Risks alike in chance, cost and type are one line with a count, so that sums stay exact. Attributes keep no history:
this is the register of the present, whatever the day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, func, or_, select

from portfolio.facts.attributes import with_attributes
from portfolio.facts.states import V, is_open, standing


class RiskLine(NamedTuple):
    """`risks` open risks. `probability` and `residual` (after the response) are ratios, `impact` is in `currency`."""

    opportunity: bool
    probability: Fraction | None
    residual: Fraction | None
    impact: Fraction | None
    currency: str | None
    risks: int


@dataclass(frozen=True)
class Risks:
    """`known`: risks of any state, cancelled ones aside. `tended`: open ones with an owner, a response, and a review
    that is not past."""

    lines: tuple[RiskLine, ...] = ()
    known: int = 0
    tended: int = 0

    @property
    def open(self) -> int:
        return sum(line.risks for line in self.lines)


@dataclass
class _Growing:
    lines: list[RiskLine] = field(default_factory=list)
    known: int = 0
    tended: int = 0


def risks(connection: Connection, as_of: date, project_ids: Collection[int] | None = None) -> dict[int, Risks]:
    """The register of each project that has any risk. A risk is open while its item is, and nobody says that it is
    closed or has occurred. One without a type is a threat."""
    names = ("probability", "residual_probability", "impact_cost", "risk_type", "risk_state", "response", "owner")
    query, its = with_attributes(standing(select(V.project_id), as_of, project_ids), *names, "review_due")
    alive = and_(is_open(), func.coalesce(its["risk_state"].text, "open") == "open")
    tended = and_(
        alive,
        or_(its["owner"].person_id.is_not(None), V.assignee_id.is_not(None)),
        its["response"].text.is_not(None),
        its["review_due"].day >= as_of,
    )
    columns = (
        func.coalesce(its["risk_type"].text == "opportunity", False),
        its["probability"].number,
        its["residual_probability"].number,
        its["impact_cost"].number,
        its["impact_cost"].currency,
        alive,
    )
    query = query.add_columns(*columns, func.count(), func.count().filter(tended))
    query = query.where(V.kind == "risk", V.category != "cancelled").group_by(V.project_id, *columns)
    growing: dict[int, _Growing] = defaultdict(_Growing)
    for project_id, opportunity, chance, residual, impact, currency, is_alive, count, cared in connection.execute(
        query
    ):
        register = growing[project_id]
        register.known += count
        register.tended += cared
        if is_alive:
            exact = (_exact(chance), _exact(residual), _exact(impact))
            register.lines.append(RiskLine(bool(opportunity), *exact, currency, count))
    return {ident: Risks(tuple(it.lines), it.known, it.tended) for ident, it in growing.items()}


def _exact(number: Any) -> Fraction | None:
    return None if number is None else Fraction(number)
