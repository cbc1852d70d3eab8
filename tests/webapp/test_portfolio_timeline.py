"""The timeline: what stands in its rows, what waits for what, and who sees what of it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from html import unescape

import pytest
from sqlalchemy import Engine, event, insert

from portfolio.access.grants import usual
from portfolio.access.roles import Grant, Role, Scope, ScopeType
from portfolio.access.viewer import Viewer
from portfolio.figures.keep import note_day
from portfolio.model.base import FAR
from portfolio.model.oversight import KpiValue
from portfolio.store.engine import reading, writing
from tests.conftest import Clock
from tests.webapp.builders import Rows
from tests.webapp.conftest import Signed, Visitor
from webapp.queries import dependencies

Open = Callable[[], AbstractContextManager[Rows]]
TODAY = date(2026, 3, 2)
PATH = "/portfolio/timeline"


def on(days: int) -> date:
    return TODAY + timedelta(days=days)


@pytest.fixture
def company(rows: Open, engine: Engine, clock: Clock) -> dict[str, int]:
    """Two projects of a program, one outside; Duo waits for One and cannot have it in time, Far waits for Duo."""
    with rows() as add:
        jira = add.connection()
        mia = add.person("Mia")
        program = add.program("Web", add.portfolio("Growth"))
        one = add.project("One <1>", jira, program_id=program, manager_id=mia, start=on(-60), due=on(60))
        two = add.project("Duo", jira, program_id=program)
        far = add.project("Far", jira, start=on(-30), due=on(90))
        add.project("Vague", jira, program_id=program)
        first = add.item(one, jira, created=on(-60), due=on(20), key="ON-1", estimate_s=3600)
        second = add.item(two, jira, created=on(-60), start=on(10), due=on(40), key="TW-1")
        last = add.item(far, jira, created=on(-30), due=on(70), key="FA-1")
        done = add.item(one, jira, created=on(-60), started=on(-50), finished_on=on(-40), due=on(-41), key="ON-2")
        add.link(jira, first, second)
        add.link(jira, second, last)
        add.link(jira, done, last)
        add.baseline(one, on(-30))
        add.milestone(one, jira, "Pilot & co", baseline=on(-20), due=on(-20), finished_on=on(-18))
        add.milestone(one, jira, "Gate", due=on(-2), baseline=on(-2))
        add.milestone(two, jira, "Go-live", due=on(50), baseline=on(30))
        add.milestone(two, jira, "Closed", due=on(90), baseline=on(90))
        add.milestone(two, jira, "Never", due=on(95), cancelled=True)
    with writing(engine) as store:
        row = {"scope_type": "project", "scope_id": one, "n": 9, "origin": "observed", "rag": "amber"}
        span = {"as_of": TODAY, "until": FAR, "computed_at": clock()}
        for kpi, day in (("FLW-09-P50", on(70)), ("FLW-09", on(84))):
            store.execute(insert(KpiValue).values(kpi=kpi, value=day.toordinal(), **row, **span))
        note_day(store, TODAY, clock())
    return {"program": program, "one": one, "two": two, "far": far, "mia": mia}


def rows_of(page: str) -> list[tuple[str, str]]:
    """The name and what is drawn of each row of the picture."""
    body = page.split('<table class="table tree timeline">')[1].split("<tbody>")[1].split("</tbody>")[0]
    parts = [row.split('<td class="plot">') for row in body.split("<tr")[1:]]
    return [
        (unescape(re.findall(r'class="name">(?:<a [^>]*>)?(?:<bdi>)?(.*?)<', head)[0]), drawn) for head, drawn in parts
    ]


def titles(drawn: str) -> list[str]:
    return [unescape(" ".join(each.split())) for each in re.findall(r"<title>(.*?)</title>", drawn, re.S)]


def words(page: str) -> str:
    return unescape(re.sub(r" (?=[.,;:)])", "", " ".join(re.sub(r"<[^>]+>", " ", page).split())))


def test_each_project_is_a_row_below_its_program(ada: Visitor, company: dict[str, int]) -> None:
    page = ada.text(PATH)
    found = rows_of(page)
    assert [name for name, _ in found] == ["Web", "Duo", "One <1>", "Not in a portfolio", "Far"]
    two, one = found[1][1], found[2][1]
    assert titles(one) == [
        f"One <1>: {on(-60)} to {on(60)}",
        f"All open work is done by {on(70)} with 50 %, by {on(84)} with 85 %",
        f"Finish in the baseline: {on(20)}",
        f"Pilot & co: Reached, {on(-18)}, first planned {on(-20)}",
        f"Gate: Overdue, {on(-2)}",
    ]
    assert titles(two) == [
        f"Duo: no dates of its own, milestones {on(50)} to {on(90)}",
        f"Go-live: Ahead, later than first planned, {on(50)}, first planned {on(30)}",
        f"Closed: Ahead, {on(90)}",
    ]
    assert "tl-bar-open" in two
    assert "tl-bar-open" not in one
    assert ("ms-reached" in one, "ms-overdue" in one, "ms-half" in two) == (True, True, True)
    assert f'href="/projects/{company["one"]}"' in one
    assert 'href="https://jira.invalid/versions/' in one
    text = words(page)
    assert "3 projects on one line of time: 1 milestone is overdue, 1 dependency between projects cannot be met" in text
    assert "No dates: 1" in text
    assert "Vague Web" in text
    assert "style=" not in page.split("<main")[1]


def test_where_the_bar_stands_follows_from_the_days(ada: Visitor, company: dict[str, int]) -> None:
    page = ada.text(f"{PATH}?zoom=quarter&from=2026-01-01&q=One")
    bar = re.search(r'<rect class="tl-bar" x="([\d.]+)%" width="([\d.]+)%"', rows_of(page)[1][1])
    assert bar is not None
    # 2026-01-01, day 0 of 90, up to 2026-03-31, the last one; then cut at the end.
    assert (float(bar[1]), float(bar[2])) == (0.0, 100.0)
    assert "2026-02" not in page.split("tl-tick")[1]
    later = ada.text(f"{PATH}?zoom=quarter&from=2026-04-01&q=One")
    cut = re.search(r'<rect class="tl-bar" x="([\d.]+)%" width="([\d.]+)%"', rows_of(later)[1][1])
    assert cut is not None
    assert (float(cut[1]), float(cut[2])) == (0.0, round(31 * 100 / 91, 3))  # up to 2026-05-01
    gone = rows_of(ada.text(f"{PATH}?zoom=quarter&from=2027-01-01&q=One"))[1][1]
    assert f"← up to {on(60)}" in gone
    assert "from=2026-07-01" in later
    assert "from=2026-01-01" in later


def test_what_waits_is_drawn_from_row_to_row_and_broken_where_the_figure_says_so(
    ada: Visitor, company: dict[str, int]
) -> None:
    page = ada.text(PATH)
    drawn = dict(rows_of(page))
    assert drawn["One <1>"].count("tl-tie-broken") == 2  # out of the row, and along its edge
    assert drawn["Duo"].count("tl-head-broken") == 1
    assert 'class="tl-tie"' in drawn["Duo"]
    assert drawn["Far"].count('class="tl-head"') == 1  # what is done binds nobody any more
    table = words(page.split('aria-label="Dependencies"')[1].split("</table>")[0])
    assert table.index("Broken ON-1") < table.index("Open TW-1") < table.index("Met ON-2")
    assert "1 broken" in words(page)


def test_of_projects_out_of_sight_nothing_is_told(signed: Signed, company: dict[str, int]) -> None:
    over = frozenset({Grant(Role.PROJECT_MANAGER, Scope(ScopeType.PROJECT, company["one"]))})
    page = signed("pm", over, None).text(PATH)
    assert [name for name, _ in rows_of(page)] == ["Web", "One <1>"]
    assert not {"Duo", "Far", "Vague"} & set(re.findall(r"\w+", words(page)))
    assert "an item of a project that is not yours to see" in page
    assert "tl-tie" not in rows_of(page)[1][1]
    resources = signed("res", usual(Role.RESOURCE_MANAGER), None).text(PATH)
    assert "Duo" in resources
    assert "All open work is done by" not in resources
    assert "Finish in the baseline: " not in resources
    legend = resources.split('class="legend')[1].split("</ul>")[0]
    assert "Overdue" in legend
    assert "likely" not in legend
    assert "baseline" not in legend
    nobody = words(signed("none", frozenset({Grant(Role.PROJECT_MANAGER, Scope(ScopeType.OWN))}), None).text(PATH))
    assert "No project is in your sight yet." in nobody


def test_when_what_is_out_of_sight_starts_is_not_read(company: dict[str, int], engine: Engine) -> None:
    over = Grant(Role.PROJECT_MANAGER, Scope(ScopeType.PROJECT, company["one"]))
    with reading(engine) as store:
        theirs, ours = (
            dependencies.links_of(store, [company["one"]], Viewer(1, None, frozenset(grants)), TODAY)
            for grants in ({over}, usual(Role.PMO_LEAD))
        )
    assert [(link.other, link.starts) for link in theirs] == [(None, None)] * 2
    assert on(10) in [link.starts for link in ours]


def test_filters_and_links_of_the_portfolio_lead_here(ada: Visitor, company: dict[str, int]) -> None:
    assert f'href="{PATH}"' in ada.text("/")
    assert f'href="{PATH}?program={company["program"]}"' in ada.text(f"/programs/{company['program']}")
    narrow = ada.text(f"{PATH}?program={company['program']}")
    assert "Far" not in [name for name, _ in rows_of(narrow)]
    assert [name for name, _ in rows_of(ada.text(f"{PATH}?manager={company['mia']}"))] == ["Web", "One <1>"]
    nothing = words(ada.text(f"{PATH}?q=nosuch"))
    assert "No project fits the filter." in nothing
    assert "Take a filter away" in nothing


def test_all_there_is_has_no_earlier_or_later_and_a_past_day_is_not_today(
    ada: Visitor, company: dict[str, int], engine: Engine, clock: Clock
) -> None:
    page = ada.text(f"{PATH}?zoom=all")
    assert f"Projects from {on(-60).replace(day=1)} up to 2026-06-01" in page
    assert 'rel="next"' not in page
    assert ">Today</text>" in page
    with writing(engine) as store:
        note_day(store, on(-7), clock())
    past = ada.text(f"{PATH}?as_of={on(-7)}")
    assert f">{on(-7)}</text>" in past
    assert ">Today</text>" not in past
    assert f"/projects/{company['one']}?as_of={on(-7)}" in past


def test_where_many_have_no_dates_some_are_listed_and_the_rest_counted(ada: Visitor, rows: Open) -> None:
    with rows() as add:
        jira = add.connection()
        for number in range(53):
            add.project(f"Vague {number}", jira)
    page = words(ada.text(PATH))
    assert "None of 53 projects has a start, a due date or a milestone yet." in page
    assert "No dates: 53" in page
    assert "And 3 more, which the file lists." in page


def test_the_file_has_a_line_for_each_project_and_milestone(ada: Visitor, company: dict[str, int]) -> None:
    head, *lines = csv.reader(io.StringIO(ada.get(f"{PATH}.csv").text.lstrip("\ufeff")))
    assert head[:5] == ["Level", "Program or portfolio", "Project", "Name", "State"]
    own = [line for line in lines if line[2] == "One <1>"]
    assert own[0] == [
        "Project", "Web", "One <1>", "One <1>", "Active",
        str(on(-60)), str(on(60)), str(on(20)), "", str(on(70)), str(on(84)), "",
    ]  # fmt: skip
    assert own[1][:9] == [
        "Milestone", "Web", "One <1>", "Pilot & co", "Reached", "", str(on(-20)), str(on(-20)), str(on(-18)),
    ]  # fmt: skip
    assert [line[3] for line in lines if line[0] == "Project"] == ["Duo", "One <1>", "Far", "Vague"]
    assert ada.get(f"{PATH}.xlsx").status_code == 200


def test_many_projects_come_in_pages_and_cost_no_more_statements(ada: Visitor, rows: Open, engine: Engine) -> None:
    statements: list[str] = []

    def count(path: str) -> int:
        statements.clear()
        ada.text(path)
        return len(statements)

    with rows() as add:
        jira = add.connection()
        for number in range(2):
            add.project(f"P {number:03}", jira, start=on(-9), due=on(number))
    event.listen(engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    ada.text(PATH)
    few = count(PATH)
    with rows() as add:
        for number in range(2, 120):
            project = add.project(f"P {number:03}", jira, start=on(-9), due=on(number))
            add.milestone(project, jira, "M", due=on(number))
    assert count(PATH) == few
    page = ada.text(f"{PATH}?page=3")
    assert [name for name, _ in rows_of(page)] == [f"P {number:03}" for number in range(100, 120)]
    assert "120 projects on one line of time; on this page no milestone is overdue" in words(page)


def test_too_many_dependencies_leave_out_those_that_are_over(
    ada: Visitor, company: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dependencies, "MOST_LINKS", 2)
    page = ada.text(f"{PATH}?program={company['program']}")
    assert "Broken ON-1" in " ".join(words(page).split())
    assert "ON-2" not in page


def test_before_anything_was_read_it_says_so(ada: Visitor) -> None:
    page = words(ada.text(PATH))
    assert "No project is in your sight yet." in page
    assert "Nothing to draw yet" in page
