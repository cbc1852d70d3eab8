"""What a project is: sources feed projects as the rules say, and as before once the rules are taken back."""

from __future__ import annotations

from sqlalchemy import Engine, select

from connector.protocol import Stream
from connector.records import (
    ComponentRecord,
    FieldRecord,
    Membership,
    PortfolioRecord,
    SectionRecord,
    StatusUpdateRecord,
    WorklogRecord,
)
from portfolio.model.structure import Portfolio, Program, Project, ProjectRef, StatusUpdate
from portfolio.model.work import ItemVersion, Worklog
from portfolio.store.engine import reading
from sync.mapping.document import ConnectionRules, Grouping, Mapping
from sync.profiles import latest
from tests.sync.builders import NOW, Tracker, at, item, person, project, put_in_force, rows
from tests.sync.rules import counted, fed, rule, source


def enforce(tracker: Tracker, *rules: object, **given: object) -> None:
    put_in_force(tracker.engine, Mapping(projects=rules, **given))  # type: ignore[arg-type]
    tracker.sync()


def test_one_project_is_split_by_component_and_label_and_comes_together_again(tracker: Tracker) -> None:
    tracker.put(
        Stream.ITEMS,
        item("1", component_names=("Web",)),
        item("2", labels=("PMO-X",)),
        item("3", component_names=("web",), labels=("pmo-x",)),
        item("4"),
    ).sync()
    before = counted(tracker.engine)
    enforce(tracker, rule("SHOP", source("component", "WEB", "PRJ1")), rule("X", source("label", "pmo-x"), name="Ex"))
    assert counted(tracker.engine) == {"1": ("SHOP",), "2": ("X",), "3": ("SHOP", "X"), "4": ("PRJ1",)}
    assert rows(tracker.engine, Project, "code", "name", "fed") == [
        ("PRJ1", "Project P1", True), ("SHOP", "WEB", True), ("X", "Ex", True),
    ]  # fmt: skip
    refs = rows(tracker.engine, ProjectRef, "external_id", "source", "within", "is_primary")
    assert refs == [
        ("P1", "project", None, True), ("component:P1:web", "component", "P1", True),
        ("label::pmo-x", "label", None, True),
    ]  # fmt: skip
    enforce(tracker)
    assert counted(tracker.engine) == before
    assert fed(tracker.engine) == {"PRJ1": True, "SHOP": False, "X": False}
    assert rows(tracker.engine, ProjectRef, "external_id") == [("P1",)]


def test_the_past_goes_along(tracker: Tracker) -> None:
    tracker.put(Stream.ITEMS, item("1", labels=("x",))).sync()
    enforce(tracker, rule("X", source("label", "x")))
    with reading(tracker.engine) as store:
        past = store.scalars(select(Project.code).join(ItemVersion, ItemVersion.project_id == Project.id)).all()
    assert past == ["X"]


def test_everything_below_an_initiative_counts_to_its_project_whenever_it_comes_to_hang_there(tracker: Tracker) -> None:
    tracker.put(
        Stream.ITEMS,
        item("10", level=2, title="Renewal", due=at("2026-09-01").date(), assignee_id="ann", people=(person("ann"),)),
        item("11", level=1, parent_id="10"),
        item("12", parent_key="ONE-11"),
        item("13", parent_id="12", subtask=True),
        item("14"),
        item("15", parent_id="16"),
        item("16", parent_id="15"),
    ).sync()
    enforce(tracker, rule("INIT", source("epic", "one-10")))
    found = counted(tracker.engine)
    assert {ident for ident, codes in found.items() if codes == ("INIT",)} == {"10", "11", "12", "13"}
    [told] = [row for row in rows(tracker.engine, Project, "code", "name", "due") if row[0] == "INIT"]
    assert told == ("INIT", "Renewal", at("2026-09-01").date())
    # Out of it, into it, and round in a circle.
    tracker.connector.replace(Stream.ITEMS, item("12"), item("14", parent_id="13"), item("10", parent_id="11", level=2))
    tracker.sync()
    found = counted(tracker.engine)
    assert {ident for ident, codes in found.items() if codes == ("INIT",)} == {"10", "11"}
    tracker.connector.replace(Stream.ITEMS, item("13", parent_id="10", subtask=True))
    tracker.sync()
    found = counted(tracker.engine)
    assert {ident for ident, codes in found.items() if codes == ("INIT",)} == {"10", "11", "13", "14"}


