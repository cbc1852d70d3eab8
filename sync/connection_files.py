"""Connections as a TOML file: what is needed to set them up again, or elsewhere. No secret is ever in it.

A file says for each connection where it leads, how it signs in, what it follows and when it is read. The token is kept
where it is, or named by the variable of the environment that holds it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec
import tomli_w

from connector.settings import ConnectionSettings, Follow, SignIn
from sync.connections import ConnectionRow
from sync.modes import Mode
from sync.schedule.schedules import Schedule
from sync.secrets import ENVIRONMENT
from sync.toml_files import read_document

FORMAT = 1
_KEPT = ("tracker", "address", "sign_in", "account", "cloud_id", "proxy", "ca_bundle", "requests_per_minute")


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part of the file. What stands at its default is left out."""


class Times(_Part, frozen=True, kw_only=True):
    """When a connection is read: cron expressions by mode ("" for never) in a time zone ("" for the installation's)."""

    time_zone: str = ""
    incremental: str | None = None
    census: str | None = None
    full: str | None = None

    def crons(self) -> dict[Mode, str]:
        """What is said of modes, "" for one that is off."""
        given = {Mode.INCREMENTAL: self.incremental, Mode.CENSUS: self.census, Mode.FULL: self.full}
        return {mode: cron for mode, cron in given.items() if cron is not None}


class ConnectionEntry(_Part, frozen=True, kw_only=True):
    """One connection. `token_env` names the variable that holds its token; "" where the token is stored."""

    tracker: str
    address: str
    sign_in: SignIn
    account: str = ""
    cloud_id: str = ""
    proxy: str = ""
    ca_bundle: str = ""
    requests_per_minute: int = 0
    token_env: str = ""
    enabled: bool = True
    follow: tuple[Follow, ...] = ()
    schedule: Times = Times()

    def settings(self, before: ConnectionSettings | None) -> ConnectionSettings:
        """The connector's settings; what a file does not speak of stays as it was."""
        said = {name: getattr(self, name) for name in _KEPT}
        if before is None:
            return ConnectionSettings(**said, follow=self.follow)
        return msgspec.structs.replace(before, **said, scope=(), follow=self.follow)


class ConnectionsFile(_Part, frozen=True, kw_only=True):
    """The file: connections by name."""

    format: int = FORMAT
    connections: dict[str, ConnectionEntry] = {}


def to_toml(rows: Iterable[ConnectionRow], schedules: Mapping[int, Sequence[Schedule]]) -> str:
    """The connections as TOML; `from_toml` gives back what is said of them."""
    entries = {row.name: _entry(row, schedules.get(row.id, ())) for row in rows}
    document = msgspec.to_builtins(ConnectionsFile(connections=entries), order="deterministic")
    return tomli_w.dumps({"format": FORMAT, **document})


def from_toml(text: str) -> ConnectionsFile:
    """Read a file. Raises `FileError`, with the line where that can be told."""
    return read_document(text, ConnectionsFile, FORMAT)


def _entry(row: ConnectionRow, schedules: Sequence[Schedule]) -> ConnectionEntry:
    crons = {each.mode.value: each.cron if each.enabled else "" for each in schedules}
    zone = schedules[0].time_zone if schedules else ""
    return ConnectionEntry(
        **{name: getattr(row.settings, name) for name in _KEPT},
        token_env=row.secret_ref.removeprefix(ENVIRONMENT) if row.secret_ref.startswith(ENVIRONMENT) else "",
        enabled=row.enabled,
        follow=row.settings.rules,
        schedule=Times(time_zone=zone, **crons),
    )
