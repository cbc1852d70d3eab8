"""What jobs work with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Engine

from connector.outbound import PUBLIC, Outbound
from sync.holds import MOST_RETIRED
from sync.secrets import SecretStore


class Means(NamedTuple):
    """The store, the secrets, the clock and the settings of the process that does a job.

    `threads` fetch for one run; `most_retired` is the share of a stream that may go without a person's word;
    `outbound` says where connections may lead.
    """

    engine: Engine
    secrets: SecretStore
    clock: Callable[[], datetime]
    time_zone: str = "UTC"
    threads: int = 4
    most_retired: float = MOST_RETIRED
    outbound: Outbound = PUBLIC
