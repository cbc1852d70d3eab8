"""A site or workspace made of recordings, with the account of what was recorded, derived and left out."""

from __future__ import annotations

from dataclasses import dataclass, field

from simulator.asana.workspace import Workspace
from simulator.jira.site import Site


@dataclass
class RecordedSite(Site):
    """`derived` counts, per stream, the documents no recording holds by themselves but others show (a status seen in
    an issue). `left_out` counts, per reason, recorded documents that cannot be served.
    """

    derived: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)


@dataclass
class RecordedWorkspace(Workspace):
    """As `RecordedSite`, for Asana."""

    derived: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
