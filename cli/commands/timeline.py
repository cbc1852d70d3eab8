"""sightline timeline: what has a day, for calendars."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from cli.exits import CommandError
from cli.runtime import Runtime, now

if TYPE_CHECKING:
    from datetime import datetime
    from typing import TypeAlias

    from sqlalchemy import Connection

    from portfolio.audit.entry import Subject
    from webapp.queries.dated import Dated

    _Told: TypeAlias = tuple[str, str, tuple[Dated, ...], Subject]
    """What it is, what the calendar is called, what is in it, and whom or what it is about."""


@click.group("timeline")
def command() -> None:
    """What has a day: milestones of a project, and what is due of an account."""


@command.command("ics")
@click.option("--project", metavar="CODE", help="The milestones of this project.")
@click.option("--user", metavar="NAME", help="What is open, due some day, and assigned to whom this account is.")
@click.pass_obj
def ics(config: str | None, project: str | None, user: str | None) -> None:
    """Print days as an ICS file, as the page gives it. That it was printed is noted."""
    from cli.commands.serve import page_settings
    from portfolio.audit.append import append
    from portfolio.audit.entry import COMMAND
    from portfolio.store.engine import writing
    from webapp.app import create_app
    from webapp.calendar_file import FORM, worded

    if (project is None) == (user is None):
        raise click.UsageError("Say --project or --user: one of them.")
    runtime, at = Runtime.load(config), now()
    # The words of the file are those of the pages.
    with create_app(page_settings(runtime)).app_context(), writing(runtime.engine) as store:
        if project is not None:
            what, name, found, about = _milestones(store, runtime, project, at)
        else:
            what, name, found, about = _own(store, runtime, user or "", at)
        append(store, at, COMMAND, "export", about, new={"what": what, "form": FORM, "rows": len(found)})
        content = worded(name, found, at)
    click.echo(content, nl=False)


def _milestones(store: Connection, runtime: Runtime, code: str, at: datetime) -> _Told:
    from sqlalchemy import select

    from cli.projects import project_of
    from portfolio.audit.entry import Subject
    from portfolio.facts.gather import day_of
    from portfolio.model.structure import Project
    from webapp.queries.dated import milestones_dated
    from webapp.words import say

    project_id = project_of(runtime, code)
    name = store.scalar(select(Project.name).where(Project.id == project_id)) or code
    today = at.astimezone(ZoneInfo(runtime.settings.time_zone)).date()
    found = milestones_dated(store, project_id, name, day_of(store, today, at))
    return "milestones", say("dated_name", name), found, Subject("project", project_id)


def _own(store: Connection, runtime: Runtime, name: str, at: datetime) -> _Told:
    from portfolio.audit.entry import Subject
    from webapp.accounts.users import user_named
    from webapp.queries.dated import own_dated
    from webapp.words import say

    account = user_named(store, name)
    if account is None:
        raise CommandError(f"there is no user {name!r}. Correct the name.")
    if account.viewer.person_id is None:
        raise CommandError(f"nobody said which person {name!r} is. An admin can, on the page of users.")
    found = own_dated(store, account.viewer, at.astimezone(ZoneInfo(runtime.settings.time_zone)).date())
    return "own dates", say("dated_own"), found, Subject("user", account.id)
