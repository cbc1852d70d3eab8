"""Money: what an hour of work costs, and what was spent beside work."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.model.base import Base, BigInt, PrimaryKey


class CostRate(Base):
    """What an hour of a person, or of a role, costs from a day on, up to and including another (None: for good).

    Exactly one of `person_id` and `role` is set. Rates of one person or role do not overlap.
    """

    __tablename__ = "cost_rate"
    __table_args__ = (Index(None, "person_id", "valid_from"), Index(None, "role", "valid_from"))

    id: Mapped[PrimaryKey]
    person_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("person.id"))
    role: Mapped[str | None]
    amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    currency: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    entered_by: Mapped[str]
    entered_at: Mapped[datetime]


class Expense(Base):
    """Money a project spends beside work.

    kind: licence, travel, hardware, subcontract, other. state: planned, committed, actual. `item_id` is the tracker's
    item it was read from, None for one that was entered here.
    """

    __tablename__ = "expense"
    __table_args__ = (Index(None, "project_id", "spent_on"),)

    id: Mapped[PrimaryKey]
    project_id: Mapped[int] = mapped_column(BigInt, ForeignKey("project.id"))
    item_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("work_item.id"), index=True)
    spent_on: Mapped[date]
    amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    currency: Mapped[str]
    kind: Mapped[str]
    state: Mapped[str]
    receipt: Mapped[str | None]
    approved_by: Mapped[str | None]
    entered_by: Mapped[str]
    entered_at: Mapped[datetime]
