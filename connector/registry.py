"""Which trackers there are, by name. A new tracker is one line here.

Trackers are imported when first used: their client libraries are slow to load, and a command that needs none should
not pay for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import cast

from connector.addresses import refuse_passwords
from connector.errors import BadAddressError
from connector.protocol import Connector, Opening, Reader, Reading
from connector.records import FieldRecord
from connector.settings import ConnectionSettings, Secret

TRACKERS: dict[str, tuple[str, str]] = {
    "jira": ("connector.jira.connection:JiraConnector", "connector.jira.reader:JiraReader"),
    "asana": ("connector.asana.connection:AsanaConnector", "connector.asana.reader:AsanaReader"),
}


def open_connector(settings: ConnectionSettings, secret: Secret) -> Connector:
    """A connector for these settings. No request is made yet. An address with a password is a `BadAddressError`."""
    refuse_passwords(settings)
    return cast(Opening, _load(settings.tracker, 0))(settings, secret)


def open_reader(tracker: str, address: str, fields: Sequence[FieldRecord], wanted: Sequence[str]) -> Reader:
    """A reader of this tracker's payloads, given its field catalogue and the ids of the custom fields wanted."""
    return cast(Reading, _load(tracker, 1))(address, fields, wanted)


def _load(tracker: str, part: int) -> object:
    if tracker not in TRACKERS:
        known = ", ".join(sorted(TRACKERS))
        raise BadAddressError(f"There is no tracker called {tracker!r}", remedy=f"Known are: {known}")
    module, name = TRACKERS[tracker][part].split(":")
    return getattr(import_module(module), name)
