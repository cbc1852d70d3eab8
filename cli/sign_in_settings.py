"""The configuration of those who prove for us who somebody is: an OpenID provider, or a proxy in front.

The secret of the provider's client is no setting: it comes from the environment variable `CLIENT_SECRET`.
"""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from cli.section import LISTED, Section

CLIENT_SECRET = "SIGHTLINE_OIDC_CLIENT_SECRET"
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,99}")
_TAKEN = frozenset({"authorization", "connection", "content-length", "content-type", "cookie", "host", "referer"})


def _on_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


class OidcSection(Section):
    """The OpenID provider people may sign in at."""

    issuer: str = Field("", description="The provider's issuer, exactly as it names itself; empty: none.")
    client_id: str = Field("", description="The id under which the provider knows Sightline.")
    scopes: str = Field("openid profile email groups", description="What is asked for, separated by spaces.")
    groups_claim: str = Field("groups", min_length=1, description="The claim that lists a person's groups.")
    name_claim: str = Field("preferred_username", min_length=1, description="The claim a new account is named by.")
    label: str = Field(
        "your organisation", min_length=1, max_length=60, description="What the sign-in button calls it."
    )

    @field_validator("issuer")
    @classmethod
    def _issuer(cls, value: str) -> str:
        if not value:
            return value
        parts = urlsplit(value)
        if not parts.hostname or parts.username or parts.query or parts.fragment:
            raise ValueError(f"{value!r} is not an issuer; write it like https://login.example.com/realms/staff")
        if parts.scheme != "https" and not (parts.scheme == "http" and _on_this_machine(parts.hostname)):
            raise ValueError("it must begin with https://: what comes over http proves nobody")
        return value

    @field_validator("scopes")
    @classmethod
    def _scopes(cls, value: str) -> str:
        if "openid" not in value.split():
            raise ValueError("openid must be among the scopes")
        return " ".join(value.split())

    @model_validator(mode="after")
    def _whole(self) -> OidcSection:
        if self.issuer and not self.client_id:
            raise ValueError("an issuer needs a client_id: register Sightline with the provider, and write the id here")
        return self


class ProxySignInSection(Section):
    """A proxy in front that signs people in and names them in a header."""

    header: str = Field("", description="The header that names whoever is signed in; empty: no header is believed.")
    groups_header: str = Field("", description="The header that lists their groups, separated by commas; empty: none.")
    addresses: Annotated[tuple[str, ...], *LISTED] = Field(
        (), description="IP addresses or networks the proxy connects from."
    )

    @field_validator("header", "groups_header")
    @classmethod
    def _header(cls, value: str) -> str:
        if value and (not _HEADER.fullmatch(value) or value.lower() in _TAKEN):
            raise ValueError(f"{value!r} cannot name people; write one with hyphens, like X-Remote-User")
        return value

    @field_validator("addresses")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for text in value:
            try:
                network = ip_network(text)
            except ValueError as error:
                raise ValueError(f"{text!r} is not an IP address or network; write 10.0.0.7 or 10.0.0.0/28") from error
            if network.prefixlen == 0:
                raise ValueError(f"{text!r} is everybody; write the address the proxy connects from")
        return value

    @model_validator(mode="after")
    def _whole(self) -> ProxySignInSection:
        if self.header and not self.addresses:
            raise ValueError("a header needs addresses: those the proxy connects from, for whoever else could send it")
        if self.groups_header and not self.header:
            raise ValueError("a groups_header needs a header that names the person")
        if self.header and self.header.lower() == self.groups_header.lower():
            raise ValueError("header and groups_header must be two headers")
        return self
