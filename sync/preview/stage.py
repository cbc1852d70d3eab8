"""The stage of a preview: shadows of all that mapping, settling and rolling up read and write.

Whatever has no shadow is read as it is; that nobody writes it is seen to by the database (`portfolio.store.shadow`).
"""

from __future__ import annotations

from portfolio.model import Base
from portfolio.model.governance import RuleResult
from portfolio.model.landing import (
    AwaitedName,
    Connection,
    MappingProfile,
    Quarantine,
    RawRecord,
    UnmappedValue,
)
from portfolio.model.mapping import MappingPreview
from portfolio.model.oversight import HistoryDue, KpiValue, RollUp
from portfolio.model.resources import PlannedLoad
from portfolio.model.work import Transition
from portfolio.store.shadow import Shadow
from sync.preview.compare import CHANGED
from sync.tables import table_of

# Written, and never read by what follows: their rows need not be brought along.
_WRITTEN_ONLY = (Transition, KpiValue, RollUp, HistoryDue)
_OTHERS = (AwaitedName, Connection, MappingProfile, PlannedLoad, Quarantine, RuleResult, UnmappedValue)
# Everything in these is what the portfolio holds, or what people decided about it.
_ROOMS = tuple(f"portfolio.model.{name}" for name in ("mapping", "people", "structure", "work"))


def set_up(ours: Shadow) -> None:
    """Shadow the tables, and let nothing else be written from here on."""
    ours.empty(*map(table_of, _WRITTEN_ONLY))
    ours.see_through(table_of(RawRecord))
    models = [mapper.class_ for mapper in Base.registry.mappers]
    whole = [model for model in models if model in _OTHERS or model.__module__ in _ROOMS]
    ours.copy(*(table_of(model) for model in whole if model not in (*_WRITTEN_ONLY, MappingPreview)))
    ours.add(CHANGED)
    ours.close_doors()
