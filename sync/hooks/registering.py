"""Webhooks at the tracker and doors here, brought into line: enable, status, disable.

The door is there before the tracker hears of it, because some trackers knock while they are being asked. Each step is
committed on its own, so that whatever breaks off is mended by doing it again.
"""

from __future__ import annotations

import secrets as randomness
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Engine

from connector.errors import ConnectorError, ForbiddenError, SkipError
from connector.settings import Secret
from connector.webhooks import ByHand, Hooks, Registered
from portfolio.audit.entry import Actor
from portfolio.store.engine import reading, writing
from sync.hooks import webhooks
from sync.hooks.webhooks import ACTIVE, FAILING, GONE, PENDING, WebhookRow, target
from sync.secrets import SecretStore

SECRET_BYTES = 32
SETTLES_IN = timedelta(minutes=10)
NOTED_IN = timedelta(minutes=1)
BY_HAND = "It waits to be registered by hand, and for the first notice."
NO_HANDSHAKE = "The tracker took the address, but its handshake did not come to this installation."
SWITCHED_OFF = "It is switched off at the tracker."
NOT_THERE = "The tracker does not have it, or has removed it."


class Site(NamedTuple):
    """What the steps work with: the store, the connection, its webhooks at the tracker, and who takes them."""

    engine: Engine
    secrets: SecretStore
    connection_id: int
    hooks: Hooks
    clock: Callable[[], datetime]
    by: Actor


class Standing(NamedTuple):
    """How one webhook stands. The tracker gives it up at `ends_at` unless deliveries succeed by then.

    `asked` is whether the tracker told of it; an account that may not ask knows only what came in.
    """

    resource: str
    state: str
    why: str
    last_delivery_at: datetime | None
    ends_at: datetime | None
    asked: bool


class Paste(NamedTuple):
    """What a person has to enter in the tracker, where and for which events. `secret` is None where it cannot sign."""

    address: str
    secret: Secret | None
    by_hand: ByHand


class Left(NamedTuple):
    """A webhook whose door is closed but which could not be removed at the tracker, and why."""

    resource: str
    door: str
    why: str


def enable(site: Site, public_url: str, *, signed: bool) -> tuple[tuple[Standing, ...], tuple[Paste, ...]]:
    """Have the tracker tell of everything that is followed. What stands already stays; what is followed no more goes.

    Returns how the webhooks stand, and what a person must enter because the account may not. `signed` is False for
    a tracker that cannot sign. Raises `ConnectorError` when the tracker cannot be used at all.
    """
    before = _kept(site)
    listed = _listed(site.hooks)
    wanted = site.hooks.resources()
    _remove(site, [row for row in before.values() if row.resource not in wanted], listed)
    pastes = []
    for resource in wanted:
        row = before.get(resource)
        found = _match(row, listed) if row is not None else None
        if row is not None and stands(row, found, site.clock(), asked=listed is not None, public_url=public_url):
            continue
        if found is not None:
            site.hooks.remove(found.external_id)
        paste = _register(site, resource, public_url, signed=signed)
        pastes += [paste] if paste is not None else []
    return status(site), tuple(pastes)


def status(site: Site) -> tuple[Standing, ...]:
    """Ask the tracker how the webhooks stand, and note it. Raises `ConnectorError` when it cannot be used at all."""
    # In this order: what is heard of meanwhile is then known to the tracker as well.
    rows = _kept(site)
    listed = _listed(site.hooks)
    standings = []
    for row in rows.values():
        found = _match(row, listed)
        state, why = judge(row, found, site.clock(), asked=listed is not None)
        _note(site, row, found.external_id if found is not None else row.external_id, state, why)
        ends_at = found.ends_at if found is not None else None
        standings.append(
            Standing(row.resource, state, why or "", row.last_delivery_at, ends_at, asked=listed is not None)
        )
    return tuple(standings)


def disable(site: Site) -> tuple[Left, ...]:
    """Remove the webhooks at the tracker and close their doors. Returns those the tracker still has, or may have."""
    rows = list(_kept(site).values())
    try:
        listed = _listed(site.hooks)
    except ConnectorError:
        listed = None
    return _remove(site, rows, listed)


