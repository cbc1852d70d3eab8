"""Which trackers there are, by name. A new tracker is one line here.

Trackers are imported when first used: their client libraries are slow to load, and a command that needs none should
not pay for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import cast

from connector.addresses import refuse_passwords
from connector.boundary.governor import Governor
from connector.choosing import Chooser, OpeningChooser
from connector.errors import BadAddressError, FeatureAbsentError
from connector.outbound import PUBLIC, Outbound
from connector.protocol import Connector, Opening, Reader, Reading
from connector.pseudonyms import Shape
from connector.records import FieldRecord
from connector.settings import ConnectionSettings, Secret
from connector.webhooks import Hooks, Notices, OpeningHooks

TRACKERS: dict[str, tuple[str, str]] = {
    "jira": ("connector.jira.connection:JiraConnector", "connector.jira.reader:JiraReader"),
    "asana": ("connector.asana.connection:AsanaConnector", "connector.asana.reader:AsanaReader"),
}
CHOOSERS: dict[str, tuple[str, ...]] = {
    "jira": ("connector.jira.choosing:JiraChooser",),
    "asana": ("connector.asana.choosing:AsanaChooser",),
}
# A tracker without webhooks is left out.
WEBHOOKS: dict[str, tuple[str, str]] = {
    "jira": ("connector.jira.webhooks:JiraHooks", "connector.jira.webhooks:JiraNotices"),
    "asana": ("connector.asana.webhooks:AsanaHooks", "connector.asana.webhooks:AsanaNotices"),
}
# One whose payloads name nobody is left out.
ACCOUNTS: dict[str, tuple[str, ...]] = {
    "jira": ("connector.jira.people:ACCOUNT",),
    "asana": ("connector.asana.plain:ACCOUNT",),
}


def open_connector(
    settings: ConnectionSettings, secret: Secret, governor: Governor | None = None, outbound: Outbound = PUBLIC
) -> Connector:
    """A connector for these settings. No request is made yet. An address with a password is a `BadAddressError`.

    It keeps to the pace of `governor`; without one, to one of its own. It connects only where `outbound` lets it.
    """
    refuse_passwords(settings)
    opening = cast(Opening, _load(TRACKERS, settings.tracker, 0))
    from connector.boundary.call import Boundary

    return opening(settings, secret, Boundary(settings, governor=governor, outbound=outbound))


def open_reader(tracker: str, address: str, fields: Sequence[FieldRecord], wanted: Sequence[str]) -> Reader:
    """A reader of this tracker's payloads, given its field catalogue and the ids of the custom fields wanted."""
    return cast(Reading, _load(TRACKERS, tracker, 1))(address, fields, wanted)


def open_chooser(
    settings: ConnectionSettings, secret: Secret, governor: Governor | None = None, outbound: Outbound = PUBLIC
) -> Chooser:
    """What tells people what there is to follow. No request is made yet.

    It keeps to the pace of `governor` and to `outbound`, as `open_connector` does.
    """
    refuse_passwords(settings)
    opening = cast(OpeningChooser, _load(CHOOSERS, settings.tracker, 0))
    from connector.boundary.call import Boundary

    return opening(settings, secret, Boundary(settings, governor=governor, outbound=outbound))


def open_hooks(
    settings: ConnectionSettings, secret: Secret, governor: Governor | None = None, outbound: Outbound = PUBLIC
) -> Hooks:
    """The webhooks of a connection at its tracker. No request is made yet. Raises `FeatureAbsentError`.

    They keep to the pace of `governor` and to `outbound`, as `open_connector` does.
    """
    refuse_passwords(settings)
    _require_webhooks(settings.tracker)
    opening = cast(OpeningHooks, _load(WEBHOOKS, settings.tracker, 0))
    from connector.boundary.call import Boundary

    return opening(settings, secret, Boundary(settings, governor=governor, outbound=outbound))


def open_notices(tracker: str) -> Notices:
    """What understands the deliveries of this tracker. Raises `FeatureAbsentError`."""
    _require_webhooks(tracker)
    return cast(type[Notices], _load(WEBHOOKS, tracker, 1))()


def account_shape(tracker: str) -> Shape:
    """What an account looks like in this tracker's payloads."""
    return cast(Shape, _load(ACCOUNTS, tracker, 0)) if tracker in ACCOUNTS else Shape()


def _require_webhooks(tracker: str) -> None:
    if tracker not in WEBHOOKS:
        raise FeatureAbsentError(f"The connector of {tracker!r} knows no webhooks", remedy="It is polled all the same")


def _load(catalogue: Mapping[str, tuple[str, ...]], tracker: str, part: int) -> object:
    if tracker not in catalogue:
        known = ", ".join(sorted(catalogue))
        raise BadAddressError(f"There is no tracker called {tracker!r}", remedy=f"Known are: {known}")
    module, name = catalogue[tracker][part].split(":")
    return getattr(import_module(module), name)
