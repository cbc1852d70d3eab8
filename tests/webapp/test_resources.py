"""The pages of resources: who has too much, for whom may know it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from itertools import count

import pytest
from flask import Flask
from sqlalchemy import Engine, select

from portfolio.access.grants import usual
from portfolio.access.roles import Role
from portfolio.figures.rollup import roll_up
from portfolio.model.access import AuditEntry
from portfolio.model.people import Allocation, Person, Team, TeamMember
from portfolio.model.work import ItemSprint, Sprint
from portfolio.store.engine import reading, writing
from sync.merge import merge_person
from tests.conftest import Clock
from tests.webapp.builders import Rows
from tests.webapp.conftest import Signed, Visitor

Open = Callable[[], AbstractContextManager[Rows]]
HOUR = 3600
FRIDAY = date(2026, 3, 6)
SPACES = re.compile(r"\s+")


@pytest.fixture
def staff(rows: Open) -> dict[str, int]:
    """Ann has too much of two projects, Bob little of one; Mia manages the first."""
    with rows() as add:
        jira = add.connection()
        mia = add.person("Mia")
        ann, bob = (add.add(Person, name=name, active=True, role="Tester") for name in ("Ann", "Bob"))
        add.add(Person, name="Gone", active=False)
        one = add.project("One", jira, manager_id=mia)
        two = add.project("Two", jira)
        told = {"created": date(2026, 1, 5), "due": FRIDAY}
        add.item(one, jira, **told, key="ONE-1", title="<b>Door</b>", assignee_id=ann, remaining_s=24 * HOUR)
        add.item(two, jira, **told, key="TWO-1", assignee_id=ann, remaining_s=16 * HOUR)
        add.item(two, jira, **told, key="TWO-2", assignee_id=bob, remaining_s=4 * HOUR)
        add.item(one, jira, **told, key="ONE-2", remaining_s=10 * HOUR)
        add.item(two, jira, **told, key="TWO-3", remaining_s=100 * HOUR)
        add.item(one, jira, **told, key="ONE-3", assignee_id=ann)
        add.item(two, jira, created=date(2026, 1, 5), key="TWO-4", assignee_id=bob, remaining_s=7 * HOUR)
        add.add(
            Allocation, person_id=bob, project_id=two, start=date(2026, 3, 9), end=date(2026, 3, 13), percent=50,
            kind="soft",
        )  # fmt: skip
    return {"mia": mia, "ann": ann, "bob": bob, "one": one, "two": two}


def text_of(visitor: Visitor, path: str) -> str:
    return SPACES.sub(" ", visitor.text(path))


def names_in(page: str) -> list[str]:
    return re.findall(r'<th scope="row" class="name"><a href="[^"]*"><bdi>(\w+)</bdi>', page)


def test_while_a_sync_makes_two_persons_one_pages_go_on(signed: Signed, staff: dict[str, int], engine: Engine) -> None:
    visitors = [
        signed("res", usual(Role.RESOURCE_MANAGER), None),
        signed("pm", usual(Role.PROJECT_MANAGER), staff["mia"]),
    ]
    for visitor in visitors:
        assert visitor.get("/resources").status_code == 200
    # As a run does it: the plan from before it stays until it is over.
    with writing(engine) as store:
        merge_person(store, staff["ann"], staff["bob"])
        add = Rows(store, count(9))
        add.row(TeamMember, team_id=add.add(Team, name="New"), person_id=add.person("Zed"))
    paths = ["", "?by=team", "?by=role", "/by-project", "/bench", "/conflicts", "/demand", f"/people/{staff['bob']}"]
    for path in paths:
        assert visitors[0].get(f"/resources{path}").status_code == 200, path
        assert visitors[1].get(f"/resources{path}").status_code in (200, 404), path
    assert visitors[0].get(f"/resources/people/{staff['ann']}").status_code in (200, 404)


def test_who_sees_everything_sees_who_has_too_much_first(signed: Signed, staff: dict[str, int]) -> None:
    manager = signed("res", usual(Role.RESOURCE_MANAGER), None)
    page = text_of(manager, "/resources")
    assert "1 of 3 persons has too much in some week up to Sun 2026-04-12." in page
    assert "110 h are nobody's yet" in page
    assert "1 item without an estimate, 1 item without a date" in page
    assert names_in(page) == ["Ann", "Bob", "Mia"]
    # 40 h of work where 8 h a day less a fifth can be done.
    assert "125%" in page
    assert "+16 h" in page
    assert "Gone" not in page
    assert names_in(text_of(manager, "/resources?q=bo")) == ["Bob"]


def test_nobody_says_only_what_is_so(signed: Signed, staff: dict[str, int], rows: Open) -> None:
    """Proposed hours are no load, nor are they nobody's; and where no role is over in sum, somebody in it may be."""
    with rows() as add:
        span = {"start": date(2026, 3, 9), "end": date(2026, 3, 13), "kind": "soft"}
        add.add(Allocation, placeholder="Tester", project_id=staff["two"], total_hours=30, **span)
    manager = signed("res", usual(Role.RESOURCE_MANAGER), None)
    assert "110 h are nobody's yet" in text_of(manager, "/resources")
    roles = text_of(manager, "/resources?by=role")
    assert "No role as a whole has too much up to Sun 2026-04-12; single persons may." in roles
    assert "Nobody has too much" not in roles