def stands(row: WebhookRow, found: Registered | None, now: datetime, *, asked: bool, public_url: str) -> bool:
    """Whether a webhook is as it should be. One that the account may not ask after was registered by a person."""
    if not asked:
        return row.state != GONE
    if found is None or not row.proof or found.target != target(public_url, row.door):
        return False
    return found.active or _is_new(row, now)


def judge(row: WebhookRow, found: Registered | None, now: datetime, *, asked: bool) -> tuple[str, str | None]:
    """The state of a webhook, and why, by what the tracker says of it."""
    if not asked:
        return row.state, row.why
    if found is None:
        return GONE, row.why if row.state == GONE else NOT_THERE
    if not row.proof:
        return PENDING, NO_HANDSHAKE
    if _is_new(row, now) and not found.active:
        return ACTIVE, None
    if not found.active:
        return FAILING, found.trouble or SWITCHED_OFF
    return (FAILING, found.trouble) if found.trouble else (ACTIVE, None)


def _is_new(row: WebhookRow, now: datetime) -> bool:
    """Whether its first delivery may be on the way, or here and not yet noted by the tracker.

    Until it is noted some trackers do not call the webhook active.
    """
    heard = row.last_delivery_at
    return now - row.created_at < SETTLES_IN and (heard is None or now - heard < NOTED_IN)


def _register(site: Site, resource: str, public_url: str, *, signed: bool) -> Paste | None:
    """Make a door and have the tracker deliver to it; what a person must do instead when the account may not."""
    hooks = site.hooks
    secret = None if hooks.gives_secret or not signed else Secret(randomness.token_urlsafe(SECRET_BYTES))
    sealed = site.secrets.seal(site.connection_id, secret) if secret is not None else None
    signed = signed or hooks.gives_secret
    with writing(site.engine) as store:
        door = webhooks.make_door(
            store, site.connection_id, resource, sealed, signed=signed, now=site.clock(), by=site.by
        )
    address = target(public_url, door)
    try:
        made = hooks.register(resource, address, secret)
    except SkipError as error:
        row = _kept(site)[resource]
        if isinstance(error, ForbiddenError) and hooks.by_hand is not None:
            _note(site, row, None, PENDING, BY_HAND)
            return Paste(address, secret, hooks.by_hand)
        _note(site, row, None, GONE, " ".join(str(error).split()))
        return None
    row = _kept(site)[resource]
    _note(site, row, made.external_id, ACTIVE if row.proof else PENDING, None if row.proof else NO_HANDSHAKE)
    return None


def _remove(site: Site, rows: Sequence[WebhookRow], listed: Sequence[Registered] | None) -> tuple[Left, ...]:
    left = []
    for row in rows:
        found = _match(row, listed)
        external_id = found.external_id if found is not None else row.external_id
        if external_id is not None:
            try:
                site.hooks.remove(external_id)
            except ConnectorError as error:
                left.append(Left(row.resource, row.door, " ".join(str(error).split())))
        elif listed is None:
            left.append(Left(row.resource, row.door, "It was registered by hand."))
    with writing(site.engine) as store:
        webhooks.forget(store, [row.id for row in rows], site.clock(), site.by)
    return tuple(left)


def _listed(hooks: Hooks) -> tuple[Registered, ...] | None:
    """What the tracker has; None when the account may not ask."""
    try:
        return hooks.listed()
    except SkipError:
        return None


def _match(row: WebhookRow, listed: Sequence[Registered] | None) -> Registered | None:
    """The webhook that delivers to this door, at whatever address this installation had when it was made."""
    ending = webhooks.PATH + row.door
    return next((each for each in listed or () if each.target.endswith(ending)), None)


def _kept(site: Site) -> dict[str, WebhookRow]:
    with reading(site.engine) as store:
        return {row.resource: row for row in webhooks.webhooks(store, site.connection_id)}


def _note(site: Site, row: WebhookRow, external_id: str | None, state: str, why: str | None) -> None:
    with writing(site.engine) as store:
        webhooks.judged(store, row.id, external_id, state, why, site.clock())
