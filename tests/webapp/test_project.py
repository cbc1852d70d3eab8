"""The project page and the items behind its figures, with hostile words from the trackers."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from io import StringIO
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import Engine

from portfolio.audit.entry import SYSTEM
from portfolio.figures.rollup import roll_up
from portfolio.organisation import PersonFigures, change_settings
from portfolio.store.engine import writing
from tests.conftest import Clock
from tests.webapp.builders import Rows, at_noon
from tests.webapp.conftest import Visitor

TODAY = date(2026, 3, 2)
SCRIPT = "<script>alert('x')</script>\"' onmouseover=alert(1)"
FORMULA = '=HYPERLINK("https://evil.invalid","click")'
BIDI = "safe\u202egnp.exe"
Open = Callable[[], AbstractContextManager[Rows]]


@pytest.fixture
def alpha(rows: Open, engine: Engine, clock: Clock) -> int:
    """A project with late work, people, milestones, reports and dependencies; its neighbour is project 2."""
    with rows() as add:
        jira = add.connection("Jira EU")
        add.run(jira, clock() - timedelta(minutes=10))
        mia, ned = add.person("Mia Maker"), add.person("Ned Helper")
        growth = add.portfolio("Growth")
        program = add.program("Web", growth)
        project = add.project(
            "Alpha",
            jira,
            program_id=program,
            manager_id=mia,
            due=TODAY + timedelta(days=30),
            reported_rag="green",
            reported_status="on_track",
            reported_at=at_noon(TODAY - timedelta(days=3)),
        )
        neighbour = add.project("Neighbour", jira)
        start = TODAY - timedelta(days=50)
        plan: dict[str, Any] = {"created": start, "started": start, "start": start, "estimate_s": 5400}
        add.item(project, jira, **plan, due=TODAY - timedelta(days=9), assignee_id=mia, title=SCRIPT, key="AL-1")
        late = add.item(
            project, jira, **plan, due=TODAY - timedelta(days=4), assignee_id=mia, title=FORMULA, key="AL-2"
        )
        add.item(
            project, jira, **plan, due=TODAY - timedelta(days=1), title=BIDI, key="AL-3", url="javascript:alert(1)"
        )
        add.item(project, jira, **plan, due=TODAY + timedelta(days=9), assignee_id=ned, key="AL-4", flow="blocked")
        done = TODAY - timedelta(days=20)
        add.item(project, jira, **plan, due=done, finished_on=done, assignee_id=ned, key="AL-5")
        other = add.item(neighbour, jira, created=start, due=TODAY + timedelta(days=2), key="NE-1", title="Their part")
        add.link(jira, other, late)
        add.baseline(project, start)
        add.milestone(project, jira, "Pilot", baseline=TODAY - timedelta(days=20), due=TODAY - timedelta(days=3))
        add.milestone(project, jira, "Agreed", baseline=done, due=done, finished_on=done)
        add.milestone(project, jira, "Ahead", due=TODAY + timedelta(days=5), url="javascript:alert(2)")
        add.report(project, jira, "green", at_noon(TODAY - timedelta(days=3)), author_id=ned, title="All fine")
        add.report(project, jira, "amber", at_noon(TODAY - timedelta(days=10)), title="Some doubt")
    with writing(engine) as connection:
        roll_up(connection, as_of=TODAY, now=clock())
    return project


def words(page: str) -> str:
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    return re.sub(r" (?=[.,;:)])", "", text)


def section(page: str, name: str) -> str:
    return page.split(f'<section id="{name}"')[1].split("</section>")[0]


def test_the_way_down_from_the_portfolio(ada: Visitor, alpha: int) -> None:
    page = ada.text(f"/projects/{alpha}")
    crumbs = page.split('class="crumbs"')[1].split("</nav>")[0]
    assert words(crumbs).endswith("Portfolio Growth Web Alpha")
    assert 'href="/?portfolio=1"' in crumbs
    assert 'href="/programs/1"' in crumbs
    items = ada.text(f"/projects/{alpha}/items?fact=overdue")
    assert f'href="/projects/{alpha}"' in items.split('class="crumbs"')[1].split("</nav>")[0]


def test_a_project_stands_in_its_own_portfolio_before_its_programs(ada: Visitor, rows: Open) -> None:
    with rows() as add:
        own, far = add.portfolio("Own"), add.portfolio("Far")
        project = add.project("Both", portfolio_id=own, program_id=add.program("Shared", far))
    crumbs = words(ada.text(f"/projects/{project}").split('class="crumbs"')[1].split("</nav>")[0])
    assert crumbs.endswith("Portfolio Own Shared Both")
    tree = words(ada.text("/").split("<tbody>")[1])
    assert tree.index("Own") < tree.index("Both")
    assert "Far" not in tree


def test_the_sentence_says_colour_reason_and_what_the_project_says(ada: Visitor, alpha: int) -> None:
    said = words(ada.text(f"/projects/{alpha}").split('class="lead">')[1].split("</p>")[0])
    assert said.startswith(
        "Red: the schedule in time (SPI(t)), the chance to be in time, compliance with the rules and "
    )
    assert said.endswith("need attention. The project itself reports green.")


def test_a_kpi_shows_value_unit_n_coverage_confidence_colour_reason_and_items(ada: Visitor, alpha: int) -> None:
    kpis = section(ada.text(f"/projects/{alpha}"), "kpis")
    spi = kpis.split('#SCH-01">')[1].split("</tr>")[0]
    assert words(spi).startswith("Schedule performance (SPI) 0.21 index Red 5 100 A Work with an estimate")
    overdue = kpis.split('#SCH-09">')[1].split("</tr>")[0]
    assert words(overdue).startswith("Overdue items 75 % Red 3 of 4 100")
    assert f'href="/projects/{alpha}/items?fact=overdue"' in overdue
    cycle = words(kpis.split('#FLW-01">')[1].split("</tr>")[0])
    assert "none calendar days Grey" in cycle
    assert "Too few cases to say anything." in cycle


def test_the_list_behind_a_figure_is_named_for_the_time_the_figure_counts(ada: Visitor, alpha: int) -> None:
    kpis = section(ada.text(f"/projects/{alpha}"), "kpis")
    assert "Finished in the last 90 days" in kpis.split('#FLW-01">')[1].split("</tr>")[0]
    throughput = kpis.split('#FLW-03">')[1].split("</tr>")[0]
    assert "Finished in the last 12 full weeks" in throughput
    assert "Finished in the last 7 days" not in throughput


def test_a_trend_without_a_past_says_so(ada: Visitor, alpha: int) -> None:
    page = ada.get(f"/projects/{alpha}").text
    assert "Of four weeks ago nothing is kept yet." in page
    assert "nothing of this moved" not in page


def test_a_kpi_without_a_value_names_what_is_missing(ada: Visitor, alpha: int) -> None:
    page = ada.get(f"/projects/{alpha}").text
    assert "Needs the contingency in the project data, and change requests that draw on it." in page
    assert "Nothing to compare with" not in page.split('id="CST-01"')[1].split("</tr>")[0]
    told = ada.get(f"/projects/{alpha}/kpis/CST-07").text
    assert "no value. Needs the contingency in the project data" in told
    assert f'href="/projects/{alpha}#data"' in told


def test_dimensions_without_data_are_grey_and_say_so(ada: Visitor, alpha: int) -> None:
    strip = words(ada.text(f"/projects/{alpha}").split('class="strip"')[1].split("</ul>")[0])
    assert "Schedule Red 0 of 2 figures green" in strip
    assert "Scope Green 1 of 1 figures green" in strip
    assert "Governance Red 0 of 1 figures green" in strip
    assert "Cost Grey" in strip


def test_the_items_page_lists_exactly_what_the_figure_counts(ada: Visitor, alpha: int) -> None:
    page = ada.text(f"/projects/{alpha}/items?fact=overdue")
    assert "3 items in Alpha as of Mon 2026-03-02." in words(page)
    assert re.findall(r"<bdi>(AL-\d)</bdi>", page) == ["AL-1", "AL-2", "AL-3"]
    assert re.findall(r"<bdi>(AL-\d)</bdi>", ada.text(f"/projects/{alpha}/items?fact=overdue&sort=-due")) == [
        "AL-3", "AL-2", "AL-1",
    ]  # fmt: skip
    assert re.findall(r"<bdi>(AL-\d)</bdi>", ada.text(f"/projects/{alpha}/items?fact=overdue&assignee=1&q=al-2")) == [
        "AL-2"
    ]
    assert re.findall(r"<bdi>(AL-\d)</bdi>", ada.text(f"/projects/{alpha}/items?fact=overdue&assignee=0")) == ["AL-3"]
    assert "None of these items fits the filter." in ada.text(f"/projects/{alpha}/items?fact=overdue&q=zebra")


SEARCHED = {
    "U-1": "Договор для Иванов",
    "U-2": "ÉCOLE normale",
    "U-3": "İstanbul office",
    "U-4": "100% of A_B",
    "U-5": "100 of AxB",
    "U-6": "ΣΟΦΙΑ and Straße",
}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ИВАНОВ", ["U-1"]),
        ("иванов", ["U-1"]),
        ("договор", ["U-1"]),
        ("école", ["U-2"]),
        ("École N", ["U-2"]),
        ("İstanbul", ["U-3"]),
        ("OFFICE", ["U-3"]),
        ("100%", ["U-4"]),
        ("a_b", ["U-4"]),
        ("σοφια", ["U-6"]),
        ("STRAß", ["U-6"]),
        ("u-", list(SEARCHED)),
    ],
)
def test_search_finds_text_whatever_its_case(ada: Visitor, rows: Open, text: str, found: list[str]) -> None:
    with rows() as add:
        jira = add.connection()
        project = add.project("Search", jira)
        for key, title in SEARCHED.items():
            add.item(project, jira, created=TODAY, key=key, title=title)
        add.held(jira, "no person called Иванов", b"{}", at_noon(TODAY))
    page = ada.text(f"/projects/{project}/items?" + urlencode({"q": text, "sort": "key"}))
    assert re.findall(r"<bdi>(U-\d)</bdi>", page) == found
    held = ada.text("/quarantine?" + urlencode({"q": text}))
    assert ("no person called" in held) is (text.lower() == "иванов")


def test_hostile_words_stay_words(ada: Visitor, alpha: int) -> None:
    page = ada.text(f"/projects/{alpha}/items?fact=overdue")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&#34;&#39; onmouseover=alert(1)" in page
    assert f"<bdi>{BIDI}</bdi>" in page  # set apart, so that it turns round nothing beside it
    assert 'href="javascript:' not in page
    assert 'href="javascript:' not in ada.text(f"/projects/{alpha}")


def test_links_into_the_tracker_give_nothing_away(ada: Visitor, alpha: int) -> None:
    page = ada.text(f"/projects/{alpha}/items?fact=overdue")
    link = re.search(r'<a href="https://jira\.invalid/browse/IT-\d+"[^>]*>', page)
    assert link is not None
    assert 'rel="noopener noreferrer"' in link[0]
    assert 'href="https://jira.invalid/browse/P3"' in ada.text(f"/projects/{alpha}")


def test_the_file_of_items_runs_nothing(ada: Visitor, alpha: int) -> None:
    answer = ada.get(f"/projects/{alpha}/items.csv?fact=overdue")
    head, *lines = list(csv.reader(StringIO(answer.text.removeprefix("\ufeff"))))
    assert head[:3] == ["Key", "Title", "Kind"]
    assert [line[1] for line in lines] == [SCRIPT, "'" + FORMULA, BIDI]
    assert lines[0][8] == "1.5"
    assert 'filename="items-' in answer.headers["Content-Disposition"]


def test_milestones_show_plan_due_and_slip_in_working_days(ada: Visitor, alpha: int) -> None:
    lines = words(section(ada.text(f"/projects/{alpha}"), "milestones"))
    assert "Agreed (opens in the tracker) Reached Tue 2026-02-10 Tue 2026-02-10 Tue 2026-02-10 0" in lines
    assert "Pilot (opens in the tracker) Overdue Tue 2026-02-10 Fri 2026-02-27 +14" in lines
    assert "Ahead Ahead Sat 2026-03-07 no first date" in lines


def test_people_lead_to_their_items(ada: Visitor, alpha: int) -> None:
    people = section(ada.text(f"/projects/{alpha}"), "people")
    assert "Mia Maker 2 not shown Ned Helper 1 not shown Nobody assigned 1 1" in words(people)
    assert f"/projects/{alpha}/items?fact=open_items&amp;assignee=1" in people
    assert f"/projects/{alpha}/items?fact=overdue&amp;assignee=1" not in people


def test_figures_of_persons_are_shown_once_they_are_switched_on(
    ada: Visitor, alpha: int, engine: Engine, clock: Clock
) -> None:
    said = PersonFigures(on=True, purpose="p", legal_basis="l", approver="a", approved_on=TODAY)
    with writing(engine) as connection:
        change_settings(connection, said, clock(), SYSTEM)
    people = section(ada.text(f"/projects/{alpha}"), "people")
    assert "Mia Maker 2 2 Ned Helper 1 0 Nobody assigned 1 1" in words(people)
    assert f"/projects/{alpha}/items?fact=overdue&amp;assignee=1" in people


def test_reports_stand_beside_the_colour_computed_for_their_day(
    ada: Visitor, alpha: int, engine: Engine, clock: Clock
) -> None:
    with writing(engine) as connection:
        roll_up(connection, as_of=TODAY - timedelta(days=4), now=clock())
    reports = words(section(ada.text(f"/projects/{alpha}"), "reports"))
    assert "Fri 2026-02-27 2 days ago Green Red All fine Ned Helper" in reports
    assert "Fri 2026-02-20 9 days ago Amber not computed Some doubt" in reports
    assert "Computed now: Red" in reports


def test_dependencies_name_the_other_project_and_its_dates(ada: Visitor, alpha: int) -> None:
    mine = words(section(ada.text(f"/projects/{alpha}"), "dependencies"))
    assert "This project waits for" in mine
    assert "Neighbour NE-1 (opens in the tracker) Their part To do Wed 2026-03-04 Thu 2026-02-26" in mine
    theirs = words(section(ada.text("/projects/2"), "dependencies"))
    assert "Others wait for this project" in theirs
    assert "Alpha AL-2" in theirs


def test_items_come_in_pages(ada: Visitor, rows: Open, alpha: int) -> None:
    with rows() as add:
        for _ in range(130):
            add.item(alpha, 1, created=TODAY - timedelta(days=2))
    path = f"/projects/{alpha}/items?fact=open_items&sort=key"
    first, second = ada.text(path), ada.text(path + "&page=2")
    assert "1\u2013100 of 134 items" in words(first)
    assert "101\u2013134 of 134 items" in words(second)
    assert "page=2" in first
    assert "Page 2 of 2" in ada.text(path + "&page=99")
    assert len(list(csv.reader(StringIO(ada.text(path.replace("items?", "items.csv?")))))) == 135


@pytest.mark.parametrize(
    "path",
    [
        "/projects/99",
        "/projects/99/items",
        "/projects/1/items?fact=nonsense",
        "/projects/x",
        "/projects/99999999999999999999",
        "/projects/9223372036854775808/items.csv",
        "/runs/99999999999999999999",
        "/quarantine/99999999999999999999",
        "/projects/999999999999999999",
    ],
)
def test_what_is_not_there(ada: Visitor, alpha: int, path: str) -> None:
    assert "There is no such page" in ada.text(path, status=404)


def test_a_project_without_anything(ada: Visitor, rows: Open) -> None:
    with rows() as add:
        project = add.project("Bare")
    page = ada.text(f"/projects/{project}")
    assert "Grey: too little is known to judge this project. The project itself reports no colour." in words(page)
    assert "No figures yet" in page
    assert "no tracker project feeds it any more" in page
