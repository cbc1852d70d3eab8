"""What the mapping reads of items beyond the columns every tracker has, joined to a select. It is known of the present
only: attributes keep no history."""

from __future__ import annotations

from typing import Any

from portfolio.facts.states import AnySelect, V
from portfolio.model.mapping import ItemAttribute
from portfolio.model.named import named


def with_attributes(statement: AnySelect, *names: str) -> tuple[AnySelect, dict[str, Any]]:
    """A select over V with the attributes joined, empty where an item has none; and the row of each by its name."""
    rows: dict[str, Any] = {}
    for name in names:
        row = rows[name] = named(ItemAttribute, f"a_{name}")
        statement = statement.outerjoin(row, (row.item_id == V.item_id) & (row.name == name))
    return statement, rows
