"""What a run is to read. A narrower run leaves to a wider one what only that one can know."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from connector.protocol import Stream


class Mode(StrEnum):
    """How much a run reads, the narrowest first."""

    REMAP = "remap"  # nothing of the tracker: what is landed is mapped anew
    NAMED = "named"  # some items, by their ids
    INCREMENTAL = "incremental"  # what changed since the last pass; whole what was never read whole
    CENSUS = "census"  # that, all lists of reference, and which items there are at all
    FULL = "full"  # everything


# Lists that other records refer to. They carry no time of change, so they are read whole, and now and then suffices.
REFERENCE_EVERY = timedelta(hours=1)
# Read by every run: which slices there are follows from it, or where items count.
ALWAYS = frozenset({Stream.PROJECTS, Stream.QUERIES, Stream.ITEMS, Stream.WORKLOGS})
# What is missing from these is no loss: history still refers to it.
KEPT_FOR_HISTORY = frozenset({Stream.FIELDS, Stream.STATUSES, Stream.KINDS, Stream.LINK_TYPES})
