"""What projects say of themselves, and how their people are booked."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from simulator.company.plan import Booking, Plan, Project, Report
from simulator.company.tempers import TEMPERS

_WORDS = {
    "on_track": "All on plan. Next: {next}.",
    "at_risk": "Some dates are tight; we are re-planning. Next: {next}.",
    "off_track": "We will miss the next date without help. Needed: a decision on {next}.",
    "on_hold": "Paused until the sponsor decides. Open: {next}.",
    "complete": "Done and handed over. Thanks to all. Last: {next}.",
}
_NEXT = ("the pilot review", "supplier answers", "test data", "training dates", "the price list", "a second tester")


def add_reports(rng: Random, project: Project, today: date) -> None:
    """A report every one or two weeks; every fifth project has let its reports go stale."""
    told = TEMPERS[project.temper].told
    every = rng.choice((7, 14))
    until = today - timedelta(days=1)
    if project.temper == "finished":
        until = min(until, project.due + timedelta(days=10))
    elif sum(map(ord, project.code)) % 5 == 0:
        until -= timedelta(days=rng.randint(45, 80))
    day = project.begin + timedelta(days=every)
    days = []
    while day <= until:
        days.append(day)
        day += timedelta(days=every)
    if project.temper == "finished" and days:
        days[-1] = until
    calendar = project.calendar
    for number, day in enumerate(days):
        last = number == len(days) - 1
        status = told[-1] if last else told[min(len(told) - 1, number * len(told) // len(days))]
        if status == "complete" and not last:
            status = "on_track"
        position = calendar.index(day) + rng.random()
        if calendar.day(position) < today:
            text = _WORDS[status].format(next=rng.choice(_NEXT))
            project.reports.append(Report(calendar.moment(position), project.lead, status, text))


def add_bookings(rng: Random, plan: Plan) -> None:
    """Book the people of open projects from last month into the next three: overloaded ones beyond their day."""
    for project in plan.projects:
        if project.temper in ("finished", "on_hold"):
            continue
        for person in project.members:
            if not person.active or rng.random() < 0.25:
                continue
            low, high = {"overloaded": (60, 90), "idle": (5, 10)}.get(person.load, (20, 45))
            start = plan.today + timedelta(days=rng.randint(-30, 10))
            end = start + timedelta(days=rng.randint(20, 90))
            percent = float(rng.randint(low, high))
            if rng.random() < 0.3:
                plan.bookings.append(Booking(person, project, start, end, None, round(percent * 0.08, 1)))
            else:
                plan.bookings.append(Booking(person, project, start, end, percent, None))
