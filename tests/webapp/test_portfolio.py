"""The portfolio page: its sentence, its tree, its state in the URL, its file."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from io import StringIO

import pytest
from flask import Flask
from sqlalchemy import Engine, delete, event, insert

from portfolio.access.grants import usual
from portfolio.access.roles import Role
from portfolio.audit.entry import SYSTEM
from portfolio.facts.catalogue import FACTS
from portfolio.figures.rollup import roll_up
from portfolio.kpis.catalogue import KPIS
from portfolio.model.base import FAR
from portfolio.model.oversight import KpiValue
from portfolio.store.engine import writing
from tests.conftest import Clock
from tests.webapp.builders import Rows, at_noon
from tests.webapp.conftest import Visitor, admit
from webapp.accounts.users import add_account
from webapp.compare import since
from webapp.queries.columns import COLUMNS, ON_PAGE

TODAY = date(2026, 3, 2)
Open = Callable[[], AbstractContextManager[Rows]]


def add_work(
    rows: Rows, project_id: int, connection_id: int, *, late: int = 0, done: int = 0, day: date = TODAY
) -> None:
    """`done` items finished in time and `late` ones open past their due date, all planned and estimated."""
    start = day - timedelta(days=60)
    for place in range(done + late):
        due = start + timedelta(days=10 + place)
        rows.item(
            project_id,
            connection_id,
            created=start,
            started=start,
            start=start,
            due=due,
            estimate_s=3600,
            finished_on=due if place < done else None,
        )


def compute(engine: Engine, clock: Clock, *days: date) -> None:
    with writing(engine) as connection:
        for day in days or (TODAY,):
            roll_up(connection, as_of=day, now=clock())


@pytest.fixture
def company(rows: Open, engine: Engine, clock: Clock) -> dict[str, int]:
    """Two portfolios; Alpha is red and says green, Beta is green, Gamma has no data, Delta is closed."""
    with rows() as add:
        jira = add.connection("Jira EU")
        asana = add.connection("Asana", "asana")
        add.run(jira, clock() - timedelta(minutes=5), seconds=120)
        mia, ned = add.person("Mia Manager"), add.person("Ned Other")
        growth, base = add.portfolio("Growth", mia), add.portfolio("Base")
        web = add.program("Web", growth, ned)
        ids = {
            "alpha": add.project(
                "Alpha", jira, program_id=web, manager_id=mia, reported_rag="green", reported_status="on_track"
            ),
            "beta": add.project("Beta", jira, program_id=web, manager_id=ned),
            "gamma": add.project("Gamma", asana, portfolio_id=base, status="on_hold"),
            "delta": add.project("Delta", jira, portfolio_id=base, status="closed"),
            "growth": growth,
            "base": base,
            "web": web,
            "mia": mia,
        }
        add_work(add, ids["alpha"], jira, late=8, done=2)
        add_work(add, ids["beta"], jira, done=10)
        for name in ("alpha", "beta"):
            add.baseline(ids[name], TODAY - timedelta(days=60))
        add.milestone(ids["beta"], jira, "Go-live", baseline=TODAY, due=TODAY, finished_on=TODAY)
    compute(engine, clock, TODAY - timedelta(days=20), TODAY)
    return ids


def names(page: str) -> list[str]:
    """Projects and groups in the order of the rows."""
    body = page.split("<tbody>", 1)[1].split("</tbody>", 1)[0]
    return re.findall(r"<th scope=\"row\".*?<bdi>(.*?)</bdi>", body, re.S)


def words(page: str) -> str:
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    return re.sub(r" (?=[.,;:)])", "", text)


def test_the_sentence_comes_first_and_from_the_data(ada: Visitor, company: dict[str, int]) -> None:
    said = words(ada.text("/").split("<h1>Portfolio</h1>")[1].split("</p>")[0])
    assert (
        said == "1 of 3 projects is red and needs a decision; 1 of them says green. 1 is amber, 1 cannot be judged yet."
    )


def test_the_week_that_turned_a_project_red_is_told(
    ada: Visitor, rows: Open, engine: Engine, clock: Clock, company: dict[str, int]
) -> None:
    compute(engine, clock, TODAY - timedelta(days=8))
    with rows() as add:
        late = add.project("Late", add.connection("Other"))
        start = TODAY - timedelta(days=14)
        done = TODAY - timedelta(days=9)
        add.item(late, 1, created=start, started=start, start=start, due=done, estimate_s=60, finished_on=done)
        for _ in range(4):
            add.item(
                late, 1, created=start, start=TODAY - timedelta(days=6), due=TODAY - timedelta(days=3), estimate_s=60
            )
        add.baseline(late, start)
        add.milestone(
            late,
            1,
            "Point",
            baseline=TODAY - timedelta(days=30),
            due=TODAY - timedelta(days=30),
            finished_on=TODAY - timedelta(days=30),
        )
    compute(engine, clock, TODAY - timedelta(days=8), TODAY)
    page = ada.text("/")
    assert "1 turned red this week" in words(page)
    assert re.search(r"Late</bdi>.*?(green|amber) a week ago", page, re.S)


def test_the_tree_shows_programs_within_portfolios(ada: Visitor, company: dict[str, int]) -> None:
    page = ada.text("/?sort=name")
    assert names(page) == ["Base", "Gamma", "Growth", "Web", "Alpha", "Beta"]
    assert page.count('data-kind="portfolio"') == 2
    assert f'data-parent="f{company["growth"]}" data-kind="program"' in page
    assert 'class="name level-3"' in page
    assert names(ada.text("/?view=list&sort=name")) == ["Alpha", "Beta", "Gamma"]


def test_computed_stands_beside_reported_with_word_and_shape(ada: Visitor, company: dict[str, int]) -> None:
    page = ada.text("/")
    alpha = page.split("Alpha</bdi>")[1].split("</tr>")[0]
    computed, reported = re.findall(r'<td><span class="rag rag-(\w+)"><svg.*?</svg>(\w+)', alpha, re.S)
    assert computed == ("red", "Red")
    assert reported == ("green", "Green")
    assert "says better" in alpha
    assert '<circle cx="6" cy="6" r="5.2" fill="currentColor"/>' in alpha


def test_what_cannot_be_judged_is_grey_and_says_why(ada: Visitor, company: dict[str, int]) -> None:
    gamma = ada.text("/").split("Gamma</bdi>")[1].split("</tr>")[0]
    assert "Grey" in gamma
    assert "no data" in gamma
    assert "no report" in gamma
    assert ">0<" not in gamma


def test_groups_and_the_last_row_show_the_stored_roll_up(ada: Visitor, company: dict[str, int]) -> None:
    page = ada.text("/")
    web = words(page.split('data-kind="program"')[1].split("</tr>")[0])
    assert "Web Program, 2 projects 1 red 1 amber" in web
    assert " 60 " in web  # 12 of 20 items done: sum over sum
    total = words(page.split("<tfoot>")[1].split("</tfoot>")[0])
    assert total.startswith("All open projects 1 red 1 amber 1 grey 60")


SHOWN = {
    "sort=name&view=list": ["Alpha", "Beta", "Gamma"],
    "sort=-name&view=list": ["Gamma", "Beta", "Alpha"],
    "sort=completion&view=list": ["Alpha", "Beta", "Gamma"],
    "sort=-completion&view=list": ["Beta", "Alpha", "Gamma"],
    "sort=-overdue&view=list": ["Alpha", "Beta", "Gamma"],
    "sort=rag&view=list": ["Alpha", "Beta", "Gamma"],
    "sort=-manager&view=list": ["Beta", "Alpha", "Gamma"],
    "sort=nonsense&view=list": ["Alpha", "Beta", "Gamma"],
    "rag=red": ["Growth", "Web", "Alpha"],
    "rag=purple&view=list": ["Alpha", "Beta", "Gamma"],
    "reported=green&view=list": ["Alpha"],
    "reported=none&view=list": ["Beta", "Gamma"],
    "status=closed&view=list": ["Delta"],
    "status=all&view=list&sort=name": ["Alpha", "Beta", "Delta", "Gamma"],
    "q=aLPh&view=list": ["Alpha"],
    "q=mia&view=list": ["Alpha"],
    "portfolio={base}&view=list": ["Gamma"],
    "program={web}&view=list&sort=name": ["Alpha", "Beta"],
    "manager={mia}&view=list": ["Alpha"],
}


def test_order_and_filters_stand_in_the_url(ada: Visitor, company: dict[str, int]) -> None:
    assert {query: names(ada.text("/?" + query.format(**company))) for query in SHOWN} == SHOWN


def test_links_keep_the_state(ada: Visitor, company: dict[str, int]) -> None:
    page = ada.text("/?rag=red&q=a&sort=completion")
    assert 'aria-sort="ascending"' in page
    assert "?rag=red&amp;q=a&amp;sort=-completion" in page
    assert "/portfolio.csv?rag=red&amp;q=a&amp;sort=completion" in page
    assert '<option value="red" selected>' in page
    assert 'name="q" value="a"' in page


def test_nothing_fits(ada: Visitor, company: dict[str, int]) -> None:
    page = ada.text("/?q=zebra")
    assert "No project fits the filter." in page
    assert "Show all current projects" in page


def test_freshness_is_stamped_per_connection(ada: Visitor, company: dict[str, int]) -> None:
    page = ada.text("/")
    assert "Figures as of Mon 2026-03-02, computed 09:00 UTC" in words(page.split('class="stamp"')[1].split("</p>")[0])
    fresh = words(page.split('class="fresh"')[1].split("</ul>")[0])
    assert "Jira EU 3 min ago" in fresh
    assert "Asana never synced" in fresh


def test_who_may_not_connect_a_tracker_is_told_who_does(app: Flask, engine: Engine, clock: Clock) -> None:
    lead = app.test_client()
    with writing(engine) as store:
        user_id = add_account(store, "lead", usual(Role.PMO_LEAD), clock(), SYSTEM)
    admit(lead, user_id, clock())
    page = Visitor(lead).text("/")
    assert "Whoever administers Sightline connects one" in page
    assert "sightline connection add" not in page


def test_empty_house(ada: Visitor, rows: Open) -> None:
    page = ada.text("/")
    assert "No tracker is connected yet" in page
    assert "sightline connection add" in page
    with rows() as add:
        add.connection("Jira EU")
    assert "No project yet" in ada.text("/")


def read_csv(text: str) -> list[list[str]]:
    assert text.startswith("\ufeff")
    return list(csv.reader(StringIO(text[1:])))


def test_the_file_holds_what_is_shown(ada: Visitor, company: dict[str, int]) -> None:
    answer = ada.get("/portfolio.csv?rag=red")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="portfolio.csv"'
    head, *lines = read_csv(answer.text)
    assert head[:9] == ["Level", "Portfolio", "Program", "Code", "Project", "Manager", "Status", "Computed", "Reported"]
    assert [line[:5] for line in lines] == [
        ["Portfolio", "Growth", "", "", "Growth"],
        ["Program", "Growth", "Web", "", "Web"],
        ["Project", "Growth", "Web", "P4", "Alpha"],
    ]
    alpha = dict(zip(head, lines[2], strict=True))
    assert alpha["Done"] == "0.2"
    assert alpha["Overdue"] == "8.0"
    assert alpha["Computed"] == "Red"
    assert alpha["Reported"] == "On track"


def test_every_named_kpi_is_in_the_catalogue() -> None:
    assert set(COLUMNS.values()) <= set(KPIS)
    assert {fact for kpi in KPIS.values() for fact in kpi.behind} <= set(FACTS)
    assert set(ON_PAGE) <= set(KPIS)


def test_statements_do_not_grow_with_projects(
    ada: Visitor, rows: Open, engine: Engine, clock: Clock, company: dict[str, int]
) -> None:
    def statements(path: str) -> int:
        seen: list[str] = []

        def note(_c: object, _cur: object, statement: str, *_: object) -> None:
            seen.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        try:
            assert ada.get(path).status_code == 200
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return len(seen)

    paths = (
        "/",
        "/portfolio.csv",
        f"/projects/{company['alpha']}",
        f"/projects/{company['alpha']}/items",
        "/runs",
        "/connections",
        "/quarantine",
        "/absences",
    )
    ada.get("/password")  # the line on every page is looked up every few seconds
    before = [statements(path) for path in paths]
    with rows() as add:
        jira = add.connection("Jira US")
        person = add.person("Pia Person")
        for number in range(12):
            program = add.program(f"Program {number}", add.portfolio(f"Portfolio {number}"))
            project = add.project(f"Project {number}", jira, program_id=program, manager_id=person)
            add_work(add, project, jira, late=2, done=2)
            add_work(add, company["alpha"], jira, late=1)
            add.report(company["alpha"], jira, "green", at_noon(TODAY - timedelta(days=number)))
            add.milestone(company["alpha"], jira, f"Milestone {number}")
            run = add.run(jira, clock())
            add.stream(run, "items", created=1)
            add.held(jira, "unreadable", b"{}", clock())
            add.absence(jira, f"a{number}", clock())
    compute(engine, clock)
    assert [statements(path) for path in paths] == before
    assert max(before) < 20


def test_every_figure_of_a_project_is_a_door_to_its_kpi(ada: Visitor, company: dict[str, int]) -> None:
    doors = re.findall(rf'class="door" href="/projects/{company["alpha"]}/kpis/([\w-]+)"', ada.text("/"))
    assert doors[:3] == ["PRG-01", "SCH-09", "SCH-04"]
    project = ada.text(f"/projects/{company['alpha']}")
    assert [door for door in doors if f'<tr id="{door}">' not in project] == []


def test_a_column_of_numbers_starts_with_the_largest(ada: Visitor, company: dict[str, int]) -> None:
    page = ada.text("/")
    assert 'href="?sort=-overdue"' in page
    assert 'href="?sort=name"' in page
    assert 'href="?sort=overdue"' in ada.text("/?sort=-overdue")


def test_what_could_not_be_judged_then_has_not_turned(
    ada: Visitor, engine: Engine, clock: Clock, company: dict[str, int]
) -> None:
    where = (KpiValue.scope_type == "project", KpiValue.scope_id == company["alpha"], KpiValue.kpi == "RAG")
    row = {"scope_type": "project", "scope_id": company["alpha"], "kpi": "RAG", "n": 5, "origin": "observed"}
    with writing(engine) as connection:
        connection.execute(delete(KpiValue).where(*where))
        for first, until, colour in ((TODAY - timedelta(days=10), TODAY, "grey"), (TODAY, FAR, "red")):
            connection.execute(
                insert(KpiValue).values(**row, as_of=first, until=until, rag=colour, computed_at=clock())
            )
    page = words(ada.text("/"))
    assert "1 of 3 projects is red" in page
    assert "turned red" not in page.lower()


def test_what_turned_a_project_red_is_told_and_compared(
    ada: Visitor, rows: Open, engine: Engine, clock: Clock, company: dict[str, int]
) -> None:
    with writing(engine) as connection:
        for kpi, then, now, rag in (
            ("RAG", None, None, "red"),
            ("SCH-09", 0.1, 0.4, "red"),
            ("SCH-07", 1.0, 0.0, "green"),
        ):
            where = (KpiValue.scope_type == "project", KpiValue.scope_id == company["alpha"], KpiValue.kpi == kpi)
            connection.execute(delete(KpiValue).where(*where))
            row = {"scope_type": "project", "scope_id": company["alpha"], "kpi": kpi, "n": 5, "origin": "observed"}
            for first, until, value, colour in (
                (TODAY - timedelta(days=10), TODAY, then, "amber"),
                (TODAY, FAR, now, rag),
            ):
                connection.execute(
                    insert(KpiValue).values(
                        **row, as_of=first, until=until, value=value, rag=colour, numerator=value, computed_at=clock()
                    )
                )
    page = words(ada.text("/"))
    assert "1 turned red this week." in page
    assert re.search(r"Turned red: Alpha because .*overdue items rose from 10 % to 40 %", page)
    compared = words(ada.text("/?compare=week&view=list"))
    assert "worse, was 0" in compared
    assert "There are no figures of that day to compare with" in words(ada.text("/?compare=2020-01-01"))
    head, *lines = read_csv(ada.get("/portfolio.csv?compare=week&view=list").text)
    alpha = dict(zip(head, next(line for line in lines if line[4] == "Alpha"), strict=True))
    assert (alpha["Overdue"], alpha["Overdue on 2026-02-23"]) == ("0.4", "0.1")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("week", date(2026, 2, 21)),
        ("month", date(2026, 1, 28)),
        ("quarter", date(2025, 11, 28)),
        ("2026-02-01", date(2026, 2, 1)),
        ("2026-03-01", None),
        ("sometime", None),
    ],
)
def test_the_day_to_compare_with(asked: str, found: date | None) -> None:
    assert since(date(2026, 2, 28), asked) == found
    assert since(date(2026, 3, 31), "month") == date(2026, 2, 28)


def test_a_past_day_shows_its_own_figures(ada: Visitor, company: dict[str, int]) -> None:
    page = words(ada.text(f"/?as_of={TODAY - timedelta(days=10)}"))
    assert "Figures as of the end of Fri 2026-02-20" in page
    assert f"/projects/{company['alpha']}?as_of=2026-02-20" in ada.text("/?as_of=2026-02-20&view=list")
    assert "Figures as of the end of" not in words(ada.text("/?as_of=2030-01-01"))
