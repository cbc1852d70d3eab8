"""How often somebody may fail to prove who they are. Alone in knowing Flask-Limiter.

Attempts are limited, counting only those that failed: few for one name from one network, more for all names from one
network. All networks together can only slow the guessing at a name, for a minute at a time: who knows the name must not
be able to shut its owner out. The counters live in this process.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_network
from typing import Any, NoReturn

from flask import Flask, Response, abort, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from webapp import pending, signin
from webapp.accounts import users

NOWHERE = 404
PER_NAME_HERE = "5 per minute; 30 per hour"
PER_NETWORK = "20 per minute"
PER_NAME = "60 per minute"
PER_USER = "5 per minute; 30 per hour"
NO_TOKEN_PER_NETWORK = "60 per minute"
CODES_PER_USER = "5 per minute; 20 per hour; 60 per day"
"""Only who knows the password can try codes; so many a day leave them one chance in some five thousand."""
NO_DOOR_PER_NETWORK = "300 per minute"
FORGED_PER_DOOR = "60 per minute"
PROVED_PER_NETWORK = "20 per minute"
IPV6_NETWORK = 64
"""Whoever has one IPv6 address has all those that begin with the same bits."""


def _network() -> str:
    """Where the request comes from: the IPv4 address, or the IPv6 network."""
    address = get_remote_address()
    try:
        return str(ip_network((address, IPV6_NETWORK), strict=False)) if ":" in address else address
    except ValueError:
        return address


def _attempted_name() -> str:
    # The limiter takes no empty key: that limit would be left out.
    return request.form.get("name", "").strip().casefold()[: users.LONGEST_NAME] or "-"


def _own_id() -> str:
    user = signin.current()
    return str(user.id) if user else _network()


def _awaited_id() -> str:
    user_id = pending.user_id()
    return _network() if user_id is None else str(user_id)


def _at_door() -> str:
    return f"{_network()}|{request.path}"


def _refused(response: Response) -> bool:
    return response.status_code == signin.REFUSED


def _proved_nobody(response: Response) -> bool:
    return response.status_code in (signin.REFUSED, 502, 503)


def _led_nowhere(response: Response) -> bool:
    return response.status_code == NOWHERE


def _refuse_program() -> NoReturn:
    abort(signin.REFUSED)


def limit_attempts(app: Flask) -> None:
    """Limit failed sign-ins, guesses at what somebody proves themselves with who left a session open, and vain knocks.

    A webhook that was given up here may go on knocking from where good ones come, so those limits are wide. For the
    same reason a good token opens the API whatever others of its network tried. Called once the pages are registered.
    """
    limiter = Limiter(_network, app=app, headers_enabled=False)
    for endpoint, limit, key, counts in (
        ("account.sign_in", PER_NAME_HERE, lambda: f"{_network()}|{_attempted_name()}", _refused),
        ("account.sign_in", PER_NETWORK, _network, _refused),
        ("account.sign_in", PER_NAME, _attempted_name, _refused),
        ("account.code", CODES_PER_USER, _awaited_id, _refused),
        ("account.password", PER_USER, _own_id, _refused),
        ("second_factor.begin", PER_USER, _own_id, _refused),
        ("second_factor.confirm", PER_USER, _own_id, _refused),
        ("second_factor.turn_off", PER_USER, _own_id, _refused),
        ("doors.door", NO_DOOR_PER_NETWORK, _network, _led_nowhere),
        ("doors.door", FORGED_PER_DOOR, _at_door, _refused),
    ):
        view: Callable[..., Any] = app.view_functions[endpoint]
        guarded = limiter.limit(limit, key_func=key, methods=["POST"], deduct_when=counts)(view)
        app.view_functions[endpoint] = guarded
    app.extensions[signin.REFUSAL] = limiter.limit(NO_TOKEN_PER_NETWORK, key_func=_network)(_refuse_program)
    # Each of these may make us wait for the provider.
    shared = limiter.shared_limit(PROVED_PER_NETWORK, "provider", key_func=_network, deduct_when=_proved_nobody)
    for endpoint in ("outside.start", "outside.back", "outside.leave"):
        asking: Callable[..., Any] = app.view_functions[endpoint]
        app.view_functions[endpoint] = shared(asking)
