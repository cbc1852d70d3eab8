"""Asana's events of a project: tokens, and which tasks they say something of.

An answer holds a hundred events at most and a token for those that follow. A token lives a day; Asana may also forget
events. So they are a way to hear of a change early, never proof that nothing changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from connector.asana.documents import Ref
from connector.asana.session import Session
from connector.errors import BadAnswerError, FeatureAbsentError, ForbiddenError, MissingError, StaleMarkError

MOST_ANSWERS = 500
"""Whoever is further behind than this many hundreds of events reads the project whole."""

OUT_OF_REACH = (FeatureAbsentError, ForbiddenError, MissingError)

_PLACING = frozenset({"parent", "memberships", "projects"})


class _Change(msgspec.Struct):
    field: str | None = None


class Event(msgspec.Struct):
    """One event; `parent` is what the resource was added to or removed from."""

    action: str = ""
    resource: Ref | None = None
    parent: Ref | None = None
    change: _Change | None = None


def token(session: Session, project: str) -> str | None:
    """A token for the events from now on; None where the account may not have any."""
    try:
        return session.events(project, None).sync
    except OUT_OF_REACH:
        return None


def drain(session: Session, project: str, sync: str) -> tuple[list[Event], str]:
    """All events since the token, and the token for those that follow. Raises `StaleMarkError`."""
    found: list[Event] = []
    for _ in range(MOST_ANSWERS):
        answer = session.events(project, sync)
        if answer.data is None:
            raise StaleMarkError("Asana no longer knows what changed since the last pass", path="/events")
        found += read_events(answer.data)
        if not answer.has_more:
            return found, answer.sync
        if answer.sync == sync:
            raise BadAnswerError("Asana repeats the token of its events, which would never end", path="/events")
        sync = answer.sync
    raise StaleMarkError("Too much changed since the last pass to be read one by one", path="/events")


def changed_tasks(events: Iterable[Event]) -> Mapping[str, bool]:
    """The gids of the tasks the events speak of, each once, and whether all below a task may have moved with it."""
    found: dict[str, bool] = {}
    for event in events:
        moved = event.action != "changed" or (event.change is not None and event.change.field in _PLACING)
        for ref, with_it in ((event.resource, moved), (event.parent, False)):
            if ref and ref.gid and ref.resource_type == "task":
                found[ref.gid] = found.get(ref.gid, False) or with_it
    return found


def read_events(slices: Iterable[msgspec.Raw]) -> Iterator[Event]:
    """The raw events as events. One of another shape says nothing to us: what it told of is found by the census."""
    for raw in slices:
        try:
            yield msgspec.json.decode(raw, type=Event)
        except msgspec.MsgspecError:
            continue
