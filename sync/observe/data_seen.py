"""What is wrong with the data of a connection, and with how its tracker lets us have them. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sync.hooks.webhooks import ACTIVE, PENDING
from sync.observe.condition import Condition
from sync.observe.said import OK, WARNING, Said, spanned

# What a tracker was asked to register is registered at once, and a project at rest is rarely quiet for so long.
REGISTERED_WITHIN = timedelta(hours=1)
SILENT_AFTER = timedelta(days=3)
THROTTLED_LATELY_S = 3_600.0
NAMED_PARTS = 3


def hold(found: Condition, _now: datetime) -> Iterator[Said]:
    """Whether missing records wait for a person."""
    if found.hold is not None and found.hold.decision is None:
        missing, total = found.hold.missing, found.hold.total
        detail = (
            f"{missing} of {total} records are missing at once, and were kept until somebody decides; look with "
            f"`sightline connection missing {shlex.quote(found.name)}`, then give --retire or --keep"
        )
        yield WARNING, "hold", detail


def absences(found: Condition, _now: datetime) -> Iterator[Said]:
    """Whether records have been missing for days and nobody knows why."""
    if found.lasting_absences:
        detail = (
            f"{found.lasting_absences} have been missing for days and the tracker does not say why; check that the "
            f"account may see their projects. `sightline connection missing {shlex.quote(found.name)}` names them"
        )
        yield WARNING, "missing records", detail


def quarantine(found: Condition, _now: datetime) -> Iterator[Said]:
    """Whether records could not be read."""
    if not found.quarantined:
        yield OK, "quarantine", "empty"
        return
    more = f", {found.quarantined_lately} of them since yesterday" if found.quarantined_lately else ""
    detail = f"{found.quarantined} records could not be read{more}; see the quarantine page"
    yield WARNING, "quarantine", detail


def mapping(found: Condition, _now: datetime) -> Iterator[Said]:
    """Whether the connection has what the mapping speaks of."""
    for line in found.unclear:
        yield WARNING, "mapping", f"{line}; say it otherwise in the mapping"


def webhooks(found: Condition, now: datetime) -> Iterator[Said]:
    """Whether notices of the tracker arrive."""
    anew = f"`sightline connection webhooks enable {shlex.quote(found.name)}` registers it anew"
    for each in found.webhooks:
        about = f"webhook {each.resource}".rstrip()
        heard = each.last_delivery_at or each.checked_at
        if each.state == PENDING:
            if each.checked_at is None or each.checked_at < now - REGISTERED_WITHIN:
                yield WARNING, about, f"registered only half; {anew}"
        elif each.state != ACTIVE:
            yield WARNING, about, f"{each.state}: {each.why or 'the tracker does not say why'}; {anew}"
        elif heard is not None and heard < now - SILENT_AFTER:
            ask = f"`sightline connection webhooks status {shlex.quote(found.name)}` asks the tracker about it"
            yield WARNING, about, f"nothing was heard for {spanned(now - heard)}; {ask}"


def rate(found: Condition, now: datetime) -> Iterator[Said]:
    """Whether the tracker slows us down."""
    budget, at = found.budget, now.timestamp()
    if budget is None:
        return
    slower = "limit the requests per minute of this connection, or sync it less often"
    if budget.free_at > at:
        until = datetime.fromtimestamp(budget.free_at, UTC).isoformat(timespec="minutes")
        yield WARNING, "rate", f"the tracker asks for patience until {until}; if it goes on, {slower}"
    elif budget.throttled_at is not None and at - budget.throttled_at < THROTTLED_LATELY_S:
        ago = spanned(timedelta(seconds=at - budget.throttled_at))
        yield WARNING, "rate", f"the tracker throttled us {ago} ago, and is asked more slowly; if it goes on, {slower}"


def completeness(found: Condition, _now: datetime) -> Iterator[Said]:
    """Whether everything was read, by the tracker's own count."""
    if found.unread:
        detail = (
            f"{found.unread} parts were begun and never read to their end; the next run goes on with them: "
            f"`sightline sync {shlex.quote(found.name)}`"
        )
        yield WARNING, "completeness", detail
    if found.uneven:
        parts = [f"{each.kept} of {each.told} in {each.slice}" for each in found.uneven[:NAMED_PARTS]]
        more = f" and {len(found.uneven) - NAMED_PARTS} more" if len(found.uneven) > NAMED_PARTS else ""
        detail = (
            f"items kept, of those the tracker counts: {', '.join(parts)}{more}; "
            f"`sightline sync --full {shlex.quote(found.name)}` reads everything again"
        )
        yield WARNING, "completeness", detail
