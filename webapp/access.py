"""Who may open what: one table of every route with its permission, and the guard that holds it.

A route that does not stand in the table is closed: it answers 500 in the open rather than anything in silence. Row
scopes (own projects, own programs) come with the access model; until then a signed-in user sees every project.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from flask import Flask, abort, request
from flask.typing import ResponseReturnValue

from webapp import signin
from webapp.roles import Role


class Permission(StrEnum):
    """What a route asks of the one who opens it."""

    PUBLIC = "public"
    VIEW = "view"
    VIEW_SYNC = "view_sync"
    DECIDE_SYNC = "decide_sync"
    RUN_SYNC = "run_sync"


GRANTS: Mapping[Permission, frozenset[Role]] = {
    Permission.VIEW: frozenset(Role),
    Permission.VIEW_SYNC: frozenset({Role.ADMIN, Role.PMO_LEAD, Role.AUDITOR}),
    # What a tracker sent may hold anything that was ever typed there; what is retired leaves every figure.
    Permission.DECIDE_SYNC: frozenset({Role.ADMIN, Role.PMO_LEAD}),
    Permission.RUN_SYNC: frozenset({Role.ADMIN}),
}

ROUTES: Mapping[str, Permission] = {
    "static": Permission.PUBLIC,
    "bootstrap.static": Permission.PUBLIC,
    "htmx.static": Permission.PUBLIC,
    "health.healthz": Permission.PUBLIC,
    "health.readyz": Permission.PUBLIC,
    "metrics.metrics": Permission.PUBLIC,
    "account.sign_in": Permission.PUBLIC,
    "doors.door": Permission.PUBLIC,
    "account.sign_out": Permission.VIEW,
    "account.password": Permission.VIEW,
    "portfolio.portfolio": Permission.VIEW,
    "portfolio.portfolio_csv": Permission.VIEW,
    "project.project": Permission.VIEW,
    "items.items": Permission.VIEW,
    "items.items_csv": Permission.VIEW,
    "dictionary.dictionary": Permission.VIEW,
    "connections.connections": Permission.VIEW_SYNC,
    "connections.switch": Permission.RUN_SYNC,
    "schedules.schedules": Permission.VIEW_SYNC,
    "schedules.change": Permission.RUN_SYNC,
    "runs.runs": Permission.VIEW_SYNC,
    "runs.run": Permission.VIEW_SYNC,
    "runs.start": Permission.RUN_SYNC,
    "runs.stop": Permission.RUN_SYNC,
    "absences.absences": Permission.VIEW_SYNC,
    "absences.absences_csv": Permission.VIEW_SYNC,
    "absences.decide": Permission.DECIDE_SYNC,
    "quarantine.quarantine": Permission.VIEW_SYNC,
    "quarantine.record": Permission.DECIDE_SYNC,
    "quarantine.try_again": Permission.DECIDE_SYNC,
}


def allows(role: str, permission: Permission) -> bool:
    """Whether the role holds the permission. An unknown role holds none."""
    return permission is Permission.PUBLIC or role in GRANTS[permission]


def _guard() -> ResponseReturnValue | None:
    endpoint = request.endpoint
    if endpoint is None:
        return None  # no such page: the 404 page says nothing worth guarding
    permission = ROUTES[endpoint]
    if permission is Permission.PUBLIC:
        return None
    user = signin.current()
    if user is None:
        return signin.ask()
    if not allows(user.role, permission):
        abort(403)
    return None


def init_app(app: Flask) -> None:
    """Guard every route, and let templates ask what the user may open."""
    app.before_request(_guard)

    def may(endpoint: str) -> bool:
        user = signin.current()
        return user is not None and allows(user.role, ROUTES[endpoint])

    app.jinja_env.globals["may"] = may
