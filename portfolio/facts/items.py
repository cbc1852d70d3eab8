"""The items behind a number."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from portfolio.facts.catalogue import FACTS
from portfolio.facts.states import AnySelect, V, standing


def item_ids(fact_name: str, project_id: int, as_of: date) -> AnySelect:
    """A select of the ids of the items behind a fact of a project on a day: as many as the fact counts.

    Raises KeyError for a fact that is not declared. The select has no order; use it in `where(id.in_(...))`.
    """
    return standing(select(V.item_id), as_of).where(V.project_id == project_id, FACTS[fact_name].behind(as_of))
