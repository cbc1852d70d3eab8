"""The declarative base, column types and naming rules of every table."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, MetaData, text
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Instant(TypeDecorator[datetime]):
    """An instant, stored in UTC. Refuses naive datetimes; always gives back aware ones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an instant needs a time zone: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Every table of the product."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: Instant()}


# SQLite gives automatic row ids to INTEGER keys only; PostgreSQL should have 64 bits.
BigInt = BigInteger().with_variant(Integer(), "sqlite")
PrimaryKey = Annotated[int, mapped_column(BigInt, primary_key=True, autoincrement=True)]


EVER, FAR = date.min, date(9999, 12, 31)
"""From when and to when something holds that holds for all time."""
WHOLE = "whole"
"""What a table says in its `info` whose rows of one person only mean something together: the columns that, beside the
person, they have in common."""


def partial(condition: str) -> dict[str, Any]:
    """What makes an index one of only the rows for which a condition holds, on both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}
