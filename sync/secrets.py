"""Where secrets are: encrypted in the store or, a connection's, in the environment. Never in settings, logs or a repr.

The encryption key is not in the database. Several keys may be given, newest first: all decrypt, the first encrypts, so
a key is rotated by putting a new one in front and storing each secret again (`sync.rotation`).
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import Engine, delete, select

from connector.settings import Secret
from portfolio.audit.append import append
from portfolio.audit.entry import Actor, Subject
from portfolio.model.landing import Connection, StoredSecret
from portfolio.store.engine import reading, writing
from portfolio.store.upsert import upsert
from sync.errors import SecretError, UnknownConnectionError
from sync.tables import table_of

STORE = "store"
ENVIRONMENT = "env:"

Keys = Sequence[str] | Callable[[], Sequence[str]]


class SecretStore:
    """Puts and gets secrets. `keys` are Fernet keys, newest first; `environ` answers "env:NAME" references.

    Where `keys` is a function it is asked each time, so that a rotation needs no restart.
    """

    def __init__(self, engine: Engine, keys: Keys, environ: Mapping[str, str]) -> None:
        self._engine = engine
        self._keys = keys if callable(keys) else lambda: keys
        self._environ = environ

    def __repr__(self) -> str:
        return f"SecretStore({len(self._keys())} keys)"

    def put(self, connection_id: int, secret: Secret, now: datetime, by: Actor) -> None:
        """Encrypt and store the secret, in place of an earlier one."""
        row = {"connection_id": connection_id, "token": self.seal(connection_id, secret), "updated_at": now}
        with writing(self._engine) as connection:
            upsert(connection, table_of(StoredSecret), [row], ["connection_id"])
            append(connection, now, by, "secret.stored", Subject("connection", connection_id))

    def forget(self, connection_id: int, now: datetime, by: Actor) -> None:
        """Remove the stored secret, if there is one."""
        with writing(self._engine) as connection:
            own = StoredSecret.connection_id == connection_id
            if connection.execute(delete(StoredSecret).where(own)).rowcount:
                append(connection, now, by, "secret.forgotten", Subject("connection", connection_id))

    def get(self, connection_id: int) -> Secret:
        """The secret the connection refers to. Raises `SecretError` saying what to do when it cannot be had."""
        with reading(self._engine) as connection:
            found = connection.execute(
                select(Connection.secret_ref, Connection.name).where(Connection.id == connection_id)
            ).one_or_none()
            token = connection.scalar(select(StoredSecret.token).where(StoredSecret.connection_id == connection_id))
        if found is None:
            raise UnknownConnectionError(connection_id)
        reference, name = found
        again = f"`sightline connection edit {shlex.quote(name)} --token`"
        if reference.startswith(ENVIRONMENT):
            return self._from_environment(connection_id, reference.removeprefix(ENVIRONMENT))
        if token is None:
            raise SecretError(connection_id, "No token is stored for this connection.", f"Enter it with {again}.")
        return self.unseal(connection_id, token, f"enter the token again with {again}")

    def seal(self, connection_id: int | None, secret: Secret) -> bytes:
        """The secret, encrypted with the newest key. `connection_id` is None for one that is no connection's."""
        return self._cipher(connection_id).encrypt(secret.reveal().encode())

    def unseal(self, connection_id: int | None, sealed: bytes, otherwise: str) -> Secret:
        """What was sealed. Raises `SecretError` when no key at hand opens it, with what to do `otherwise`."""
        try:
            return Secret(self._cipher(connection_id).decrypt(sealed).decode())
        except InvalidToken:
            raise SecretError(
                connection_id,
                "The stored secret cannot be decrypted with the keys at hand.",
                f"Bring back the key it was stored with, or {otherwise}.",
            ) from None

    def _from_environment(self, connection_id: int, name: str) -> Secret:
        value = self._environ.get(name)
        if not value:
            raise SecretError(
                connection_id, f"The environment variable {name} is not set.", "Set it where Sightline runs."
            )
        return Secret(value)

    def _cipher(self, connection_id: int | None) -> MultiFernet:
        keys = self._keys()
        if not keys:
            raise SecretError(connection_id, "There is no encryption key.", "Run `sightline init` to make one.")
        try:
            return MultiFernet([Fernet(key) for key in keys])
        except ValueError:
            raise SecretError(
                connection_id, "An encryption key is not a Fernet key.", "Restore the key file."
            ) from None
