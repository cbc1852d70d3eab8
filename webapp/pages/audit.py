"""The audit log: what was done, by whom, from what to what; the same as a file; whether the log is whole."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from portfolio.audit.entry import ActorKind, Entry
from portfolio.audit.masked import masked, sees_plans
from portfolio.audit.read import Difference, Wish, differences, list_entries, names_of
from portfolio.audit.verify import verify
from webapp import here, record, signin
from webapp.export import Form, file
from webapp.queries.accounts import account_names
from webapp.tables import read_choice, read_day, read_id, read_text
from webapp.words import say

PAGE_SIZE = 100
MOST_EXPORTED = 50_000
ALONE = (ActorKind.COMMAND.value, ActorKind.SYSTEM.value)
"""Who acts without an account."""
SUBJECTS = (
    "user",
    "token",
    "group",
    "sign_in",
    "separation",
    "person_figures",
    "retention",
    "working_time",
    "person",
    "list",
    "calendar",
    "booking",
    "request",
    "scenario",
    "project",
    "program",
    "portfolio",
    "objective",
    "connection",
    "run",
    "mapping",
    "mapping_version",
    "mapping_preview",
    "governance",
    "database",
    "installation",
)
HEAD = ("id", "at", "who", "network", "action", "code", "subject", "old", "new")
_HASH = re.compile("[0-9a-f]{64}")

page = Blueprint("audit", __name__)


@dataclass(frozen=True)
class Asked:
    """What the address asks for: the entries, and the filters as they were typed."""

    wish: Wish
    since: date | None
    until: date | None
    who: str

    @property
    def filtered(self) -> bool:
        return self.wish != Wish()


@dataclass(frozen=True)
class Line:
    """An entry with the names its ids have today."""

    entry: Entry
    user: str | None
    token: str | None
    subject: str | None
    differences: tuple[Difference, ...]


def _begins(day: date) -> datetime:
    return datetime.combine(day, time(), here.zone())


def _asked() -> Asked:
    arguments = request.args
    since, until = read_day(arguments, "from"), read_day(arguments, "to")
    alone = read_choice(arguments, "who", ALONE)
    user_id = read_id(arguments, "who")
    wish = Wish(
        since=None if since is None else _begins(since),
        until=None if until is None or until == date.max else _begins(until + timedelta(days=1)),
        user_id=user_id,
        actor=None if alone is None else ActorKind(alone),
        action=read_text(arguments, "action") or None,
        subject_type=read_choice(arguments, "subject", SUBJECTS),
        subject_id=read_id(arguments, "subject_id"),
    )
    return Asked(wish, since, until, alone or str(user_id or ""))


def _lines(connection: Connection, wish: Wish, limit: int, before: int | None = None) -> list[Line]:
    entries = list_entries(connection, wish, limit=limit, before=before)
    if not sees_plans(signin.viewer()):
        entries = list(map(masked, entries))
    names = names_of(connection, entries)
    return [
        Line(
            it,
            names.get(("user", it.user_id or 0)),
            names.get(("token", it.token_id or 0)),
            names.get((it.subject_type or "", it.subject_id or 0)),
            differences(it),
        )
        for it in entries
    ]


@page.get("/settings/audit")
def log() -> ResponseReturnValue:
    asked, before = _asked(), read_id(request.args, "before")
    with here.reading() as connection:
        lines = _lines(connection, asked.wish, PAGE_SIZE + 1, before)
        accounts = account_names(connection)
    older = lines[PAGE_SIZE - 1].entry.id if len(lines) > PAGE_SIZE else None
    return render_template(
        "audit.html",
        lines=lines[:PAGE_SIZE],
        asked=asked,
        sees_plans=sees_plans(signin.viewer()),
        before=before,
        older=older,
        accounts=accounts,
        alone=ALONE,
        subjects=SUBJECTS,
        most=MOST_EXPORTED,
    )


@page.get("/settings/audit.csv")
def log_csv() -> ResponseReturnValue:
    return _file(Form.CSV)


@page.get("/settings/audit.xlsx")
def log_xlsx() -> ResponseReturnValue:
    return _file(Form.XLSX)


def _file(form: Form) -> ResponseReturnValue:
    with here.reading() as connection:
        lines = _lines(connection, _asked().wish, MOST_EXPORTED)
    record.export("audit", form, len(lines))
    rows = (
        (
            it.entry.id,
            it.entry.at,
            say("audit_who", it),
            it.entry.network,
            say("audit_action", it.entry.action),
            it.entry.action,
            say("audit_subject", it),
            it.entry.old,
            it.entry.new,
        )
        for it in lines
    )
    return file(form, "audit", [say("audit_head", name) for name in HEAD], rows)


@page.get("/settings/audit/check")
def check() -> ResponseReturnValue:
    """Read the whole log and recompute every hash; `head` is one that was noted earlier, which must be in it."""
    typed = request.args.get("head", "").strip().lower()
    expected = typed if _HASH.fullmatch(typed) else None
    with here.reading() as connection:
        found = verify(connection, expected)
    faulty = bool(typed) and expected is None
    return render_template("audit_check.html", found=found, typed=typed[:64], expected=expected, faulty=faulty)
