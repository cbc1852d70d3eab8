"""Rules of what to follow on a Jira site: what they mean, that items leave and enter them, and what a refusal says."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from connector.boundary.call import Boundary
from connector.errors import RefusedError, ScopeError
from connector.jira.choosing import JiraChooser
from connector.jira.connection import JiraConnector
from connector.jira.query import LONGEST, of_projects, restriction
from connector.jira.reader import JiraReader
from connector.protocol import Stream, Verdict
from connector.records import QueryRecord
from connector.settings import ConnectionSettings, Follow, FollowType, Query, Secret, SignIn
from simulator.faults import Fault
from simulator.jira import edits
from simulator.jira.site import Site
from simulator.serve import Simulator
from tests.connector.jira.conftest import Clock, Open, Serve
from tests.connector.jira.plant import plant
from tests.loopback import LOOPBACK

FLAVOURS = pytest.mark.parametrize("flavour", ["cloud", "datacenter"])
DOOR = {"id": "100002", "name": "Door"}
DOORS = ["20000", "20003", "20006"]
MEANINGS = [
    ("project", "GLAZE", ["GLAZE"], None),
    ("category", "fired", ["GLAZE", "CLAY"], None),
    ("category", "7", ["GLAZE", "CLAY"], None),
    ("category", "Empty", [], None),
    ("board", "1", ["KILN"], None),
    ("board", "board 3", ["KILN"], None),
    ("component", "100002", ["KILN"], 3),
    ("component", "KILN/door", ["KILN"], 3),
    ("query", "component = Door OR labels = hot ORDER BY created DESC", ["KILN", "GLAZE"], 4),
    ("query", 'summary ~ "no such ) thing"', [], None),
]
NOTHING = [
    ("project", "KLIN", "does not exist"),
    ("category", "Glazed", "no category of this name.* Empty, Fired"),
    ("board", "77", "no such board"),
    ("board", "Board", "0 boards of this name"),
    ("component", "4711", "no such component"),
    ("component", "KILN/Window", "no such component"),
    ("component", "KLIN/Door", "no such component"),
    ("query", "component = Window", "The value 'Window' does not exist for the field 'component'"),
    ("query", "labels === hot", "Error in the JQL Query"),
    ("query", "labels = hot) OR (labels = cold", "brackets of the query do not match"),
    ("query", 'labels = "hot', "quotation mark"),
    ("query", " ORDER BY created", "restricts nothing"),
    ("query", "labels = " + "h" * LONGEST, "longer than"),
    ("team", "Deck", "knows no team"),
]
BY_COMPONENT = [("component", "KILN/Door")]
BY_QUERY = [("query", "component = Door order by key")]


@pytest.fixture
def choose(connect: Open) -> Iterator[Callable[[Simulator], JiraChooser]]:
    opened: list[JiraChooser] = []

    def open_one(simulator: Simulator) -> JiraChooser:
        [(name, address)] = simulator.addresses.items()
        sign_in = SignIn.CLOUD_TOKEN if name == "jira_cloud" else SignIn.PERSONAL_TOKEN
        settings = ConnectionSettings(tracker="jira", address=address, sign_in=sign_in, account="me@plant.invalid")
        opened.append(JiraChooser(settings, Secret("simulated-token"), Boundary(settings, outbound=LOOPBACK)))
        return opened[-1]

    yield open_one
    for chooser in opened:
        chooser.close()


def kilns(flavour: str) -> Site:
    """The plant with a category, a component on every third item of KILN, and a label on GLAZE-1."""
    site = plant(flavour, issues=9, histories=1)
    site.categories = [{"id": "7", "name": "Fired"}, {"id": "8", "name": "Empty"}]
    for ident in ("10001", "10002"):
        site.projects[ident]["projectCategory"] = site.categories[0]
    for ident in DOORS:
        site.issues[ident].fields["components"] = [DOOR]
    site.issues["30000"].fields["labels"] = ["hot"]
    return site


def items(connector: JiraConnector, slice: str) -> list[str]:
    pages = connector.pages(Stream.ITEMS, slice)
    return [raw.external_id for page in pages for raw in page.records if raw.stream is Stream.ITEMS]


@FLAVOURS
def test_a_rule_means_projects_and_perhaps_some_of_their_items(serve: Serve, choose, flavour: str) -> None:
    chooser = choose(serve(kilns(flavour)))
    for kind, name, projects, count in MEANINGS:
        meaning = chooser.resolve(Follow(FollowType(kind), name))
        assert ([each.key for each in meaning.projects], meaning.items) == (projects, count), (kind, name)
    assert chooser.resolve(Follow(FollowType.CATEGORY, "Fired")).projects[1].archived
    assert chooser.check_query("labels = hot") == 1


@FLAVOURS
def test_a_rule_that_means_nothing_says_why(serve: Serve, connect: Open, choose, flavour: str) -> None:
    simulator = serve(kilns(flavour))
    chooser = choose(simulator)
    for kind, name, why in NOTHING:
        follow = Follow(FollowType(kind), name)
        with pytest.raises(ScopeError, match=why.replace("(", r"\(")):
            chooser.resolve(follow)
        connector = connect(simulator, follow=(follow,))
        with pytest.raises(ScopeError, match=why.replace("(", r"\(")):
            connector.slices(Stream.ITEMS)
    assert any(why in gap.why for gap in connector.probe().gaps)


@FLAVOURS
def test_a_rule_that_means_nothing_is_a_gap_beside_others(serve: Serve, connect: Open, flavour: str) -> None:
    rules = (Follow(FollowType.COMPONENT, "KILN/Door"), Follow(FollowType.QUERY, "component = Window"))
    connector = connect(serve(kilns(flavour)), follow=rules)
    assert connector.slices(Stream.ITEMS) == ("10000",)
    assert items(connector, "10000") == DOORS
    read = []
    with pytest.raises(RefusedError, match="'Window' does not exist"):
        read.extend(connector.pages(Stream.PROJECTS))
    assert [(raw.external_id, page.position is None) for page in read for raw in page.records] == [("10000", False)]
    for stream in (Stream.BOARDS, Stream.SPRINTS, Stream.MILESTONES, Stream.COMPONENTS):
        with pytest.raises(RefusedError, match="'Window' does not exist"):
            connector.slices(stream)
    # They may be what the other rule would mean: nobody can tell.
    named = connector.named(["20000", "20001", "30000"])
    assert {each.external_id: each.verdict for each in named.absent} == dict.fromkeys(
        ("20001", "30000"), Verdict.UNKNOWN
    )


@FLAVOURS
def test_what_can_be_followed_is_listed(serve: Serve, choose, flavour: str) -> None:
    site = kilns(flavour)
    site.projects["10001"]["name"] = " Gla\x00ze "
    found = choose(serve(site)).choices()
    assert [(each.type, each.name, each.title, each.group) for each in found.choices if each.type != "board"] == [
        ("project", "GLAZE", "Glaze", "Fired"),
        ("project", "CLAY", "The Clay", "Fired"),
        ("project", "KILN", "The Kiln", ""),
        ("category", "8", "Empty", ""),
        ("category", "7", "Fired", ""),
        ("component", "100012", "Door", "Glaze"),
        ("component", "100002", "Door", "The Kiln"),
    ]
    assert [each.title for each in found.choices if each.type == "board"] == ["Board 1", "Board 2", "Board 3"]
    assert {each.lead for each in found.choices if each.type == "project"} == {"Wendeline Brick"}
    assert (found.gaps, found.cut) == ((), False)


@FLAVOURS
def test_a_list_that_is_out_of_reach_costs_no_other(serve: Serve, choose, flavour: str) -> None:
    simulator = serve(kilns(flavour))
    [faults] = simulator.faults.values()
    faults.add(Fault(path="/board", status=403), Fault(path="/projectCategory", status=403))
    found = choose(simulator).choices()
    assert [gap.what for gap in found.gaps] == ["Categories", "Boards"]
    assert {each.type for each in found.choices} == {"project", "component"}


@FLAVOURS
def test_a_new_project_of_the_category_is_followed_by_itself(serve: Serve, connect: Open, flavour: str) -> None:
    site = kilns(flavour)
    simulator = serve(site)
    follow = (Follow(FollowType.CATEGORY, "Fired"),)
    assert connect(simulator, follow=follow).slices(Stream.ITEMS) == ("10001",)
    site.projects["10000"]["projectCategory"] = site.categories[0]
    assert connect(simulator, follow=follow).slices(Stream.ITEMS) == ("10000", "10001")


@FLAVOURS
@pytest.mark.parametrize(
    "rules", [BY_COMPONENT, BY_QUERY, [*BY_COMPONENT, ("query", "component = Door AND id < 20005")]]
)
def test_every_way_of_reading_keeps_to_the_filter(
    serve: Serve, connect: Open, clock: Clock, flavour: str, rules: list[tuple[str, str]]
) -> None:
    site = kilns(flavour)
    simulator = serve(site)
    connector = connect(simulator, follow=[Follow(FollowType(kind), name) for kind, name in rules])
    assert connector.slices(Stream.ITEMS) == ("10000",)
    assert items(connector, "10000") == DOORS
    rolls = list(connector.census("10000"))
    assert [ident for roll in rolls for ident, _ in roll.entries] == DOORS
    assert rolls[-1].told == 3
    named = connector.named([*DOORS, "20001", "30000"])
    assert {raw.external_id for raw in named.records if raw.stream is Stream.ITEMS} == {*DOORS}
    assert {each.external_id: each.verdict for each in named.absent} == dict.fromkeys(("20001", "30000"), Verdict.MOVED)
    [mark] = {page.mark for page in connector.pages(Stream.ITEMS, "10000")}
    at = clock.pass_by(hours=1)
    for ident, name, value in (
        ("20001", "components", [DOOR]),
        ("20003", "components", []),
        ("20006", "labels", ["x"]),
    ):
        edits.edit(site, ident, {name: value}, at=at, by=site.me)
    [delta] = connector.deltas(Stream.ITEMS, {"10000": mark})
    changed = [raw.external_id for page in connector.changes(delta) for raw in page.records]
    assert sorted(set(changed)) == ["20001", "20006"]
    assert [each.verdict for each in connector.named(["20003"]).absent] == [Verdict.MOVED]


@FLAVOURS
def test_a_delta_holds_whole_projects_beside_those_followed_in_part(
    serve: Serve, connect: Open, clock: Clock, flavour: str
) -> None:
    site = kilns(flavour)
    connector = connect(serve(site), scope=("GLAZE",), follow=(Follow(FollowType.COMPONENT, "100002"),))
    marks = {part: next(connector.pages(Stream.ITEMS, part)).mark for part in connector.slices(Stream.ITEMS)}
    at = clock.pass_by(hours=1)
    for ident in ("20000", "20001", "30000"):
        edits.edit(site, ident, {"summary": "Hot"}, at=at, by=site.me)
    [delta] = connector.deltas(Stream.ITEMS, marks)
    changed = {raw.external_id for page in connector.changes(delta) for raw in page.records}
    assert changed == {"20000", "30000"}


@FLAVOURS
def test_a_query_refused_after_it_was_taken_is_a_gap_with_the_reason(serve: Serve, connect: Open, flavour: str) -> None:
    site = kilns(flavour)
    connector = connect(serve(site), follow=(Follow(FollowType.QUERY, "component = Door"),))
    assert connector.slices(Stream.ITEMS) == ("10000",)
    site.components = {"10000": [{"id": "1", "name": "Hatch"}]}
    with pytest.raises(RefusedError, match="'Door' does not exist"):
        list(connector.pages(Stream.ITEMS, "10000"))
    with pytest.raises(RefusedError, match="'Door' does not exist"):
        list(connector.census("10000"))
    assert [each.verdict for each in connector.named(["20000"]).absent] == [Verdict.UNKNOWN]


@FLAVOURS
def test_a_query_over_many_projects_finds_them_all(serve: Serve, connect: Open, flavour: str) -> None:
    site = kilns(flavour)
    for number in range(40):
        ident = str(11000 + number)
        site.projects[ident] = {"id": ident, "key": f"P{number}", "name": f"P {number}", "lead": site.users[site.me]}
        edits.create_issue(site, project_id=ident, kind_id="100", summary="New", at=Clock().now, by=site.me)
    site.page_cap = 3
    connector = connect(serve(site), follow=(Follow(FollowType.QUERY, "issuetype = Task"),))
    assert len(connector.slices(Stream.ITEMS)) == 42


@FLAVOURS
def test_a_query_tells_its_items_by_id_and_a_refused_one_costs_no_other(
    serve: Serve, connect: Open, flavour: str
) -> None:
    site = kilns(flavour)
    site.page_cap = 2
    asked = (Query("q1", "component = Door OR labels = hot ORDER BY created"), Query("q2", "labels = none"))
    connector = connect(serve(site), queries=(*asked, Query("q3", "fnord = 1"), Query("q4", "a = (1")))
    assert Stream.QUERIES in connector.streams()
    assert connector.slices(Stream.QUERIES) == ("q1", "q2", "q3", "q4")
    reader = JiraReader("https://kiln.invalid", (), ())
    read = [
        reader.read(raw) for each in asked for page in connector.pages(Stream.QUERIES, each.id) for raw in page.records
    ]
    assert read == [
        QueryRecord(external_id="q1", text=asked[0].text, item_ids=(*DOORS, "30000")),
        QueryRecord(external_id="q2", text="labels = none"),
    ]
    for slice, why in (("q3", "Field 'fnord' does not exist"), ("q4", "brackets of the query")):
        with pytest.raises(RefusedError, match=why):
            list(connector.pages(Stream.QUERIES, slice))
    assert Stream.QUERIES not in connect(serve(site)).streams()


def test_text_of_a_query() -> None:
    assert restriction("a = 1\n AND b = 2 Order  BY x") == "a = 1 AND b = 2"
    assert restriction('summary ~ "order by (" AND (a = 1)') == 'summary ~ "order by (" AND (a = 1)'
    assert of_projects(["1", "2"], {}) == "project in (1, 2)"
    assert of_projects(["1", "2"], {"2": "x = 1"}) == "(project in (1) OR (project = 2 AND (x = 1)))"
    assert of_projects(["2"], {"2": "x = 1"}) == "(project = 2 AND (x = 1))"