def test_a_section_is_a_project_and_its_items_are_in_the_other_projects_they_are_in(tracker: Tracker) -> None:
    inside, named = Membership("P1", "s1", "Build"), Membership("P1", "s2", "Run")
    tracker.put(Stream.PROJECTS, project("P2"))
    tracker.put(Stream.SECTIONS, SectionRecord(external_id="s1", name="Build", project_id="P1"))
    tracker.put(
        Stream.ITEMS,
        item("1", memberships=(inside, Membership("P2"))),
        item("2", memberships=(named,)),
        item("3", memberships=(Membership("P1", "s3", "Plan"),)),
        item("4", memberships=(), parent_id="1"),
    ).sync()
    enforce(tracker, rule("B", source("section", "s1", "P1")), rule("R", source("section", "run", "Project P1")))
    assert counted(tracker.engine) == {"1": ("B", "PRJ2"), "2": ("R",), "3": ("PRJ1",), "4": ("B",)}
    assert ("B", "Build") in rows(tracker.engine, Project, "code", "name")


def test_two_trackers_feed_one_project_and_the_first_tells_its_name(engine: Engine, trackers: object) -> None:
    one, two = trackers("one"), trackers("two")  # type: ignore[operator]
    one.put(Stream.PROJECTS, project(name="Jira's")).put(Stream.ITEMS, item("1")).sync()
    two.put(Stream.PROJECTS, project("P9", name="Asana's")).put(
        Stream.ITEMS, item("9", memberships=(Membership("P9"),))
    )
    two.sync()
    rules = (rule("BOTH", source("project", "PRJ1"), source("project", "P9", connection="two")),)
    put_in_force(engine, Mapping(projects=rules))
    two.sync()
    one.sync()
    assert counted(engine) == {"1": ("BOTH",), "9": ("BOTH",)}
    assert fed(engine) == {"PRJ1": False, "PRJ9": False, "BOTH": True}
    assert ("BOTH", "Jira's") in rows(engine, Project, "code", "name")
    two.connector.replace(Stream.PROJECTS, project("P9", name="Asana's new one"))
    two.sync()
    assert ("BOTH", "Jira's") in rows(engine, Project, "code", "name")


def test_a_rule_without_a_code_keeps_its_items_out_of_every_project(tracker: Tracker) -> None:
    said = StatusUpdateRecord(external_id="u", project_id="P1", status="on_track", title="t", created=NOW)
    tracker.put(Stream.ITEMS, item("1"), item("2", labels=("x",))).put(Stream.STATUS_UPDATES, said).sync()
    enforce(tracker, rule("", source("project", "PRJ1")), rule("X", source("label", "x")))
    assert counted(tracker.engine) == {"1": (None,), "2": ("X",)}
    assert fed(tracker.engine) == {"PRJ1": False, "X": True}
    assert rows(tracker.engine, StatusUpdate) == []
    # Nothing is in quarantine for it, and nothing is read again and again.
    assert tracker.sync().streams["items"].unchanged == 2
    enforce(tracker)
    assert counted(tracker.engine) == {"1": ("PRJ1",), "2": ("PRJ1",)}
    assert len(rows(tracker.engine, StatusUpdate)) == 1


def test_a_portfolio_is_one_project_with_all_that_is_in_it(tracker: Tracker) -> None:
    tracker.put(Stream.PROJECTS, project("P2"), project("P3"))
    inner = PortfolioRecord(external_id="g2", name="Inner", project_ids=("P2",), portfolio_ids=("g1",))
    outer = PortfolioRecord(external_id="g1", name="Outer", project_ids=("P1",), portfolio_ids=("g2",))
    tracker.put(Stream.PORTFOLIOS, outer, inner)
    tracker.put(Stream.ITEMS, *(item(f"{n}", memberships=(Membership(f"P{n}"),)) for n in (1, 2, 3))).sync()
    enforce(tracker, rule("ALL", source("portfolio", "outer")))
    assert counted(tracker.engine) == {"1": ("ALL",), "2": ("ALL",), "3": ("PRJ3",)}
    assert ("ALL", "Outer") in rows(tracker.engine, Project, "code", "name")