def test_who_is_gone_and_still_has_work_is_shown_with_it(signed: Signed, staff: dict[str, int], rows: Open) -> None:
    with rows() as add:
        left = add.add(Person, name="Leaver", active=False, role="Tester")
        add.item(staff["two"], 1, created=date(2026, 1, 5), due=FRIDAY, assignee_id=left, remaining_s=20 * HOUR)
    manager = signed("res", usual(Role.RESOURCE_MANAGER), None)
    page = text_of(manager, "/resources")
    assert names_in(page) == ["Leaver", "Ann", "Bob", "Mia"]
    assert '20 h<span class="sub">no capacity</span>' in page
    assert "no capacity" in text_of(manager, f"/resources/people/{left}")
    assert "3 persons" in text_of(manager, "/resources?by=role")


def test_by_role_the_hours_of_its_persons_add_up(signed: Signed, staff: dict[str, int]) -> None:
    page = text_of(signed("pmo", usual(Role.PMO_LEAD), None), "/resources?by=role&number=4")
    assert "None of" not in page
    assert "<bdi>Tester</bdi>" in page
    assert "2 persons" in page
    assert "69%" in page  # 44 h of 64 h


def test_an_executive_sees_groups_large_enough_and_nobody_by_name(
    signed: Signed, staff: dict[str, int], rows: Open
) -> None:
    executive = signed("exec", usual(Role.EXECUTIVE), None)
    assert "team" not in text_of(executive, "/resources?by=team").split("<form")[1].split("</form")[0]
    page = text_of(executive, "/resources?by=person")
    assert "fewer than 5 persons: not shown" in page
    assert not {"Ann", "Bob", "Mia"} & set(re.findall(r"\w+", page))
    with rows() as add:
        for number in range(5):
            add.add(Person, name=f"Other {number}", active=True, role="Engineer")
            add.add(Person, name=f"More {number}", active=True, role="Tester")
    page = text_of(executive, "/resources")
    assert "<bdi>Tester</bdi>" in page
    assert "20%" in page  # 44 h of 7 persons with 32 h
    assert executive.get(f"/resources/people/{staff['ann']}").status_code == 403


def test_a_project_manager_sees_those_of_their_project_and_all_of_their_load(
    signed: Signed, staff: dict[str, int], engine: Engine
) -> None:
    manager = signed("pm", usual(Role.PROJECT_MANAGER), staff["mia"])
    page = text_of(manager, "/resources")
    assert names_in(page) == ["Ann"]
    assert "125%" in page
    assert "10 h are nobody's yet" in page
    assert "1 item without an estimate, 0 items without a date" in page
    person = text_of(manager, f"/resources/people/{staff['ann']}")
    assert "ONE-1" in person
    assert "&lt;b&gt;Door" in person
    assert "Other projects" in person
    assert "TWO-1" not in person
    assert "<bdi>Two</bdi>" not in person
    assert "1 item more in no load" in person
    assert manager.get(f"/resources/people/{staff['bob']}").status_code == 404
    with reading(engine) as store:
        looked = select(AuditEntry.subject_id).where(AuditEntry.action == "person.viewed")
        assert list(store.scalars(looked)) == [staff["ann"]]


def test_who_is_an_executive_too_sees_no_more_persons_by_name(signed: Signed, staff: dict[str, int]) -> None:
    both = signed("both", usual(Role.PROJECT_MANAGER) | usual(Role.EXECUTIVE), staff["mia"])
    assert names_in(text_of(both, "/resources")) == ["Ann"]
    assert both.get(f"/resources/people/{staff['bob']}").status_code == 404


def test_days_and_months_are_columns_too(signed: Signed, staff: dict[str, int]) -> None:
    manager = signed("res", usual(Role.RESOURCE_MANAGER), None)
    days = text_of(manager, "/resources?columns=day&number=99")
    assert days.count('<span class="unit">Mon</span>') == 5
    assert days.count('<th scope="col" class="num"><span class="nowrap">') == 31
    # Two days of a month with too much make it too much, whatever its sum.
    months = text_of(manager, "/resources?columns=month&number=2")
    assert '<span class="nowrap">2026-03</span><span class="unit">from 02</span>' in months
    assert "1 of 3 persons has too much in some month up to Thu 2026-04-30." in months
    assert "28%<span" in months  # 40 h of 22 days with 6.4 h
    assert "Too much in 5 of 14 days" in text_of(manager, f"/resources/people/{staff['ann']}?columns=day")


