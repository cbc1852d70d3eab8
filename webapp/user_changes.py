"""The changes the page of an account makes: one function each, in the transaction of the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import abort, request
from sqlalchemy import Connection

from portfolio.access.grants import HAND, read_grants
from portfolio.access.roles import Grant, Role
from webapp import here, signin
from webapp.accounts.admins import give, switch, take_away
from webapp.accounts.second_factor import reset_second_factor
from webapp.accounts.users import SERVICE, link_person, user_of
from webapp.grant_form import read_grant, read_scope
from webapp.queries import users as query
from webapp.tables import read_id
from webapp.words import say

Change = Callable[[Connection, int], str]
"""Makes a change and returns what it is about: a role, a person, or nothing to add."""


class UnsureError(Exception):
    """The change would shut out whoever makes it, who did not say that they mean it."""


def _require_sure(user_id: int) -> None:
    if user_id == signin.viewer().user_id and request.form.get("sure") != "yes":
        raise UnsureError


def _grant(connection: Connection, user_id: int) -> str:
    wish = read_grant(request.form, query.places(connection))
    give(connection, user_id, wish, here.now(), signin.actor())
    return _said(connection, wish)


def _revoke(connection: Connection, user_id: int) -> str:
    """Take a role away; one over a place that is gone, too."""
    held = read_grants(connection, user_id, HAND)
    scope = read_scope(request.form.get("scope", ""), [grant.scope for grant in held])
    grant = next((it for it in held if (it.role, it.scope) == (request.form.get("role"), scope)), None)
    if grant is None:
        return abort(404)
    take_away(connection, user_id, grant, here.now(), signin.actor())
    if grant.role is Role.ADMIN:
        _require_sure(user_id)
    return _said(connection, grant)


def _said(connection: Connection, grant: Grant) -> str:
    return say("held", query.line(connection, grant))


def _switch_on(connection: Connection, user_id: int) -> str:
    switch(connection, user_id, True, here.now(), signin.actor())
    return ""


def _switch_off(connection: Connection, user_id: int) -> str:
    switch(connection, user_id, False, here.now(), signin.actor())
    _require_sure(user_id)
    return ""


def _link(connection: Connection, user_id: int) -> str:
    """Say who of the trackers they are; nobody where no person is named."""
    person_id, account = read_id(request.form, "person"), user_of(connection, user_id)
    found = query.candidate(connection, person_id) if person_id else None
    if (person_id and found is None) or account is None or account.origin == SERVICE.origin:
        abort(404)
    link_person(connection, user_id, person_id or None, here.now(), signin.actor())
    return found.name if found else ""


def _reset_second_factor(connection: Connection, user_id: int) -> str:
    reset_second_factor(connection, user_id, here.now(), signin.actor())
    return ""


CHANGES: Mapping[str, Change] = {
    "grant": _grant,
    "revoke": _revoke,
    "on": _switch_on,
    "off": _switch_off,
    "link": _link,
    "second_factor": _reset_second_factor,
}
