"""What the web application is told when it is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from sync.holds import MOST_RETIRED
from sync.secrets import SecretStore


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class WebSettings:
    """What the web application needs from outside.

    `secret_key` signs sessions; change it and everybody signs in again. `time_zone` is the one every time of day is
    shown in. `https` is True when people reach the site over https although this process does not see it (TLS ends
    in a proxy): cookies are then always `Secure`, and browsers are told to stay with https. `secrets` opens the secrets
    of webhooks; without it no tracker's notice is taken. `metrics` opens the figures for a monitoring system to whoever
    reaches the site. `most_retired` is the share of records that may go without a person's word. `keys_readable` tells
    whether the encryption keys can be had. `hosts` are the names the site answers to, where `.example.com` is all below
    it too; none: any name, as no answer repeats it.
    """

    engine: Engine
    secret_key: str
    time_zone: str = "UTC"
    clock: Callable[[], datetime] = _utc_now
    https: bool = False
    secrets: SecretStore | None = None
    metrics: bool = False
    most_retired: float = MOST_RETIRED
    hosts: tuple[str, ...] = ()
    keys_readable: Callable[[], bool] = lambda: True

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)
