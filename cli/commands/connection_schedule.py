"""sightline connection schedule: when a connection is synced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

import click

from cli.output import json_option, print_json, print_table
from cli.runtime import Runtime, now

if TYPE_CHECKING:
    from sync.modes import Mode
    from sync.schedule.schedules import Schedule

T = TypeVar("T")
MODES = ("incremental", "census", "full")
_MODE = click.Choice(MODES)


@click.command("schedule")
@click.argument("name")
@click.option("--incremental", metavar="CRON", help="When to read what changed.")
@click.option("--census", metavar="CRON", help="When to look, too, which items are still there.")
@click.option("--full", metavar="CRON", help="When to read everything again.")
@click.option("--time-zone", metavar="ZONE", help="Whose clock the times are of, such as Europe/Lisbon.")
@click.option("--enable", multiple=True, type=_MODE, help="Take up runs of this kind again; repeat it.")
@click.option("--disable", multiple=True, type=_MODE, help="No more runs of this kind; repeat it.")
@json_option
@click.pass_obj
def schedule(
    config: str | None,
    name: str,
    incremental: str | None,
    census: str | None,
    full: str | None,
    time_zone: str | None,
    enable: tuple[str, ...],
    disable: tuple[str, ...],
    as_json: bool,
) -> None:
    """Show when a connection is synced, or change it.

    CRON is five fields: minute, hour, day of month, month, day of week. "*/10 * * * *" is every ten minutes,
    "0 3 * * 0" Sundays at three. Of several runs due at once the widest takes place.
    """
    from portfolio.audit.entry import COMMAND
    from sync.connections import find_connection
    from sync.schedule.timetable import add_defaults, change, schedules_of

    if set(enable) & set(disable):
        raise click.UsageError("--enable and --disable name the same kind of run.")
    runtime = Runtime.load(config)
    engine = runtime.engine
    row = find_connection(engine, name)
    add_defaults(engine, runtime.settings.time_zone, now())
    crons = {"incremental": incremental, "census": census, "full": full}
    for mode, cron in crons.items():
        _require_readable(f"--{mode}", cron, "UTC")
    _require_readable("--time-zone", None if time_zone is None else "* * * * *", time_zone or "UTC")
    given = _by_mode({mode: cron for mode, cron in crons.items() if cron is not None})
    switched = _by_mode({**dict.fromkeys(enable, True), **dict.fromkeys(disable, False)})
    change(engine, row.id, now(), COMMAND, crons=given, time_zone=time_zone, switched=switched)
    found = schedules_of(engine, row.id)
    if as_json:
        print_json({"connection": name, "enabled": row.enabled, "schedules": [_document(each) for each in found]})
    else:
        _print(found, row.enabled)


def _by_mode(given: Mapping[str, T]) -> dict[Mode, T]:
    from sync.modes import Mode

    return {Mode(mode): value for mode, value in given.items()}


def _require_readable(option: str, cron: str | None, time_zone: str) -> None:
    """Raise `click.UsageError`, naming the option, for what cannot be read; None was not given."""
    from sync.schedule.cron import CRON, ScheduleError, next_due

    if cron is None:
        return
    try:
        next_due(cron, time_zone, now())
    except ScheduleError as error:
        raise click.UsageError(f"{option} {cron if error.field == CRON else time_zone!r}: {error}") from error


def _document(schedule: Schedule) -> dict[str, object]:
    return {
        "mode": schedule.mode.value,
        "cron": schedule.cron,
        "time_zone": schedule.time_zone,
        "enabled": schedule.enabled,
        "last": schedule.fired_at,
        "next": _next(schedule),
    }


def _next(schedule: Schedule) -> datetime | None:
    from sync.schedule.schedules import next_of

    return next_of(schedule, now())


def _print(found: Sequence[Schedule], enabled: bool) -> None:
    from sync.schedule.cron import explained

    rows = []
    for each in found:
        following = _next(each)
        here = following.astimezone(ZoneInfo(each.time_zone)) if following and enabled else None
        when = f"{here:%Y-%m-%d %H:%M}" if here else "never: disabled"
        rows.append((each.mode.value, each.cron, explained(each.cron), each.time_zone, when))
    print_table(("run", "cron", "in words", "time zone", "next"), rows, empty="")
