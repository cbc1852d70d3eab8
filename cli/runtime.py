"""What a command works with: settings, the store, the keys, the clock. The composition root of terminal processes."""

from __future__ import annotations

import getpass
import hashlib
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from cli.exits import CommandError
from cli.keys import VARIABLE, read_keys
from cli.settings import Settings, load_settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from connector.outbound import Outbound
    from sync.jobs.means import Means
    from sync.secrets import SecretStore


def now() -> datetime:
    """The process's clock."""
    return datetime.now(UTC)


def whoever() -> str:
    """Whoever is at the command line, as pages name them."""
    return f"{getpass.getuser()}, at the command line"


class Runtime:
    """Opens things when a command first needs them."""

    def __init__(self, settings: Settings, environ: Mapping[str, str]) -> None:
        self.settings = settings
        self.environ = environ
        self._last_keys: tuple[str, ...] = ()

    @classmethod
    def load(cls, config: str | None) -> Runtime:
        from cli.logs import set_up

        settings = load_settings(config)
        set_up(settings.log)
        return cls(settings, os.environ)

    @cached_property
    def engine(self) -> Engine:
        """The store, at the schema this version needs."""
        from cli.folder import database_file
        from portfolio.store.migrate import require_current

        engine = self.raw_engine
        # SQLite would make an empty file rather than say that there is none.
        file = database_file(self.settings)
        if file is not None and not file.exists():
            raise CommandError(f"there is no database {file} yet. Run `sightline init` first.")
        require_current(engine)
        return engine

    @cached_property
    def raw_engine(self) -> Engine:
        """The store, whatever its schema."""
        from portfolio.store.engine import open_engine

        return open_engine(self.settings.store_url)

    @property
    def store_name(self) -> str:
        """The database's file from the root, or its URL without a password."""
        from sqlalchemy import make_url

        from cli.folder import database_file

        file = database_file(self.settings)
        return str(file) if file is not None else make_url(self.settings.store_url).render_as_string(hide_password=True)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        return read_keys(self.settings.keys_path.absolute(), self.environ)

    @property
    def keys_name(self) -> str:
        """Where the keys are kept, for people."""
        return VARIABLE if self.environ.get(VARIABLE) else str(self.settings.keys_path.absolute())

    def present_keys(self) -> tuple[str, ...]:
        """The keys as they are now: another process may have rotated them. Those last read where they cannot be."""
        try:
            self._last_keys = read_keys(self.settings.keys_path.absolute(), self.environ)
        except CommandError:
            if not self._last_keys:
                raise
        return self._last_keys

    def keys_readable(self) -> bool:
        """Whether the keys can be read now, too: somebody may have moved the file."""
        try:
            read_keys(self.settings.keys_path.absolute(), self.environ)
        except CommandError:
            return False
        return True

    @cached_property
    def secrets(self) -> SecretStore:
        from sync.secrets import SecretStore

        self._last_keys = self.keys
        return SecretStore(self.engine, self.present_keys, self.environ)

    @property
    def outbound(self) -> Outbound:
        """Where connections may lead."""
        from connector.outbound import Outbound

        allowed = self.settings.outbound
        return Outbound(allowed.allow_private, allowed.hosts)

    @cached_property
    def means(self) -> Means:
        """What jobs work with."""
        from sync.jobs.means import Means

        settings = self.settings
        return Means(
            self.engine,
            self.secrets,
            now,
            settings.time_zone,
            settings.sync.threads,
            settings.sync.most_retired,
            self.outbound,
        )

    @property
    def session_key(self) -> str:
        """The key that signs web sessions, derived from the newest encryption key: one secret to keep, not two."""
        return hashlib.blake2b(self.keys[0].encode(), person=b"web-session").hexdigest()