def test_a_page_has_as_many_rows_as_are_asked_for(signed: Signed, staff: dict[str, int], rows: Open) -> None:
    with rows() as add:
        for number in range(60):
            add.add(Person, name=f"More{number}", active=True)
    manager = signed("res", usual(Role.RESOURCE_MANAGER), None)
    assert len(names_in(text_of(manager, "/resources"))) == 50
    assert len(names_in(text_of(manager, "/resources?size=51"))) == 63


def test_the_file_has_a_line_for_each_row_and_week(signed: Signed, staff: dict[str, int]) -> None:
    auditor = signed("aud", usual(Role.AUDITOR), None)
    body = auditor.get("/resources.csv?number=2").text.lstrip("\ufeff")
    head, *lines = csv.reader(io.StringIO(body))
    hours = ["Capacity, h", "Firm, h", "Proposed, h", "Load", "Too much, h", "Level"]
    assert head == ["Person", "Role or persons", "From", *hours]
    assert lines[0] == ["Ann", "Tester", "2026-03-02", "32.0", "40.0", "0.0", "1.25", "8.0", "too much"]
    assert lines[3] == ["Bob", "Tester", "2026-03-09", "32.0", "0.0", "16.0", "0.0", "0.0", "under 40%"]
    assert lines[-2][:5] == ["Nobody yet", "", "2026-03-02", "40.0", "110.0"]
    assert auditor.get("/resources.xlsx").status_code == 200


def test_without_anything_it_says_what_load_is_made_of(signed: Signed, app: Flask) -> None:
    page = text_of(signed("res", usual(Role.RESOURCE_MANAGER), None), "/resources")
    assert "has work or bookings yet" in page
    assert "It is here after the next sync" in page


def test_hours_made_of_points_are_told_with_their_band(signed: Signed, rows: Open) -> None:
    with rows() as add:
        jira = add.connection()
        project, ann = add.project("One", jira), add.person("Ann")
        for number, hours in enumerate((2, 3, 7)):
            first = date(2026, 1, 5) + number * timedelta(weeks=2)
            last = first + timedelta(days=13)
            told = {"connection_id": jira, "external_id": f"s{number}", "name": "S", "state": "closed"}
            sprint = add.add(Sprint, **told, start_on=first, end_on=last)
            done = add.item(project, jira, created=first, finished_on=last, points=1, spent_s=hours * HOUR)
            add.row(ItemSprint, item_id=done, sprint_id=sprint)
        add.item(project, jira, created=date(2026, 1, 5), due=FRIDAY, key="P-1", points=4, assignee_id=ann)
    manager = signed("res", usual(Role.RESOURCE_MANAGER), None)
    page = text_of(manager, "/resources")
    assert "Of 1 item with points and no estimate" in page
    assert "12 h, by the middle half of these sprints 8 to 28 h" in page
    assert "hours made of points" in text_of(manager, f"/resources/people/{ann}")


def test_figures_of_all_are_shown_to_whoever_sees_everybody(
    signed: Signed, staff: dict[str, int], engine: Engine, rows: Open, clock: Clock
) -> None:
    with rows() as add:
        for name in ("Cy", "Ned"):
            add.person(name)
    with writing(engine) as store:
        roll_up(store, as_of=clock().date(), now=clock())
    lead = signed("lead", usual(Role.PMO_LEAD), None)
    page = text_of(lead, "/resources")
    assert 'href="/all/kpis/RES-03"' in page
    # 40 h where five persons have 32 h a week: 8 h too much, and 44 of 640 h.
    assert "All persons together" in page
    shown = re.findall(r"#((?:RES|DQ)-\d+)\">[^<]*</a></th> <td class=\"num\">(?:<a[^>]*>)?([^<]*)<", page)
    assert dict(shown)["RES-03"] == "8.0"
    assert [kpi for kpi, _ in shown] == ["DQ-05", "RES-01", "RES-02", "RES-03", "RES-04", "RES-07", "RES-09"]
    explained = text_of(lead, "/all/kpis/RES-03")
    assert "All persons together" in explained
    assert "no list of items or projects stands behind it" in explained
    manager = text_of(signed("res", usual(Role.RESOURCE_MANAGER), None), "/resources")
    assert "All persons together" in manager
    assert "/all/kpis/" not in manager
    mine = text_of(signed("pm", usual(Role.PROJECT_MANAGER), staff["mia"]), "/resources")
    assert "All persons together" not in mine
