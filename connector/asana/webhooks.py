"""Webhooks of Asana projects: the notices they send, and the hooks of one account, one for each followed project.

A notice names what changed and nothing more. Notices are sent at most once, late or in another order, and a webhook
whose deliveries fail for a day is removed in silence: whoever relies on one also asks.
"""

from __future__ import annotations

import hashlib
import hmac

import msgspec

from connector.asana import asking
from connector.asana.catalogue import Catalogue
from connector.asana.documents import Ref
from connector.asana.events import Event, changed_tasks, read_events
from connector.asana.plain import gid_of, instant
from connector.asana.session import Session, decoded
from connector.boundary.call import Boundary
from connector.errors import BadAnswerError, MissingError, RateLimitedError, RetryError
from connector.protocol import Stream
from connector.records import UnreadableError
from connector.settings import ConnectionSettings, Secret
from connector.webhooks import ByHand, Handshake, Headers, Notice, Registered

PATH = "/webhooks"
FILTERS = tuple(
    {"resource_type": kind, "action": action}
    for kind, actions in (
        ("task", ("added", "changed", "removed", "deleted", "undeleted")),
        ("story", ("added",)),
        ("project", ("changed",)),
        ("section", ("added", "changed", "deleted")),
    )
    for action in actions
)
"""What we want to hear of a project."""

LONGEST_SECRET = 256
LONGEST_GID = 32

_STREAMS = {"project": Stream.PROJECTS, "section": Stream.SECTIONS}
_MOST_TRIES = 2


class _Delivery(msgspec.Struct):
    events: list[msgspec.Raw] = []


class _Hook(msgspec.Struct):
    gid: str
    resource: Ref | None = None
    target: str = ""
    active: bool = True
    last_failure_at: str | None = None
    failure_deletion_timestamp: str | None = None


class AsanaNotices:
    """Understands the deliveries of Asana. Pure."""

    def handshake(self, headers: Headers) -> Handshake | None:
        """The secret Asana brings while a webhook is made; it wants it back in the same header."""
        given = headers.get("x-hook-secret", "")
        if "x-hook-signature" in headers or not 0 < len(given) <= LONGEST_SECRET:
            return None
        if not all("!" <= sign <= "~" for sign in given):
            return None
        return Handshake(Secret(given), {"X-Hook-Secret": given})

    def verify(self, headers: Headers, body: bytes, secret: Secret) -> bool:
        """Whether X-Hook-Signature is the HMAC-SHA256 of these bytes."""
        expected = hmac.new(secret.reveal().encode(), body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(headers.get("x-hook-signature", "").encode(), expected.encode())

    def delivery_id(self, headers: Headers, body: bytes) -> str:
        """The body's hash: Asana numbers no deliveries, and no two of them bear the same instants."""
        return hashlib.sha256(body).hexdigest()

    def notice(self, body: bytes) -> Notice:
        """The tasks the events speak of, those of stories as well, and the lists they change. No event: a heartbeat."""
        try:
            events = list(read_events(msgspec.json.decode(body, type=_Delivery).events))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return Notice()
        items = tuple(gid for gid in changed_tasks(events) if _is_gid(gid))
        return Notice(items, tuple(dict.fromkeys(stream for event in events if (stream := _stream(event)))))


class AsanaHooks:
    """The webhooks of one account, one for each followed project."""

    gives_secret = True
    by_hand: ByHand | None = None

    def __init__(self, settings: ConnectionSettings, secret: Secret, boundary: Boundary | None = None) -> None:
        self._boundary = boundary or Boundary(settings)
        self._session = Session(settings, secret, self._boundary)
        self._catalogue = Catalogue(self._session, settings.rules)

    def resources(self) -> tuple[str, ...]:
        """The gids of the followed projects."""
        return tuple(self._catalogue.projects())

    def listed(self) -> tuple[Registered, ...]:
        """The webhooks of this account in the workspaces in use."""
        return tuple(hook for each in self._catalogue.workspaces() for hook in self._listed({"workspace": each.gid}))

    def register(self, resource: str, target: str, secret: Secret | None) -> Registered:
        """A webhook of a project. Asana calls `target` before it answers. `secret` is not used: Asana makes its own."""
        wanted: dict[str, object] = {"resource": resource, "target": target, "filters": FILTERS}
        for _ in range(_MOST_TRIES):
            try:
                return _registered(decoded(self._session.post(PATH, wanted, asking.WEBHOOK), _Hook, PATH))
            except RateLimitedError:
                raise
            except RetryError:
                # It may have been made all the same.
                made = next((hook for hook in self._of(resource) if hook.target == target), None)
                if made is not None:
                    return made
        what, remedy = "Asana did not make the webhook", "Try again in a few minutes"
        raise BadAnswerError(what, remedy=remedy, method="POST", path=PATH)

    def remove(self, external_id: str) -> None:
        """Remove it. After an answer that was lost, the list tells whether it went."""
        try:
            self._session.delete(f"{PATH}/{external_id}")
        except MissingError:
            return
        except RetryError:
            if any(hook.external_id == external_id for hook in self.listed()):
                raise

    def close(self) -> None:
        """Wake whoever waits, and close the sockets."""
        self._boundary.close()
        self._session.close()

    def _of(self, resource: str) -> list[Registered]:
        place = self._catalogue.projects().get(resource)
        return self._listed({"workspace": place.workspace_gid, "resource": resource}) if place else []

    def _listed(self, params: dict[str, str]) -> list[Registered]:
        slices = self._session.all(PATH, params, asking.WEBHOOK)
        return [_registered(decoded(raw, _Hook, PATH)) for raw in slices]


def _registered(hook: _Hook) -> Registered:
    try:
        failed = instant(hook.last_failure_at, "last_failure_at")
        ends_at = instant(hook.failure_deletion_timestamp, "failure_deletion_timestamp")
    except UnreadableError:
        failed = ends_at = None
    trouble = "" if hook.active else "Asana does not deliver to it"
    if hook.active and ends_at is not None:
        trouble = f"Deliveries fail, the last at {failed:%Y-%m-%d %H:%M} UTC" if failed else "Deliveries fail"
    return Registered(
        external_id=hook.gid,
        resource=gid_of(hook.resource) or "",
        target=hook.target,
        active=hook.active,
        trouble=trouble,
        ends_at=ends_at,
    )


def _stream(event: Event) -> Stream | None:
    return _STREAMS.get(event.resource.resource_type or "") if event.resource else None


def _is_gid(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= LONGEST_GID