def test_a_code_that_a_project_bears_means_that_project(tracker: Tracker) -> None:
    tracker.put(Stream.PROJECTS, project("P2"))
    tracker.put(Stream.ITEMS, item("1"), item("2", memberships=(Membership("P2"),), labels=("x",))).sync()
    enforce(tracker, rule("prj1", source("label", "x")))
    assert counted(tracker.engine) == {"1": ("PRJ1",), "2": ("PRJ1",)}
    assert rows(tracker.engine, Project, "code", "name") == [("PRJ1", "x"), ("PRJ2", "Project P2")]
    enforce(tracker)
    assert rows(tracker.engine, Project, "code", "name") == [("PRJ1", "Project P1"), ("PRJ2", "Project P2")]


def test_a_place_by_hand_wins_and_the_trackers_comes_back(tracker: Tracker) -> None:
    tracker.connector.replace(Stream.PROJECTS, project(grouping="Digital / Renewal", fields={"f": "Field"}))
    tracker.put(Stream.FIELDS, FieldRecord(external_id="f", name="Area of work", type="string"))
    tracker.put(Stream.ITEMS, item("1"))
    tracker.sync()

    def place() -> tuple[str | None, str | None]:
        with reading(tracker.engine) as store:
            query = select(Portfolio.name, Program.name).select_from(Project)
            query = query.outerjoin(Portfolio, Portfolio.id == Project.portfolio_id)
            query = query.outerjoin(Program, Program.id == Project.program_id).where(Project.code == "PRJ1")
            name, program = store.execute(query).one()
            return name, program

    assert place() == ("Digital", "Renewal")
    enforce(tracker, rule("PRJ1", source("project", "P1"), portfolio="By hand"))
    assert place() == ("By hand", None)
    enforce(tracker)
    assert place() == ("Digital", "Renewal")
    enforce(tracker, connections={"one": ConnectionRules(grouping=Grouping(by="none"))})
    assert place() == (None, None)
    enforce(tracker, connections={"one": ConnectionRules(grouping=Grouping(by="field", field="f"))})
    assert place() == (None, "Field")
    enforce(tracker, connections={"one": ConnectionRules(grouping=Grouping(by="none"))})
    enforce(tracker, connections={"one": ConnectionRules(grouping=Grouping(by="field", field="area of WORK"))})
    assert place() == (None, "Field")
    enforce(tracker, connections={"one": ConnectionRules(grouping=Grouping(by="field", field="Region"))})
    assert place() == (None, None)
    with reading(tracker.engine) as store:
        version = latest(store, tracker.id)
    assert version is not None
    assert version.profile.unclear == ("there is no field “Region” to carry the place of projects",)


def test_time_spent_goes_with_the_item_that_is_taken_out(tracker: Tracker) -> None:
    log = WorklogRecord(external_id="w", item_id="1", project_id="P1", work_date=NOW.date(), seconds=60)
    tracker.put(Stream.ITEMS, item("1", labels=("x",))).put(Stream.WORKLOGS, log).sync()

    def code() -> str | None:
        with reading(tracker.engine) as store:
            return store.scalar(select(Project.code).join(Worklog, Worklog.project_id == Project.id))

    assert code() == "PRJ1"
    enforce(tracker, rule("X", source("label", "x")))
    assert code() == "X"
    tracker.connector.replace(Stream.WORKLOGS, WorklogRecord(**{**_fields(log), "seconds": 120}))
    tracker.sync()
    assert code() == "X"
    enforce(tracker)
    assert code() == "PRJ1"


def _fields(log: WorklogRecord) -> dict[str, object]:
    return {name: getattr(log, name) for name in log.__struct_fields__}


def test_the_lead_of_a_component_manages_its_project(tracker: Tracker) -> None:
    web = ComponentRecord(external_id="c1", name="Web", project_id="P1", lead_id="ann")
    tracker.put(Stream.PEOPLE, person("ann")).put(Stream.COMPONENTS, web)
    tracker.put(Stream.ITEMS, item("1", component_names=("Web",))).sync()
    enforce(tracker, rule("W", source("component", "c1", "P1")))
    assert [row[1] is not None for row in rows(tracker.engine, Project, "code", "manager_id") if row[0] == "W"] == [
        True
    ]
