"""The forms about settings of KPIs: what was typed, as text."""

from __future__ import annotations

from collections.abc import Mapping

from flask import abort, request
from sqlalchemy import Connection

from portfolio.governance.errors import FaultySettingError
from portfolio.governance.kpi_setting import KpiSetting
from portfolio.governance.own import OwnKpi
from portfolio.governance.scope import SettingScope
from webapp import signin
from webapp.queries.setting_scopes import project_scope, read_scope
from webapp.tables import read_id

LONGEST = 1_200
LONGEST_NOTE = 500
BY_CODE = "project"
"""The choice that goes by the project's code."""
ON: Mapping[str, bool] = {"1": True, "0": False}


def typed(name: str) -> str | None:
    """What stands in a field; None for nothing."""
    return request.form.get(name, "").strip()[:LONGEST] or None


def typed_setting() -> KpiSetting:
    """What is to be set."""
    on = ON.get(request.form.get("on", ""))
    return KpiSetting(
        green=typed("green"), amber=typed("amber"), target=typed("target"), on=on, counted_in=typed("counted_in")
    )


def typed_scope(connection: Connection) -> SettingScope:
    """For what it is to be set. Raises `FaultySettingError`."""
    chosen = request.form.get("scope", "")
    if chosen == BY_CODE:
        found = project_scope(connection, signin.viewer(), typed("code") or "")
        if found is None:
            raise FaultySettingError("code", "there is no project of that code")
        return found
    scope = read_scope(chosen)
    if scope is None:
        raise FaultySettingError("scope", "choose for what it counts")
    return scope


def typed_own() -> OwnKpi:
    """An own KPI as typed."""
    text = {name: typed(name) or "" for name in ("name", "words", "unit", "direction", "formula")}
    return OwnKpi(**text, green=typed("green"), amber=typed("amber"))


def seen_number() -> int:
    """The number of the settings the form was made from."""
    number = read_id(request.form, "seen")
    if number is None:
        abort(400)
    return number


def former_number() -> int:
    """The number to go back to; `DEFAULTS` is one, too."""
    number = read_id(request.form, "number")
    if number is None:
        abort(400)
    return number


def typed_note() -> str:
    """Why, for the history."""
    return " ".join(request.form.get("note", "").split())[:LONGEST_NOTE]
