"""When a connection is synced: cron expressions in a time zone, in words and with the next times before they count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from sync.connections import ConnectionRow, get_connection
from sync.errors import UnknownConnectionError
from sync.modes import Mode
from sync.schedule.cron import LONGEST, ZONE, ScheduleError, explained, times
from sync.schedule.schedules import DEFAULTS, SCHEDULED
from sync.schedule.timetable import add_defaults, schedules_of
from sync.schedule.timetable import change as change_schedules
from webapp import here, signin
from webapp.words import say

NEXT_SHOWN = 3

page = Blueprint("schedules", __name__)


@dataclass(frozen=True)
class Given:
    """A schedule as it stands or as it was typed."""

    cron: str
    enabled: bool


@dataclass(frozen=True)
class Shown:
    """A schedule with what it means: in words, its next times; or what is wrong with it. `before`: what holds now."""

    mode: str
    cron: str
    enabled: bool
    words: str | None
    next: tuple[datetime, ...]
    fault: str | None
    before: str | None


def _connection(connection_id: int) -> ConnectionRow:
    try:
        return get_connection(here.engine(), connection_id)
    except UnknownConnectionError:
        abort(404)


def _stored(connection_id: int) -> tuple[dict[Mode, Given], str, bool]:
    """What holds, its time zone, and whether that is written down: else it is what would be by default."""
    found = schedules_of(here.engine(), connection_id)
    held = {it.mode: Given(it.cron, it.enabled) for it in found}
    defaults = {mode: Given(DEFAULTS[mode], True) for mode in SCHEDULED}
    return defaults | held, found[0].time_zone if found else here.settings().time_zone, bool(found)


def _typed() -> tuple[dict[Mode, Given], str]:
    form = request.form
    given = {
        mode: Given(" ".join(form.get(f"{mode}-cron", "").split())[: LONGEST + 1], form.get(f"{mode}-on") == "1")
        for mode in SCHEDULED
    }
    return given, form.get("zone", "").strip()[:LONGEST]


def _explain(given: Mapping[Mode, Given], zone: str, before: Mapping[Mode, Given]) -> tuple[list[Shown], str | None]:
    """Each schedule with what it means, and what is wrong with the zone."""
    lines, zone_fault = [], None
    for mode, it in given.items():
        words, fault = None, None
        coming: tuple[datetime, ...] = ()
        try:
            coming = tuple(islice(times(it.cron, zone, here.now()), NEXT_SHOWN))
            words = explained(it.cron)
        except ScheduleError as error:
            if error.field == ZONE:
                zone_fault = str(error)
            else:
                fault = str(error)
        then = before[mode]
        lines.append(
            Shown(mode, it.cron, it.enabled, words, coming, fault, then.cron if then.cron != it.cron else None)
        )
    return lines, zone_fault


@page.get("/connections/<id:connection_id>/schedule")
def schedules(connection_id: int) -> ResponseReturnValue:
    row = _connection(connection_id)
    held, zone, written = _stored(connection_id)
    lines, zone_fault = _explain(held, zone, held)
    return render_template("schedule.html", it=row, lines=lines, zone=zone, zone_fault=zone_fault, written=written)


@page.post("/connections/<id:connection_id>/schedule")
def change(connection_id: int) -> ResponseReturnValue:
    """Show what the typed schedules mean, or save them. What was typed stays in the form."""
    row = _connection(connection_id)
    held, _, written = _stored(connection_id)
    given, zone = _typed()
    lines, zone_fault = _explain(given, zone, held)
    faulty = zone_fault is not None or any(line.fault for line in lines)
    if not faulty and request.form.get("do") == "save":
        now = here.now()
        if not written:
            add_defaults(here.engine(), zone, now)
        crons = {mode: it.cron for mode, it in given.items()}
        switched = {mode: it.enabled for mode, it in given.items()}
        change_schedules(
            here.engine(), connection_id, now, signin.actor(), crons=crons, time_zone=zone, switched=switched
        )
        flash("; ".join(say("schedule_line", line) for line in lines) + ".", "scheduled")
        return redirect(url_for("schedules.schedules", connection_id=connection_id))
    shown = render_template(
        "schedule.html",
        it=row,
        lines=lines,
        zone=zone,
        zone_fault=zone_fault,
        written=written,
        preview=not faulty,
    )
    return shown, 422 if faulty else 200
