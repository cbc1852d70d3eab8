"""Builds the whole made-up company: people, projects, what happened, and the three trackers that show it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from simulator.asana.workspace import Workspace
from simulator.company import curiosities, milestones
from simulator.company.calendar import Calendar, calendars
from simulator.company.people import build_people
from simulator.company.plan import Person, Plan, Project, Tracker
from simulator.company.reports import add_bookings, add_reports
from simulator.company.roster import PROGRAMS, PROJECTS, Entry
from simulator.company.schedule import Course, settle
from simulator.company.sprints import add_sprints, plan_sprints
from simulator.company.tempers import TEMPERS
from simulator.company.to_asana import to_asana
from simulator.company.to_jira import to_jira
from simulator.company.upkeep import tend
from simulator.company.workflows import WORKFLOWS
from simulator.company.worklogs import TimeSheets, log_work
from simulator.jira.site import Site

_COMPONENTS = ("Front", "Back office", "Interfaces", "Reports", "Printing", "Mobile")
_PHASES = ("Prepare", "Build", "Try out", "Roll out", "Hand over")


@dataclass(frozen=True)
class Company:
    """The company as three trackers show it, and the `plan` they were rendered from."""

    plan: Plan
    cloud: Site
    datacenter: Site
    workspace: Workspace


def build_company(seed: int = 7, *, today: date, scale: float = 1.0) -> Company:
    """Build the company. The same arguments give the same company; nothing is read from clock or machine.

    All that happened lies before `today` (UTC). `scale` shrinks the number of items (about 12,000 at 1), not the number
    of projects or people.
    """
    plan = build_plan(seed, today, scale)
    return Company(
        plan=plan,
        cloud=to_jira(plan, Tracker.CLOUD),
        datacenter=to_jira(plan, Tracker.DATACENTER),
        workspace=to_asana(plan),
    )


def build_plan(seed: int, today: date, scale: float) -> Plan:
    """What happened in the company, before any tracker shows it."""
    rng = _dice(seed, "people")
    known = calendars(today)
    plan = Plan(seed, today, build_people(rng, known, today), [])
    sheets = TimeSheets()
    teams = _teams(_dice(seed, "teams"), plan.people, PROJECTS)
    for entry in PROJECTS:
        rng = _dice(seed, entry.code)
        project = _project(rng, entry, teams[entry.code], plan.people, known, today)
        plan.projects.append(project)
        _live_through(rng, project, entry, scale, float(project.calendar.index(today)), sheets)
        add_reports(rng, project, today)
    curiosities.after_settling(_dice(seed, "curiosities"), plan)
    curiosities.add_dependencies(_dice(seed, "dependencies"), plan)
    add_bookings(_dice(seed, "bookings"), plan)
    return plan


def _dice(seed: int, what: str) -> Random:
    """Chance that comes out alike for the same seed. Each thing has its own: a change of one leaves the rest alone."""
    return Random(f"{seed} {what}")  # nosec B311 # a made-up company keeps no secret


def _teams(rng: Random, people: list[Person], entries: Iterable[Entry]) -> dict[str, list[Person]]:
    """Who works on which project. Everybody who can be on one is on at least one, most on one or two."""
    teams: dict[str, list[Person]] = {entry.code: [] for entry in entries}
    for person in people:
        if not person.human:
            continue
        for tracker in person.trackers:
            open_to = [entry for entry in entries if entry.tracker is tracker]
            wanted = {"overloaded": 4, "idle": 1}.get(person.load, rng.choice((1, 1, 2)))
            for _ in range(wanted):
                chosen = rng.choices(open_to, [max(entry.size, 40) for entry in open_to])[0]
                if person not in teams[chosen.code]:
                    teams[chosen.code].append(person)
    for entry in entries:
        pool = [one for one in people if one.human and one.active and entry.tracker in one.trackers]
        fewest = 3 if "three_items" in entry.quirks else 5
        while sum(one.active for one in teams[entry.code]) < fewest:
            extra = rng.choice(pool)
            if extra not in teams[entry.code]:
                teams[entry.code].append(extra)
    return teams


def _project(
    rng: Random, entry: Entry, members: list[Person], people: list[Person], known: dict[str, Calendar], today: date
) -> Project:
    flow = WORKFLOWS[entry.flow]
    calendar = known[rng.choices(("north", "south", "isles"), (5, 3, 2))[0]]
    begin, due = (today + timedelta(days=round(months * 30.4)) for months in entry.months)
    phases = _PHASES if "enum_status" in entry.quirks else ()
    return Project(
        code=entry.code,
        name=entry.name,
        tracker=entry.tracker,
        portfolio=PROGRAMS[entry.program],
        program=entry.program,
        temper=entry.temper,
        method=entry.method,
        estimates=entry.estimates,
        logs_time=entry.logs,
        quirks=frozenset(entry.quirks),
        workflow=flow,
        calendar=calendar,
        begin=calendar.day(calendar.index(begin)),
        due=calendar.day(calendar.index(due)),
        lead=next(one for one in members if one.active),
        robot=next(one for one in people if not one.human and entry.tracker in one.trackers),
        members=members,
        components=() if entry.tracker is Tracker.ASANA else tuple(rng.sample(_COMPONENTS, 3)),
        phases=phases,
    )


def _live_through(rng: Random, project: Project, entry: Entry, scale: float, today: float, sheets: TimeSheets) -> None:
    temper = TEMPERS[entry.temper]
    size = entry.size if "three_items" in entry.quirks else max(8, round(entry.size * scale))
    course = Course(rng, project, temper, size, today)
    if "three_items" in entry.quirks:
        course.three_items()
    else:
        course.run()
    milestones.add_milestones(rng, course)
    milestones.add_risks(rng, course)
    tend(course)
    if project.method == "scrum":
        add_sprints(rng, project, today)
        plan_sprints(rng, project, today)
    log_work(rng, project, temper, today, sheets)
    curiosities.before_settling(rng, project, today)
    settle(project, today)
    curiosities.add_comments(rng, project, today)
