"""What the web application is told when it is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import IPv4Network, IPv6Network
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from connector.outbound import PUBLIC, Outbound
from connector.settings import Secret
from sync.holds import MOST_RETIRED
from sync.secrets import SecretStore


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Provider:
    """The OpenID provider people may sign in at. Without a secret Sightline is a public client of it.

    `scopes` are separated by spaces; `label` is what the sign-in page calls the provider.
    """

    issuer: str
    client_id: str
    client_secret: Secret | None = None
    scopes: str = "openid profile email groups"
    groups_claim: str = "groups"
    name_claim: str = "preferred_username"
    label: str = "your organisation"


@dataclass(frozen=True, kw_only=True)
class SigningProxy:
    """A proxy in front that signs people in: the header that names them, and the networks it connects from."""

    header: str
    groups_header: str = ""
    networks: tuple[IPv4Network | IPv6Network, ...]


@dataclass(frozen=True, kw_only=True)
class WebSettings:
    """What the web application needs from outside.

    `secret_key` signs sessions; change it and everybody signs in again. `time_zone` is the one every time of day is
    shown in. `https` is True when people reach the site over https although this process does not see it (TLS ends
    in a proxy): cookies are then always `Secure`, and browsers are told to stay with https. `secrets` opens the secrets
    of webhooks; without it no tracker's notice is taken. `metrics` opens the figures for a monitoring system to whoever
    reaches the site. `most_retired` is the share of records that may go without a person's word. `keys_readable` tells
    whether the encryption keys can be had. `hosts` are the names the site answers to, where `.example.com` is all below
    it too; none: any name, as no answer repeats it. `public_url` is where people reach the site, without a slash at its
    end; empty: wherever they came to. `oidc` and `signing_proxy` prove for us who somebody is, where there is one.
    `outbound` says where connections may lead.
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
    public_url: str = ""
    oidc: Provider | None = None
    signing_proxy: SigningProxy | None = None
    outbound: Outbound = PUBLIC

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)
