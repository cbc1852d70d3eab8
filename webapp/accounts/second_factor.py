"""One-time codes (TOTP, RFC 6238) as the second factor of local accounts: begun, turned on, checked, given up.

The secret is sealed with the keys of the secret store, and shown only when it is made. A code holds for the half minute
it was made for and for the ones just before and after, since clocks differ, and works once.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from pyotp import TOTP, random_base32
from pyotp.exceptions import OTPVerificationError
from sqlalchemy import Connection, Engine, or_, select, update

from connector.settings import Secret
from portfolio.access.roles import Role
from portfolio.audit.append import append
from portfolio.audit.entry import Actor, Subject
from portfolio.model.access import User as UserRow
from portfolio.store.engine import reading, writing
from sync.secrets import SecretStore
from webapp.accounts.users import LOCAL, User

ISSUER = "Sightline"
DIGITS = 6
STEPS_AROUND = 1
LONGEST_CODE = 20
"""Characters of a code as it is typed: apps show it with a gap."""
_OTHERWISE = "have an admin reset the second factor, with `sightline user reset-second-factor NAME`"
_USER = UserRow.__table__


def is_owed(user: User) -> bool:
    """Whether the user must have a second factor, and has none. Other origins look after that themselves."""
    if user.second_factor or user.origin != LOCAL.origin:
        return False
    rule = user.rules.second_factor
    return rule == "everybody" or (rule == "admins" and Role.ADMIN in user.viewer.roles)


def address(user: User, secret: Secret) -> Secret:
    """The otpauth: address an app is told the secret by. It holds the secret."""
    return Secret(TOTP(secret.reveal(), digits=DIGITS).provisioning_uri(name=user.name, issuer_name=ISSUER))


def begin(engine: Engine, secrets: SecretStore, user: User) -> Secret | None:
    """Make a secret in place of one that was not confirmed; None when the second factor is on already."""
    secret = Secret(random_base32())
    sealed = secrets.seal(None, secret)
    with writing(engine) as connection:
        kept = connection.execute(
            update(UserRow)
            .where(_USER.c.id == user.id, _USER.c.totp_since.is_(None))
            .values(totp_secret=sealed, totp_step=0)
        )
    return secret if kept.rowcount else None


def turn_on(engine: Engine, secrets: SecretStore, user: User, code: str, now: datetime, by: Actor) -> User | None:
    """Confirm the secret with a code and end every session of the user; the user as they are from now on.

    None when the code is wrong, or nothing waits to be confirmed.
    """
    sealed = _sealed(engine, user, on=False)
    step = _step(secrets, sealed, code, now)
    if step is None:
        return None
    epoch = _USER.c.session_epoch
    with writing(engine) as connection:
        change = update(UserRow).where(
            _USER.c.id == user.id, _USER.c.totp_secret == sealed, _USER.c.totp_since.is_(None)
        )
        change = change.values(totp_since=now, totp_step=step, session_epoch=epoch + 1)
        changed = connection.execute(change.returning(epoch)).scalar_one_or_none()
        if changed is None:
            return None
        append(connection, now, by, "user.second_factor_on", Subject("user", user.id))
    return replace(user, epoch=changed, second_factor=True)


def take_code(engine: Engine, secrets: SecretStore, user: User, code: str, now: datetime) -> bool:
    """Whether the code is right and was not taken before; it is taken now.

    Raises `SecretError` when the secret cannot be unsealed.
    """
    sealed = _sealed(engine, user, on=True)
    step = _step(secrets, sealed, code, now)
    if step is None:
        return False
    with writing(engine) as connection:
        # Of two requests with one code, the second finds the step taken.
        fresh = (_USER.c.id == user.id, _USER.c.totp_secret == sealed, _USER.c.totp_step < step)
        return bool(connection.execute(update(UserRow).where(*fresh).values(totp_step=step)).rowcount)


def turn_off(engine: Engine, user: User, now: datetime, by: Actor) -> User:
    """Give the second factor up and end every session of the user; the user as they are from now on."""
    with writing(engine) as connection:
        epoch = _give_up(connection, user.id, now, by, "user.second_factor_off")
    return replace(user, epoch=user.epoch if epoch is None else epoch, second_factor=False)


def reset_second_factor(connection: Connection, user_id: int, now: datetime, by: Actor) -> bool:
    """Take the second factor of somebody who lost it away, and end their sessions. In the caller's transaction.

    Returns whether there was one, or one about to be. From then on the password alone signs them in; where a second
    factor is asked for, they set up another before anything else.
    """
    return _give_up(connection, user_id, now, by, "user.second_factor_reset") is not None


def _give_up(connection: Connection, user_id: int, now: datetime, by: Actor, action: str) -> int | None:
    epoch = _USER.c.session_epoch
    there = or_(_USER.c.totp_secret.is_not(None), _USER.c.totp_since.is_not(None))
    change = update(UserRow).where(_USER.c.id == user_id, there)
    change = change.values(totp_secret=None, totp_since=None, session_epoch=epoch + 1)
    changed = connection.execute(change.returning(epoch)).scalar_one_or_none()
    if changed is not None:
        append(connection, now, by, action, Subject("user", user_id))
    return changed


def _sealed(engine: Engine, user: User, *, on: bool) -> bytes | None:
    """The sealed secret: the one in use, or the one that waits to be confirmed."""
    since = _USER.c.totp_since
    with reading(engine) as connection:
        return connection.scalar(
            select(_USER.c.totp_secret).where(_USER.c.id == user.id, since.is_not(None) if on else since.is_(None))
        )


def _step(secrets: SecretStore, sealed: bytes | None, code: str, now: datetime) -> int | None:
    """The half minute the code was made for; None when it is wrong or too old, or there is no secret."""
    if sealed is None:
        return None
    totp = TOTP(secrets.unseal(None, sealed, _OTHERWISE).reveal(), digits=DIGITS)
    typed = "".join(code[:LONGEST_CODE].split())
    try:
        return totp.verify_and_get_timecode(typed, for_time=now, valid_window=STEPS_AROUND)
    except OTPVerificationError:
        return None
