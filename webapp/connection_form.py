"""The form a connection is made with: what was typed, read into settings, and what the tracker says of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from connector.errors import BadAddressError, BarredAddressError, ConnectorError, SignInError, TrackerDownError
from connector.outbound import Outbound
from connector.protocol import Probe
from connector.settings import ConnectionSettings, Secret, SignIn

LONGEST = 500
LONGEST_NAME = 100


class Kind(StrEnum):
    """Which tracker, and with it how its token signs in. Other ways to sign in are for `sightline connection add`."""

    JIRA_CLOUD = "jira_cloud"
    JIRA_DATACENTER = "jira_datacenter"
    ASANA = "asana"


_TRACKER = {Kind.JIRA_CLOUD: "jira", Kind.JIRA_DATACENTER: "jira", Kind.ASANA: "asana"}
_SIGN_IN = {Kind.JIRA_CLOUD: SignIn.CLOUD_TOKEN}
ASANA_ADDRESS = "https://app.asana.com/api/1.0"


class Fault(StrEnum):
    """What is wrong with a field, for the template to say."""

    MISSING = "missing"
    NO_URL = "no_url"
    TAKEN = "taken"
    SAID = "said"  # the tracker, or what stands before it, says it


class ConnectionFormError(ValueError):
    """What was typed will not do. `field` is where; `said` the words of whoever refused it, safe to show."""

    def __init__(self, field: str, fault: Fault, said: str = "") -> None:
        super().__init__(f"{field}: {fault}")
        self.field = field
        self.fault = fault
        self.said = said


@dataclass(frozen=True)
class Typed:
    """A form that can be tried."""

    name: str
    settings: ConnectionSettings
    secret: Secret


def read_form(form: Mapping[str, str]) -> Typed:
    """What was typed. Without a name the connection is called by its host. Raises `ConnectionFormError`."""
    values = {name: form.get(name, "").strip()[:LONGEST] for name in ("kind", "address", "account", "token")}
    if values["kind"] not in frozenset(Kind):
        raise ConnectionFormError("kind", Fault.MISSING)
    kind = Kind(values["kind"])
    address = values["address"].rstrip("/") or (ASANA_ADDRESS if kind is Kind.ASANA else "")
    if not address:
        raise ConnectionFormError("address", Fault.MISSING)
    if not _host(address):
        raise ConnectionFormError("address", Fault.NO_URL)
    if kind is Kind.JIRA_CLOUD and not values["account"]:
        raise ConnectionFormError("account", Fault.MISSING)
    if not values["token"]:
        raise ConnectionFormError("token", Fault.MISSING)
    settings = ConnectionSettings(
        tracker=_TRACKER[kind],
        address=address,
        sign_in=_SIGN_IN.get(kind, SignIn.PERSONAL_TOKEN),
        account=values["account"] if kind is Kind.JIRA_CLOUD else "",
    )
    name = " ".join(form.get("name", "").split())[:LONGEST_NAME] or _host(address)
    return Typed(name, settings, Secret(values["token"]))


def try_out(typed: Typed, outbound: Outbound) -> Probe:
    """What the tracker says. Raises `ConnectionFormError` at the field that is to blame, in the error's words."""
    # The trackers' own libraries are slow to import, and pages that ask no tracker need none.
    from connector.registry import open_connector

    try:
        connector = open_connector(typed.settings, typed.secret, outbound=outbound)
        try:
            return connector.probe()
        finally:
            connector.close()
    except ConnectorError as error:
        raise ConnectionFormError(_blamed(error), Fault.SAID, " ".join(str(error).split())) from None


def _blamed(error: ConnectorError) -> str:
    if isinstance(error, BadAddressError | BarredAddressError | TrackerDownError):
        return "address"
    return "token" if isinstance(error, SignInError) else "form"


def _host(address: str) -> str:
    try:
        parts = urlsplit(address)
        return parts.hostname or "" if parts.scheme in ("http", "https") else ""
    except ValueError:
        return ""
