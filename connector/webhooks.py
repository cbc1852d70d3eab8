"""What every tracker's webhooks look like to the rest of Sightline: notices that arrive, and hooks at the tracker.

A notice says that something changed, and what. It is a hint and never data: whoever is told asks the tracker. Trackers
lose notices, repeat them and end webhooks in silence, so polling stays the truth.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

import msgspec

from connector.protocol import Stream
from connector.settings import ConnectionSettings, Secret

if TYPE_CHECKING:
    from connector.boundary.call import Boundary

Headers = Mapping[str, str]
"""The headers of a request, by their names in small letters."""


class Notice(msgspec.Struct, frozen=True):
    """What a delivery says has changed: items by id, and other streams as a whole. Naming nothing is a heartbeat."""

    items: tuple[str, ...] = ()
    streams: tuple[Stream, ...] = ()


class Handshake(msgspec.Struct, frozen=True):
    """The tracker gives the secret with which it will sign, and wants these headers in the answer."""

    secret: Secret
    answer: Mapping[str, str]


class Notices(Protocol):
    """Understands what one tracker sends to a door. Pure: no network, no state. The body is hostile."""

    def handshake(self, headers: Headers) -> Handshake | None:
        """The secret this request brings; None when it is a delivery."""
        ...

    def verify(self, headers: Headers, body: bytes, secret: Secret) -> bool:
        """Whether the signature is that of these very bytes, compared in constant time. No signature is False."""
        ...

    def delivery_id(self, headers: Headers, body: bytes) -> str:
        """What stays the same when a delivery is repeated: the tracker's own id, else the body's SHA-256 in hex."""
        ...

    def notice(self, body: bytes) -> Notice:
        """What the body names, each once. Never raises: a body that cannot be understood names nothing."""
        ...


class Registered(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook as the tracker itself has it.

    `resource` is the project it speaks of, "" for the whole site; `target` the address it delivers to. `trouble` is one
    line for people, "" when deliveries succeed; unless they do, the tracker gives the webhook up at `ends_at`.
    """

    external_id: str
    resource: str
    target: str
    active: bool = True
    trouble: str = ""
    ends_at: datetime | None = None


class ByHand(msgspec.Struct, frozen=True):
    """How a person registers the webhook where the account may not: where in the tracker, and for which events."""

    where: str
    events: tuple[str, ...]


class Hooks(Protocol):
    """The webhooks of one connection at its tracker. Close it when done."""

    gives_secret: bool
    """True where the tracker makes the secret and gives it in a handshake; else it takes ours when it is registered."""

    by_hand: ByHand | None
    """None where only the account that follows the projects can register."""

    def resources(self) -> tuple[str, ...]:
        """What needs a webhook each: the ids of the followed projects, or ("",) where one serves the whole site."""
        ...

    def listed(self) -> tuple[Registered, ...]:
        """The webhooks of this account, or of the site, whoever made them. Raises `ForbiddenError`."""
        ...

    def register(self, resource: str, target: str, secret: Secret | None) -> Registered:
        """Make a webhook, at most once: after an answer that was lost, the list is asked before it is tried again.

        Where the tracker gives the secret, `target` is called before this returns, and `secret` is None. None elsewhere
        is a webhook that does not sign. Raises `ForbiddenError` when the account may not, `RefusedError` when the
        tracker does not take the target.
        """
        ...

    def remove(self, external_id: str) -> None:
        """Remove a webhook; one that is not there any more is removed already. Raises `ForbiddenError`."""
        ...

    def close(self) -> None:
        """Release sockets and threads. Idempotent."""
        ...


class OpeningHooks(Protocol):
    """Opens the webhooks of a connection; what the registry holds. Makes no request."""

    def __call__(self, settings: ConnectionSettings, secret: Secret, boundary: Boundary | None = None) -> Hooks:
        """Hooks that sign in with `secret` when they are first asked for something; as `Opening` does it."""
        ...
