"""Rules of what to follow in Asana: what they mean, what there is to choose, and the fields of projects."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connector.asana.choosing import AsanaChooser
from connector.boundary.call import Boundary
from connector.errors import ScopeError
from connector.protocol import Stream
from connector.registry import open_reader
from connector.settings import ConnectionSettings, Follow, FollowType, Secret, SignIn
from simulator.asana.workspace import Workspace
from simulator.faults import Fault, Faults
from simulator.serve import Simulator
from tests.connector.asana.conftest import Opener
from tests.connector.asana.organisation import HARBOUR, HIDDEN, LANTERN, PRIORITY, option, ref
from tests.loopback import LOOPBACK

MEANINGS = [
    ("project", LANTERN, [LANTERN]),
    ("team", "20", [HARBOUR, LANTERN]),
    ("team", "deck", [HARBOUR, LANTERN]),
    ("portfolio", "700", [HARBOUR, LANTERN]),
    ("portfolio", "Portfolio 700", [HARBOUR, LANTERN]),
    ("workspace", "Quayside", [HARBOUR, LANTERN]),
    ("workspace", "100", [HARBOUR, LANTERN]),
]
NOTHING = [
    ("project", HIDDEN, "may not see"),
    ("team", "Bridge", "none of this name"),
    ("team", "404404", "does not exist"),
    ("portfolio", "404404", "does not exist"),
    ("workspace", "404404", "does not exist"),
    ("query", "labels = hot", "knows no query"),
]


@pytest.fixture
def chooser(simulator: Simulator) -> Iterator[AsanaChooser]:
    settings = ConnectionSettings(
        tracker="asana", address=simulator.addresses["asana"], sign_in=SignIn.PERSONAL_TOKEN, page_size=1
    )
    opened = AsanaChooser(settings, Secret("simulated-token"), Boundary(settings, outbound=LOOPBACK))
    yield opened
    opened.close()


@pytest.mark.parametrize(("kind", "name", "projects"), MEANINGS)
def test_a_rule_means_projects(
    chooser: AsanaChooser, connect: Opener, kind: str, name: str, projects: list[str]
) -> None:
    follow = Follow(FollowType(kind), name)
    assert [each.name for each in chooser.resolve(follow).projects] == projects
    connector = connect(follow=(follow,))
    assert connector.slices(Stream.ITEMS) == tuple(projects)
    found = [raw.external_id for page in connector.pages(Stream.PROJECTS, "100") for raw in page.records]
    assert found == projects


@pytest.mark.parametrize(("kind", "name", "why"), NOTHING)
def test_a_rule_that_means_nothing_says_why(
    chooser: AsanaChooser, connect: Opener, kind: str, name: str, why: str
) -> None:
    follow = Follow(FollowType(kind), name)
    with pytest.raises(ScopeError, match=why):
        chooser.resolve(follow)
    with pytest.raises(ScopeError, match=why):
        connect(scope=(HARBOUR,), follow=(follow,)).slices(Stream.ITEMS)
    with pytest.raises(ScopeError, match="no queries"):
        chooser.check_query(name)


def test_two_of_one_name_are_not_guessed_at(chooser: AsanaChooser, quayside: Workspace) -> None:
    quayside.teams["21"] = {**ref("21", "team", "DECK "), "organization": ref("100", "workspace")}
    with pytest.raises(ScopeError, match="2 of this name"):
        chooser.resolve(Follow(FollowType.TEAM, "Deck"))


def test_a_new_project_of_the_team_is_followed_by_itself(connect: Opener, quayside: Workspace) -> None:
    follow = (Follow(FollowType.TEAM, "Deck"),)
    quayside.projects[LANTERN]["team"] = None
    assert connect(follow=follow).slices(Stream.ITEMS) == (HARBOUR,)
    quayside.projects[LANTERN]["team"] = ref("20", "team", "Deck")
    assert connect(follow=follow).slices(Stream.ITEMS) == (HARBOUR, LANTERN)


def test_what_can_be_followed_is_listed(chooser: AsanaChooser) -> None:
    found = chooser.choices()
    assert [(each.type, each.name, each.title, each.group, each.archived) for each in found.choices] == [
        ("project", HARBOUR, "Harbour", "Deck", False),
        ("project", LANTERN, "Lantern", "Deck", True),
        ("team", "20", "Deck", "Quayside", False),
        ("portfolio", "700", "portfolio 700", "Quayside", False),
        ("workspace", "100", "Quayside", "", False),
    ]
    assert {each.lead for each in found.choices if each.type == "project"} == {"Ada Okafor"}
    assert (found.gaps, found.cut) == ((), False)


def test_a_plan_without_portfolios_costs_no_other_choice(chooser: AsanaChooser, faults: Faults) -> None:
    faults.add(Fault(path="/portfolios", status=402))
    found = chooser.choices()
    assert [gap.what for gap in found.gaps] == ["Portfolios of Quayside"]
    assert {each.type for each in found.choices} == {"project", "team", "workspace"}


def test_a_project_tells_its_own_fields(connect: Opener, quayside: Workspace) -> None:
    field = {"gid": PRIORITY, "resource_type": "custom_field", "name": "Priority", "type": "enum"}
    people = {"gid": "503", "resource_type": "custom_field", "name": "Sponsor", "type": "people"}
    budget = {"gid": "504", "resource_type": "custom_field", "name": "Budget", "type": "number"}
    quayside.projects[HARBOUR]["custom_fields"] = [
        {**field, "enum_value": option("520", "High "), "display_value": "High "},
        {**people, "people_value": [ref("2", "user", "Bo Lindqvist")], "display_value": "Bo Lindqvist"},
        {**budget, "number_value": 1200.5, "display_value": "1200.5"},
    ]
    connector = connect()
    reader = open_reader("asana", "https://app.asana.com", (), ())
    read = [reader.read(raw) for page in connector.pages(Stream.PROJECTS, "100") for raw in page.records]
    assert [record.fields for record in read] == [{PRIORITY: "High", "503": ["2"], "504": 1200.5}, {}]
