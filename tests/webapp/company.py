"""A believable company for looking at the pages: three portfolios, programs, projects in every condition. Seeded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

import zstandard
from sqlalchemy import Engine

from portfolio.figures.rollup import roll_up
from portfolio.model.base import FAR
from portfolio.model.landing import RateBudget, SliceCount
from portfolio.model.work import MilestoneVersion
from portfolio.store.engine import writing
from tests.webapp.builders import Rows, at_noon

PLAN = {
    "Customer": {
        "Self-service": ("Customer portal", "Mobile app", "Identity and consent", "Help centre"),
        "Sales platform": ("Quote to order", "Partner shop", "Price engine", "Product catalogue"),
        "Service desk": ("Contact centre move", "Chat assistant", "Case handling"),
    },
    "Operations": {
        "Supply chain": ("Warehouse control", "Route planning", "Supplier onboarding", "Stock counting"),
        "Finance renewal": ("General ledger", "Billing engine", "Expense flow", "Period close"),
        "Workplace": ("Device renewal", "Meeting rooms", "Intranet"),
    },
    "Foundations": {
        "Cloud move": ("Landing zone", "Data centre exit", "Backup and restore", "Observability"),
        "Data": ("Data platform", "Master data", "Reporting layer", "Forecast models"),
        "": ("Security certification", "Archive"),
    },
}
FIRST = ("Ada", "Bea", "Cyn", "Dov", "Eli", "Fay", "Gus", "Hal", "Ina", "Jon", "Kit", "Lou", "Mia", "Ned", "Ola", "Pia")
LAST = ("Ambermoor", "Birchwick", "Coldbrook", "Dunmere", "Elderfen", "Foxhollow", "Greymarsh", "Hazelby")
VERBS = ("Agree", "Build", "Check", "Deliver", "Extend", "Fix", "Move", "Prepare", "Review", "Test")
THINGS = (
    "interface",
    "import",
    "sign-in",
    "report",
    "data model",
    "contract",
    "training",
    "release",
    "search",
    "rights",
)


@dataclass(frozen=True)
class Character:
    """How a project goes: share of late dates, of estimated and of dated items, days milestones slip, own report."""

    late: float
    filled: float
    slip: int
    reported: str | None
    items: int = 60


CHARACTERS = (
    Character(0.02, 0.98, 0, "green"),
    Character(0.05, 0.97, 0, "green"),
    Character(0.03, 0.96, -2, "green"),
    Character(0.45, 0.97, 25, "green"),
    Character(0.12, 0.95, 4, "amber"),
    Character(0.5, 0.96, 40, "red"),
    Character(0.2, 0.6, 6, None),
    Character(0.05, 0.1, 0, None, items=12),
)


def fill(engine: Engine, now: datetime, *, repeat: int = 1) -> None:
    """Write the company and compute its readings as of today and of a week ago."""
    random = Random(7)
    today = now.date()
    with writing(engine) as connection:
        rows = Rows(connection)
        trackers = {
            "jira": rows.connection("Jira EU", address="https://jira-eu.invalid/jira"),
            "asana": rows.connection("Asana", "asana", address="https://asana.invalid/api/1.0"),
        }
        rows.connection("Jira Labs", address="https://jira-labs.invalid")
        people = [rows.person(f"{first} {last}") for last in LAST for first in FIRST[:8]]
        _runs(rows, trackers, now)
        leaders = people[:12]
        projects: list[int] = []
        for turn in range(repeat):
            for portfolio, programs in PLAN.items():
                portfolio_id = rows.portfolio(f"{portfolio}{f' {turn}' if turn else ''}", random.choice(leaders))
                for program, names in programs.items():
                    program_id = rows.program(program, portfolio_id, random.choice(leaders)) if program else None
                    for name in names:
                        character = CHARACTERS[(len(projects) * 5 + 3) % len(CHARACTERS)]
                        reported_at = at_noon(today - timedelta(days=random.choice((1, 2, 3, 6, 12, 30))))
                        project_id = rows.project(
                            name,
                            trackers[random.choice(("jira", "jira", "asana"))],
                            code=f"{''.join(word[0] for word in name.split()).upper()}{len(projects) + 1}",
                            portfolio_id=portfolio_id,
                            program_id=program_id,
                            manager_id=random.choice(leaders),
                            status="on_hold"
                            if name == "Meeting rooms"
                            else "closed"
                            if name == "Archive"
                            else "active",
                            start=today - timedelta(days=200),
                            due=today + timedelta(days=random.randrange(20, 200)),
                            reported_rag=character.reported,
                            reported_status={"green": "on_track", "amber": "at_risk", "red": "off_track"}.get(
                                character.reported or ""
                            ),
                            reported_at=reported_at if character.reported else None,
                        )
                        _project(rows, random, project_id, trackers["jira"], people, character, today)
                        projects.append(project_id)
                        if len(projects) % 4:
                            rows.baseline(project_id, today - timedelta(days=190))
        rows.own_kpi("Overdue of all open", "Overdue items / open items, with or without a date.", now)
        for day in (today - timedelta(days=7), today):
            roll_up(connection, as_of=day, now=now)


def _runs(rows: Rows, trackers: dict[str, int], now: datetime) -> None:
    for days in range(6, 0, -1):
        run = rows.run(trackers["jira"], now - timedelta(days=days), seconds=140)
        rows.stream(run, "items", unchanged=3200, updated=140 + days, created=11)
        rows.stream(run, "people", unchanged=96)
    run = rows.run(trackers["jira"], now - timedelta(minutes=5), seconds=125)
    rows.stream(run, "items", unchanged=3281, updated=77, created=14, quarantined=2)
    rows.stream(run, "people", unchanged=96, note=None)
    rows.stream(run, "worklogs", unchanged=8120, created=64)
    rows.stream(run, "boards", note="The account may not see 2 boards. Ask a Jira admin for the right to browse them.")
    good = rows.run(trackers["asana"], now - timedelta(hours=26), seconds=61)
    rows.stream(good, "items", created=812)
    rows.run(
        trackers["asana"],
        now - timedelta(hours=2),
        "failed",
        12,
        error="Asana refused the token [GET /users/me]. Make a new personal access token and store it with "
        "`sightline connection add`.",
    )
    rows.schedule(trackers["jira"])
    rows.schedule(trackers["jira"], "full", "0 3 * * 0")
    rows.schedule(trackers["asana"], "census", "17 * * * *")
    free = (now + timedelta(minutes=13)).timestamp()
    rows.row(RateBudget, connection_id=trackers["asana"], free_at=free, gap_s=0.6, width=2, limit_told=150)
    counted = {"connection_id": trackers["jira"], "checked_at": now - timedelta(minutes=10), "listed": 1204}
    rows.row(SliceCount, slice="p1", told=1204, kept=1201, **counted)
    rows.absence(trackers["jira"], "1", now, verdict="deleted", why="The tracker knows no such item.")
    rows.absence(trackers["asana"], "2", now - timedelta(hours=3), applied_at=now, verdict="archived")
    rows.hold(trackers["asana"], 412, 900, now - timedelta(minutes=30), run_id=run)
    packed = zstandard.ZstdCompressor().compress(
        b'{"id": "10471", "fields": {"summary": null, "created": "31.02.2026"}}'
    )
    rows.held(
        trackers["jira"], "the field created is no date: 31.02.2026", packed, now, external_id="10471", run_id=run
    )
    rows.held(trackers["jira"], "the record has no id", b'{"fields": {"summary": "<b>x</b>"}}', now, external_id="")


def _project(
    rows: Rows, random: Random, project_id: int, connection: int, people: list[int], how: Character, today: date
) -> None:
    team = random.sample(people, 6)
    items: list[int] = []
    for _ in range(how.items):
        created = today - timedelta(days=random.randrange(30, 190))
        takes = random.randrange(2, 15)
        start = created + timedelta(days=random.randrange(3, 40))
        due = start + timedelta(days=takes) if random.random() < how.filled else None
        late = random.random() < how.late
        end = start + timedelta(days=takes + (random.randrange(20, 90) if late else -1))
        items.append(
            rows.item(
                project_id,
                connection,
                created=created,
                started=start if start <= today else None,
                finished_on=end if end <= today else None,
                start=start if due else None,
                due=due,
                estimate_s=random.randrange(2, 30) * 3600 if random.random() < how.filled else None,
                assignee_id=random.choice([*team, None]),
                title=f"{random.choice(VERBS)} the {random.choice(THINGS)}",
                flow="blocked" if random.random() < 0.03 and end > today else "active",
            )
        )
    for place, name in enumerate(("Scope agreed", "Design ready", "Pilot", "Go-live")):
        baseline = today - timedelta(days=120) + timedelta(days=60 * place)
        due = baseline + timedelta(days=how.slip)
        milestone = rows.milestone(
            project_id,
            connection,
            name,
            baseline=baseline if how.filled > 0.5 else None,
            due=due,
            finished_on=due if due < today and not (how.slip > 20 and place == 2) else None,
        )
        told = today - timedelta(days=150), today - timedelta(days=70), today - timedelta(days=20 + place * 7), FAR
        for step, day in enumerate((baseline, baseline + timedelta(days=how.slip // 2), due)):
            rows.row(MilestoneVersion, milestone_id=milestone, valid_from=told[step], valid_to=told[step + 1], due=day)
    if how.reported:
        for weeks in (0, 2, 4):
            at = at_noon(today - timedelta(days=2 + 7 * weeks))
            rows.report(
                project_id, connection, how.reported, at, author_id=team[0], title=f"Status of week {20 - weeks}"
            )
    far = rows.db.info.setdefault("earlier", [])
    for other in far[-2:]:
        rows.link(connection, random.choice(other), random.choice(items))
    far.append(items)
