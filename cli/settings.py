"""The configuration of a process: one TOML file, overridden by SIGHTLINE_* environment variables.

No secret stands here: keys come from a key file or the environment, tracker tokens from the encrypted store or the
environment.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from cli.exits import CommandError
from cli.section import LISTED, Section
from cli.sign_in_settings import OidcSection, ProxySignInSection
from cli.variables import require_known, variable_of
from connector.outbound import private_network

_HOST = re.compile(r"\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*")
DEFAULT_FILE = "sightline.toml"
# The commoner faults in words of our own; the library's name its own types.
_WORDS = dict.fromkeys(("int_parsing", "int_type", "int_from_float"), "it must be a whole number") | {
    **dict.fromkeys(("bool_parsing", "bool_type"), "it must be true or false"),
    **dict.fromkeys(("string_type", "path_type"), "it must be text in quotes"),
    **dict.fromkeys(("tuple_type", "list_type"), "it must be a list in square brackets"),
}


def public_address(text: str) -> str:
    """The address without a slash at its end. Raises ValueError for what trackers cannot be told."""
    parts = urlsplit(text)
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("it must be an address alone, without a user, a password or a query")
    # Asking for the port finds one that is no number.
    if parts.scheme not in {"https", "http"} or not parts.hostname or parts.port == 0:
        raise ValueError(f"{text!r} is not a URL; write it like https://sightline.example.com")
    return text.rstrip("/")


def host_name(text: str) -> str:
    """The name in small letters. Raises ValueError for what is no host name; one with a dot before it stands for all
    below it as well.
    """
    name = text.lower().rstrip(".")
    if not _HOST.fullmatch(name):
        raise ValueError(f"{text!r} is no host name; write it like jira.example.com, without https:// and port")
    return name


HostNames = Annotated[tuple[Annotated[str, AfterValidator(host_name)], ...], *LISTED]
Networks = Annotated[
    tuple[Annotated[IPv4Network | IPv6Network, BeforeValidator(lambda value: private_network(str(value)))], ...],
    *LISTED,
]


class ServerSection(Section):
    """Where the pages are served."""

    host: str = Field("127.0.0.1", description="Address to listen on; put a TLS proxy in front for anything public.")
    port: int = Field(8080, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    threads: int = Field(8, ge=1, le=64, description="Threads that answer requests.")
    https: bool = Field(
        False, description="True when people come over https because a proxy ends TLS: Secure cookies, and HSTS."
    )
    trusted_proxy: str = Field(
        "", description="IP address of the proxy whose X-Forwarded-For, -Proto and -Host are believed; empty: nobody's."
    )

    public_url: str = Field(
        "", description="Address at which people and trackers reach this server; empty: trackers do not, for webhooks."
    )
    hosts: HostNames = Field(
        (), description="Host names this server answers to, beside that of public_url; none: whatever it is called."
    )
    metrics: bool = Field(
        False, description="True: figures for a monitoring system at /metrics, for whoever reaches the server."
    )

    @field_validator("public_url")
    @classmethod
    def _public(cls, value: str) -> str:
        return public_address(value) if value else ""

    @property
    def names(self) -> tuple[str, ...]:
        """The host names to answer to; none: any."""
        public = urlsplit(self.public_url).hostname
        return (*self.hosts, public) if self.hosts and public else self.hosts

    @field_validator("trusted_proxy")
    @classmethod
    def _address(cls, value: str) -> str:
        try:
            return str(ip_address(value)) if value else ""
        except ValueError as error:
            raise ValueError(f"{value!r} is not an IP address; write the one the proxy connects from") from error


class SyncSection(Section):
    """How trackers are read."""

    threads: int = Field(4, ge=1, le=16, description="Fetch threads per connection; one writer always.")
    most_retired: float = Field(
        0.2, gt=0, le=1, description="Share of a connection's records that may go at once without a person's word."
    )


class OutboundSection(Section):
    """Where Sightline may connect to on behalf of a connection."""

    allow_private: Networks = Field(
        (), description="Networks of private addresses in which trackers and proxies may be, such as 10.20.0.0/16."
    )
    hosts: HostNames = Field((), description="Host names trackers may have, .example.com with all below it; none: any.")


class JobsSection(Section):
    """Who syncs by the schedule, and how much at once."""

    embedded: bool = Field(True, description="Sync inside `sightline serve`; false where `sightline worker` does it.")
    threads: int = Field(2, ge=1, le=32, description="Connections that one server or worker syncs at once.")
    helpers: int = Field(3, ge=0, le=32, description="Further workers that may share one large run; 0: none.")


class LogSection(Section):
    """What is logged, on standard error."""

    format: Literal["auto", "json", "text"] = Field(
        "auto", description="json: an object a line; text: for people; auto: text at a terminal, else json."
    )
    level: Literal["auto", "debug", "info", "warning", "error"] = Field(
        "auto", description="The least grave lines that are logged; auto: warning at a terminal, else info."
    )


class Settings(Section):
    """Everything a process can be told."""

    data_dir: Path = Field(Path("var"), description="Folder of the SQLite database and the key file.")
    database_url: str = Field("", description="sqlite:///... or postgresql://...; empty: a SQLite file in data_dir.")
    key_file: Path | None = Field(
        None, description="File with the encryption keys, newest first; default data_dir/keys."
    )
    time_zone: str = Field("UTC", description="Time zone in which a day of the portfolio begins and ends.")
    server: ServerSection = ServerSection()
    sync: SyncSection = SyncSection()
    outbound: OutboundSection = OutboundSection()
    jobs: JobsSection = JobsSection()
    log: LogSection = LogSection()
    oidc: OidcSection = OidcSection()
    proxy_sign_in: ProxySignInSection = ProxySignInSection()

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError(f"{value!r} is not a known time zone; use a name like Europe/Lisbon")
        return ZoneInfo(value).key

    @property
    def store_url(self) -> str:
        """The database's URL, with the default filled in."""
        return self.database_url or f"sqlite:///{self.data_dir / 'sightline.db'}"

    @property
    def keys_path(self) -> Path:
        return self.key_file or self.data_dir / "keys"


