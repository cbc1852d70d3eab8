"""sightline baseline: the plan of a project as it was agreed: taken, approved, listed, held against that of today."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

import click

from cli.exits import CommandError
from cli.output import json_option, note, print_json, print_table
from cli.projects import project_of
from cli.runtime import Runtime, now, whoever

if TYPE_CHECKING:
    from portfolio.baselines.differences import Change

HOUR = 3600


def _now(runtime: Runtime) -> datetime:
    from zoneinfo import ZoneInfo

    return now().astimezone(ZoneInfo(runtime.settings.time_zone))


@click.group("baseline")
def command() -> None:
    """Baselines of projects: versions of the plan that figures are held against."""


@command.command("take")
@click.argument("code")
@click.option("--reason", default="", help="Why the plan is taken now.")
@click.option("--propose", "only", is_flag=True, help="Leave it to somebody else to approve it.")
@click.pass_obj
def take(config: str | None, code: str, reason: str, only: bool) -> None:
    """Take the plan of a project as it stands: its next baseline, in force from today on.

    Unless it is only proposed, it is approved at once, and it is noted that nobody else did.
    """
    from portfolio.audit.entry import COMMAND
    from portfolio.baselines.decide import BaselineError, By, propose
    from portfolio.baselines.decide import take as take_
    from portfolio.store.engine import writing

    runtime, by = Runtime.load(config), By(whoever(), COMMAND)
    project_id = project_of(runtime, code)
    try:
        with writing(runtime.engine) as store:
            if only:
                version = propose(store, project_id, _now(runtime).date(), _now(runtime), by, reason)
            else:
                version = take_(store, project_id, _now(runtime), by, reason)
    except BaselineError as error:
        raise CommandError(f"nothing was taken. {error}") from error
    note(f"Version {version} is {'proposed' if only else 'in force, and the figures of today follow it'}.")


@command.command("approve")
@click.argument("code")
@click.argument("version", type=int)
@click.pass_obj
def approve_(config: str | None, code: str, version: int) -> None:
    """Put a proposed VERSION in force, from the day it was taken."""
    from portfolio.baselines.decide import approve

    _decide(config, code, version, approve)
    note(f"Version {version} is in force. The figures of today follow it; those of days before do with the next sync.")


@command.command("reject")
@click.argument("code")
@click.argument("version", type=int)
@click.pass_obj
def reject_(config: str | None, code: str, version: int) -> None:
    """Turn a proposed VERSION down."""
    from portfolio.baselines.decide import reject

    _decide(config, code, version, reject)
    note(f"Version {version} is rejected.")


def _decide(config: str | None, code: str, version: int, decide: Callable[..., object]) -> None:
    from portfolio.audit.entry import COMMAND
    from portfolio.baselines.decide import BaselineError, By
    from portfolio.store.engine import writing

    runtime = Runtime.load(config)
    project_id = project_of(runtime, code)
    try:
        with writing(runtime.engine) as store:
            decide(store, project_id, version, _now(runtime), By(whoever(), COMMAND))
    except BaselineError as error:
        raise CommandError(f"nothing was decided. {error}") from error


@command.command("list")
@click.argument("code")
@json_option
@click.pass_obj
def list_(config: str | None, code: str, as_json: bool) -> None:
    """List the baselines of a project, newest first."""
    from portfolio.baselines.versions import versions
    from portfolio.store.engine import reading

    runtime = Runtime.load(config)
    project_id = project_of(runtime, code)
    with reading(runtime.engine) as store:
        found = versions(store, project_id, _now(runtime).date())
    if as_json:
        hidden = ("id", "weight")
        print_json(
            [
                {name: value for name, value in asdict(each).items() if name not in hidden} | {"planned": each.planned}
                for each in found
            ]
        )
        return
    head = (
        "version",
        "state",
        "in force",
        "taken on",
        "items",
        "planned",
        "in",
        "finish",
        "proposed by",
        "decided by",
        "reason",
    )
    rows = [
        (
            each.version,
            each.state,
            "yes" if each.in_force else "",
            each.taken_on,
            each.items,
            round(each.planned, 1),
            each.unit,
            each.finish,
            each.proposed_by,
            each.decided_by,
            each.reason,
        )
        for each in found
    ]
    print_table(head, rows, empty="None. Take one with `sightline baseline take`.")


@command.command("diff")
@click.argument("code")
@click.argument("version", type=int)
@click.argument("later", type=int, required=False)
@json_option
@click.pass_obj
def diff(config: str | None, code: str, version: int, later: int | None, as_json: bool) -> None:
    """Say how the plan of today, or a LATER version, differs from a VERSION: added, removed, moved, re-estimated."""
    from portfolio.baselines.differences import between, since
    from portfolio.baselines.versions import versions
    from portfolio.store.engine import reading

    runtime = Runtime.load(config)
    project_id, today = project_of(runtime, code), _now(runtime).date()
    with reading(runtime.engine) as store:
        known = {each.version: each.id for each in versions(store, project_id, today)}
        missing = {version, later} - {None} - set(known)
        if missing:
            raise CommandError(f"there is no version {min(number for number in missing if number)} of {code!r}.")
        if later is None:
            found = since(store, known[version], project_id, today)
        else:
            found = between(store, known[version], known[later])
    if as_json:
        print_json({"total": found.total, "unit": found.unit, "changes": [asdict(each) for each in found.changes]})
        return
    sizes = {"hours": _hours_of, "points": lambda it: (it.points_before, it.points)}.get(found.unit, lambda _: ())
    size = (found.unit, f"{found.unit} now") if found.unit != "items" else ()
    head = ("item", "what", "title", "start", "finish", *size[:1], "start now", "finish now", *size[1:])
    rows = [
        (
            each.key,
            " and ".join(each.what),
            each.title,
            each.start_before,
            each.finish_before,
            *sizes(each)[:1],
            each.start,
            each.finish,
            *sizes(each)[1:],
        )
        for each in found.changes
    ]
    print_table(head, rows, empty="Nothing differs.")


def _hours_of(change: Change) -> tuple[float | None, float | None]:
    return _hours(change.estimate_before), _hours(change.estimate)


def _hours(seconds: int | None) -> float | None:
    return None if seconds is None else round(seconds / HOUR, 1)
