"""The company as a whole: who and what is in it, that it is the same each time, and that it is believable."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from simulator.company.build import Company, build_company
from simulator.company.item import Item
from simulator.company.plan import Project, Tracker
from simulator.company.tempers import TEMPERS

from .conftest import TODAY


def as_json(company: Company) -> bytes:
    sites = [
        [list(site.projects.values()), site.fields, site.statuses, site.sprints_by_board, site.versions, site.users]
        + [[issue.key, issue.fields, issue.histories, issue.worklogs, issue.comments] for issue in site.issues.values()]
        for site in (company.cloud, company.datacenter)
    ]
    space = company.workspace
    documents = [space.users, space.projects, space.sections, space.tasks, space.stories, space.subtasks]
    documents += [space.portfolios, space.portfolio_items, space.goals, space.time_entries, space.allocations]
    documents += [space.status_updates, space.goal_relationships, space.out_of_office, space.tags, space.custom_fields]
    return msgspec.json.encode([sites, documents, space.project_tasks, space.custom_field_settings, space.team_members])


def test_the_same_arguments_give_the_same_company(small: Company) -> None:
    again = as_json(build_company(today=TODAY, scale=0.05))
    assert again == as_json(small)
    assert as_json(build_company(8, today=TODAY, scale=0.05)) != again


def test_the_whole_company_has_the_promised_size(whole: Company) -> None:
    plan = whole.plan
    assert 11_000 < len(plan.items) < 13_000
    assert Counter(project.tracker for project in plan.projects) == {
        Tracker.CLOUD: 16,
        Tracker.DATACENTER: 10,
        Tracker.ASANA: 14,
    }
    assert len({project.program for project in plan.projects}) == 8
    assert len({project.portfolio for project in plan.projects}) == 3
    humans = [person for person in plan.people if person.human]
    assert len(humans) == 180
    assert sum(len(person.trackers) == 2 for person in humans) == 30
    shown = len(whole.cloud.issues) + len(whole.datacenter.issues) + len(whole.workspace.tasks)
    assert shown == len(plan.items)


def test_scale_changes_items_only(small: Company, whole: Company) -> None:
    assert len(small.plan.items) < len(whole.plan.items) / 10
    assert [project.code for project in small.plan.projects] == [project.code for project in whole.plan.projects]
    assert [person.name for person in small.plan.people] == [person.name for person in whole.plan.people]


def test_names_join_the_trackers(whole: Company) -> None:
    categories = {tuple(category["name"].split(" / ")) for category in whole.cloud.categories}
    categories |= {tuple(category["name"].split(" / ")) for category in whole.datacenter.categories}
    space = whole.workspace
    nested = {
        (space.portfolios[top]["name"], space.portfolios[below]["name"])
        for top, items in space.portfolio_items.items()
        for below in items
        if below in space.portfolios
    }
    assert len(categories & nested) >= 6
    assert len(categories | nested) == 8


def test_people_overlap_as_told(whole: Company) -> None:
    both = [person for person in whole.plan.people if set(person.trackers) == {Tracker.CLOUD, Tracker.ASANA}]
    cloud, space = whole.cloud, whole.workspace
    same_email = [
        person
        for person in both
        if cloud.users[person.accounts[Tracker.CLOUD]]["emailAddress"]
        == space.users[person.accounts[Tracker.ASANA]]["email"]
    ]
    assert same_email == both
    hidden = [person for person in both if person.accounts[Tracker.CLOUD] in cloud.hidden_emails]
    assert 0 < len(hidden) < len(both) / 2
    spelled_twice = [
        person for person in whole.plan.people if person.alias != person.name and len(person.trackers) == 2
    ]
    assert len(spelled_twice) >= 5
    assert any(", " in person.alias for person in spelled_twice)


def test_nothing_happens_on_weekends_holidays_or_today(whole: Company) -> None:
    midnight = datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=UTC)
    for item in whole.plan.items:
        calendar = item.project.calendar
        moments = [item.created, *(change.at for change in item.changes), *(at for at, _, _ in item.comments)]
        moments += [moment for log in item.worklogs for moment in (log.at, log.created)]
        home = {project.calendar for moved, project, _ in whole.plan.moved if moved is item} or {calendar}
        for moment in moments:
            assert moment < midnight
            assert moment.weekday() < 5
            assert any(one.works(moment.date()) for one in home)
        if item.due:
            assert item.due.weekday() < 5


def test_nobody_logs_more_than_a_day_or_while_away(whole: Company) -> None:
    spent: Counter[tuple[int, date]] = Counter()
    curious = {id(item) for item in whole.plan.items if len(item.worklogs) > 20}
    for item in whole.plan.items:
        if id(item) in curious:
            continue
        for log in item.worklogs:
            spent[log.by.ident, log.at.date()] += log.seconds
            assert not log.by.is_off(log.at.date())
    people = {person.ident: person for person in whole.plan.people}
    assert len(spent) > 5000
    for (ident, _), seconds in spent.items():
        assert seconds <= (11 if people[ident].load == "overloaded" else 8) * 3600


def overdue_share(project: Project) -> float:
    dated = [item for item in project.items if item.due and not item.done]
    return sum(item.due < TODAY for item in dated if item.due) / max(1, len(dated))


def cycle_days(project: Project) -> list[int]:
    days = []
    for item in project.items:
        moves = [change for change in item.changes if change.field == "status"]
        begun = next((change.at.date() for change in moves if change.new == "doing"), None)
        if begun and item.done and item.kind not in ("epic", "milestone"):
            days.append((moves[-1].at.date() - begun).days + 1)
    return sorted(days)


def finished_in(project: Project, first: date, last: date) -> int:
    """Items done within the days, last one excluded."""
    ends = [
        change.at.date()
        for item in project.items
        if item.done
        for change in item.changes[::-1]
        if change.field == "status"
    ]
    return sum(first <= day < last for day in ends)


def test_healthy_projects_flow_steadily(whole: Company) -> None:
    healthy = [project for project in whole.plan.projects if project.temper == "healthy"]
    assert len(healthy) >= 8
    for project in healthy:
        days = cycle_days(project)
        assert 4 <= days[len(days) // 2] <= 8
        assert overdue_share(project) < 0.1
        recent = finished_in(project, TODAY - timedelta(days=84), TODAY)
        before = finished_in(project, TODAY - timedelta(days=168), TODAY - timedelta(days=84))
        assert 0.5 < recent / before < 2


def test_red_projects_decay(whole: Company) -> None:
    for project in whole.plan.projects:
        if project.temper not in ("red", "watermelon"):
            continue
        middle = project.begin + (TODAY - project.begin) / 2
        assert finished_in(project, middle, TODAY) < finished_in(project, project.begin, middle)
        assert overdue_share(project) > 0.4


def test_watermelons_report_green_and_are_red_inside(whole: Company) -> None:
    watermelons = [project for project in whole.plan.projects if project.temper == "watermelon"]
    assert {project.tracker for project in watermelons} == set(Tracker)
    for project in watermelons:
        assert {report.status for report in project.reports} == {"on_track"}
        assert overdue_share(project) > 0.4
        missed = [m for m in project.milestones if m.reached is None and m.due < TODAY]
        slipped = [m for m in project.milestones if m.due > m.baseline]
        assert missed or slipped
    shown = [
        whole.workspace.projects[project.external_id]["current_status_update"]["status_type"]
        for project in watermelons
        if project.tracker is Tracker.ASANA
    ]
    assert shown == ["on_track"] * len(shown)
    assert shown


def test_every_temper_is_there_and_tells_on(whole: Company) -> None:
    seen = {project.temper for project in whole.plan.projects}
    assert seen == set(TEMPERS)
    for project in whole.plan.projects:
        if project.temper == "finished":
            assert all(item.done for item in project.items)
        if project.temper == "on_hold":
            assert finished_in(project, TODAY - timedelta(days=30), TODAY) <= 3
    three = [project for project in whole.plan.projects if len(project.items) == 3]
    assert len(three) == 2
    assert all(any(item.due is None for item in project.items) for project in three)
    assert all(item.estimate is None and item.points is None for project in three for item in project.items)


def test_slips_rework_growth_and_obstacles_happened(whole: Company) -> None:
    def count(test: object) -> int:
        return sum(bool(test(item)) for item in whole.plan.items)  # type: ignore[operator]

    def moves(item: Item, field: str) -> int:
        return sum(change.field == field for change in item.changes)

    assert count(lambda item: moves(item, "due") >= 2) > 100
    assert count(lambda item: moves(item, "resolution") >= 2) > 300
    assert count(lambda item: moves(item, "flagged") == 2) > 100
    assert count(lambda item: item.status in ("blocked", "waiting") and not item.done) > 3
    assert count(lambda item: item.blocks and any(o.project is not item.project for o in item.blocks)) > 50
    assert count(lambda item: item.created.date() > item.project.begin + timedelta(days=60)) > 1000
    busy = Counter(item.assignee.ident for item in whole.plan.items if item.assignee and not item.done)
    load = {person.ident: person.load for person in whole.plan.people}
    means = {
        kind: sum(number for ident, number in busy.items() if load[ident] == kind)
        / sum(value == kind for value in load.values())
        for kind in ("overloaded", "normal", "idle")
    }
    assert means["overloaded"] > 2 * means["normal"] > 4 * means["idle"]


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("today", [date(2024, 2, 29), date(2025, 12, 25), date(2026, 1, 1), date(2027, 5, 2)])
def test_any_day_and_seed_give_a_company(seed: int, today: date) -> None:
    company = build_company(seed, today=today, scale=0.02)
    last = max(item.updated for item in company.plan.items).date()
    assert today - timedelta(days=7) < last < today
    first = min(project.begin for project in company.plan.projects)
    assert 540 < (today - first).days < 560
    assert all(len(project.items) >= 3 for project in company.plan.projects)
    assert len({item.project.code for item in company.plan.items if item.done}) > 30