class ProcessSettings(Settings, BaseSettings):
    """The same, where an environment variable SIGHTLINE_* wins over the file."""

    model_config = SettingsConfigDict(
        env_prefix="SIGHTLINE_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        nested_model_default_partial_update=True,
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return env_settings, init_settings


def load_settings(path: str | None) -> Settings:
    """Read the file at `path`, or sightline.toml here if there is one. Raises `CommandError` naming the fault."""
    file = Path(path or DEFAULT_FILE).absolute()
    values: dict[str, Any] = {}
    if path or file.exists():
        try:
            values = tomllib.loads(file.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise CommandError(f"{file} is not valid TOML: {error}. Correct that line.") from error
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            raise CommandError(f"{file} is not UTF-8 text (line {line}). Save it as UTF-8.") from error
        except OSError as error:
            raise CommandError(
                f"{file} cannot be read: {error.strerror}. Check the path and its permissions."
            ) from error
    require_known(os.environ, map(variable_of, _places()))
    try:
        return ProcessSettings(**values)
    except ValidationError as error:
        raise CommandError(_explain(error, file)) from error


def _explain(error: ValidationError, file: Path) -> str:
    """The first fault, in words, with the nearest known name for a misspelt one."""
    first = error.errors()[0]
    # The number of an entry of a list is of no help.
    place = [part for part in first["loc"] if isinstance(part, str)]
    name = ".".join(place)
    if first["type"] == "extra_forbidden":
        near = difflib.get_close_matches(place[-1], _names(place[:-1]), n=1)
        hint = f"Did you mean {near[0]!r}?" if near else "See config.example.toml for the names there are."
        return f"{file}: unknown setting {name!r}. {hint}"
    if first["type"] == "model_type":
        return f"{file}: {name} is a table: write [{name}] on a line of its own and its settings below."
    said = _WORDS.get(first["type"], first["msg"].removeprefix("Value error, "))
    variable = variable_of(place)
    if variable in {given.upper() for given in os.environ}:
        return f"the environment variable {variable}: {said}."
    return f"{file}: setting {name!r}: {said}."


def _places() -> Iterator[tuple[str, ...]]:
    for name, field in Settings.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Section):
            yield from ((name, inner) for inner in kind.model_fields)
        else:
            yield (name,)


def _names(section: list[str]) -> list[str]:
    model: type[BaseModel] = Settings
    for part in section:
        annotation = model.model_fields[part].annotation
        assert isinstance(annotation, type)
        model = annotation
    return list(model.model_fields)
