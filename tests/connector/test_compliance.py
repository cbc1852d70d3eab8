"""What any connector keeps to, tried on each tracker of the simulated company. A new tracker is one more `Tried`."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest

from connector.asana.connection import AsanaConnector
from connector.boundary.call import Boundary
from connector.errors import AbortError, BadAddressError, ConnectorError, ScopeError, SignInError
from connector.jira.connection import JiraConnector
from connector.protocol import Connector, Page, RawRecord, Reader, Stream
from connector.records import (
    AllocationRecord,
    BoardRecord,
    ChangesRecord,
    ComponentRecord,
    FieldRecord,
    GoalRecord,
    ItemRecord,
    KindRecord,
    LinkTypeRecord,
    MilestoneRecord,
    PersonRecord,
    PortfolioRecord,
    ProjectRecord,
    Record,
    SectionRecord,
    SprintRecord,
    StatusRecord,
    StatusUpdateRecord,
    TeamRecord,
    TimeOffRecord,
    WorklogRecord,
)
from connector.registry import open_connector, open_reader
from connector.settings import ConnectionSettings, Secret, SignIn
from simulator.company.build import Company, build_company
from simulator.faults import Fault, Faults
from simulator.serve import Simulator
from tests.loopback import LOOPBACK

TOKEN = "simulated-token"
TODAY = date(2026, 3, 2)
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

KINDS: dict[Stream, type[Any]] = {
    Stream.PEOPLE: PersonRecord,
    Stream.TEAMS: TeamRecord,
    Stream.FIELDS: FieldRecord,
    Stream.STATUSES: StatusRecord,
    Stream.KINDS: KindRecord,
    Stream.LINK_TYPES: LinkTypeRecord,
    Stream.PROJECTS: ProjectRecord,
    Stream.SECTIONS: SectionRecord,
    Stream.BOARDS: BoardRecord,
    Stream.SPRINTS: SprintRecord,
    Stream.MILESTONES: MilestoneRecord,
    Stream.COMPONENTS: ComponentRecord,
    Stream.PORTFOLIOS: PortfolioRecord,
    Stream.GOALS: GoalRecord,
    Stream.STATUS_UPDATES: StatusUpdateRecord,
    Stream.ALLOCATIONS: AllocationRecord,
    Stream.TIME_OFF: TimeOffRecord,
    Stream.ITEMS: ItemRecord,
    Stream.CHANGES: ChangesRecord,
    Stream.WORKLOGS: WorklogRecord,
}


@dataclass(frozen=True)
class Tried:
    """A tracker to try: its name in the simulator, how it is opened, how many items it really holds."""

    name: str
    tracker: str
    sign_in: SignIn
    open: Callable[[ConnectionSettings, Secret, Boundary], Connector]
    items: Callable[[Company], set[str]]


TRACKERS = [
    Tried("jira_cloud", "jira", SignIn.CLOUD_TOKEN, JiraConnector, lambda company: set(company.cloud.issues)),
    Tried(
        "jira_datacenter", "jira", SignIn.PERSONAL_TOKEN, JiraConnector, lambda company: set(company.datacenter.issues)
    ),
    Tried("asana", "asana", SignIn.PERSONAL_TOKEN, AsanaConnector, lambda company: set(company.workspace.tasks)),
]


@pytest.fixture(scope="module")
def company() -> Company:
    return build_company(today=TODAY, scale=0.05)


@pytest.fixture(scope="module")
def simulator(company: Company) -> Iterator[Simulator]:
    sites = {"jira_cloud": company.cloud, "jira_datacenter": company.datacenter, "asana": company.workspace}
    with Simulator(**sites, clock=lambda: NOON) as running:
        yield running


@pytest.fixture(params=TRACKERS, ids=lambda tried: tried.name, scope="module")
def tried(request: pytest.FixtureRequest) -> Tried:
    return request.param


@pytest.fixture
def faults(simulator: Simulator, tried: Tried) -> Iterator[Faults]:
    yield simulator.faults[tried.name]
    simulator.faults[tried.name].clear()


Connect = Callable[..., Connector]


@pytest.fixture
def connect(simulator: Simulator, tried: Tried) -> Iterator[Connect]:
    """Opens connections that never sleep."""
    opened: list[Connector] = []

    def one(token: str = TOKEN, **changed: Any) -> Connector:
        given: dict[str, Any] = {"tracker": tried.tracker, "address": simulator.addresses[tried.name]}
        given |= {"sign_in": tried.sign_in, "account": "me@company.invalid", "page_size": 20}
        settings = ConnectionSettings(**(given | changed))
        connector = tried.open(settings, Secret(token), Boundary(settings, outbound=LOOPBACK, sleep=lambda _: None))
        opened.append(connector)
        return connector

    yield one
    for connector in opened:
        connector.close()


def pages(connector: Connector, stream: Stream) -> list[Page]:
    return [page for slice in connector.slices(stream) for page in connector.pages(stream, slice)]


def reader(connector: Connector, tried: Tried, simulator: Simulator) -> Reader:
    """A reader with the tracker's own field catalogue, wanting every custom field."""
    plain = open_reader(tried.tracker, simulator.addresses[tried.name], (), ())
    fields = [plain.read(raw) for page in pages(connector, Stream.FIELDS) for raw in page.records]
    known = [field for field in fields if isinstance(field, FieldRecord)]
    wanted = [field.external_id for field in known if field.custom]
    return open_reader(tried.tracker, simulator.addresses[tried.name], known, wanted)


def content(page: Page) -> set[tuple[Stream, str, str]]:
    return {(raw.stream, raw.external_id, json.dumps(json.loads(raw.payload), sort_keys=True)) for raw in page.records}


def test_the_probe_says_who_and_what_answers(connect: Connect, tried: Tried, simulator: Simulator) -> None:
    probe = connect().probe()
    assert (probe.tracker, probe.address) == (tried.tracker, simulator.addresses[tried.name])
    assert probe.account_id
    assert probe.account_name
    assert probe.flavour
    assert probe.projects > 0
    assert all(gap.what and gap.why and gap.remedy for gap in probe.gaps)


def test_streams_stand_in_landing_order_and_histories_travel_with_items(connect: Connect) -> None:
    streams = connect().streams()
    assert list(streams) == sorted(streams, key=list(Stream).index)
    assert len(set(streams)) == len(streams)
    assert Stream.ITEMS in streams
    assert Stream.CHANGES not in streams


def test_every_stream_pages_to_its_end_and_every_record_is_read(
    connect: Connect, tried: Tried, simulator: Simulator, company: Company
) -> None:
    connector = connect()
    reading = reader(connector, tried, simulator)
    for stream in connector.streams():
        for slice in connector.slices(stream):
            read = list(connector.pages(stream, slice))
            assert read, f"{stream} {slice} has no page"
            assert [page.position is None for page in read] == [False] * (len(read) - 1) + [True]
            assert {(page.stream, page.slice) for page in read} == {(stream, slice)}
            ids = Counter((raw.stream, raw.external_id) for page in read for raw in page.records)
            assert set(ids.values()) <= {1}, f"{stream} {slice} repeats {ids.most_common(1)}"
            for page in read:
                for raw in page.records:
                    record = reading.read(raw)
                    assert isinstance(record, KINDS[raw.stream])
                    ident = record.item_id if isinstance(record, ChangesRecord) else record.external_id
                    assert ident == raw.external_id != ""


def test_no_item_is_lost_and_each_has_its_whole_history_beside_it(
    connect: Connect, tried: Tried, simulator: Simulator, company: Company
) -> None:
    connector = connect()
    reading = reader(connector, tried, simulator)
    found: dict[str, ItemRecord] = {}
    for page in pages(connector, Stream.ITEMS):
        records: list[tuple[RawRecord, Record]] = [(raw, reading.read(raw)) for raw in page.records]
        completed = {raw.external_id for raw, _ in records if raw.stream is Stream.CHANGES}
        for _, record in records:
            if isinstance(record, ItemRecord):
                found[record.external_id] = record
                assert record.changes is not None or record.external_id in completed
                assert record.memberships or record.parent_id
    assert set(found) == tried.items(company)


def test_reading_from_each_position_gives_the_rest(connect: Connect) -> None:
    connector = connect()
    tried_streams = 0
    for stream in connector.streams():
        whole = next(
            (found for slice in connector.slices(stream) if len(found := list(connector.pages(stream, slice))) > 1),
            None,
        )
        if whole is not None:
            tried_streams += 1
            rest = list(connector.pages(stream, whole[0].slice, whole[0].position))
            # More than the rest is allowed: what was landed already is landed again and changes nothing.
            assert set().union(*map(content, rest)) >= set().union(*map(content, whole[1:]))
    assert tried_streams > 0


@pytest.mark.parametrize(
    "fault",
    [
        Fault(answer="drop", count=1, skip=1),
        Fault(answer="truncated", count=1, skip=1),
        Fault(answer="html", count=1, skip=1),
        Fault(answer="empty", count=1, skip=1),
        Fault(status=503, count=2, skip=1),
        Fault(status=429, retry_after="1.5", count=2, skip=1),
        Fault(status=429, retry_after="Mon, 02 Mar 2026 12:00:30 GMT", count=1, skip=1),
    ],
    ids=["drop", "truncated", "html", "empty", "503", "429", "429 until"],
)
def test_a_passing_trouble_changes_nothing(connect: Connect, faults: Faults, fault: Fault) -> None:
    slice = connect().slices(Stream.ITEMS)[0]
    calm = [content(page) for page in connect().pages(Stream.ITEMS, slice)]
    connector = connect()
    connector.slices(Stream.ITEMS)
    faults.add(fault)
    assert [content(page) for page in connector.pages(Stream.ITEMS, slice)] == calm
    assert faults.active == []


def test_a_slice_that_breaks_never_looks_complete(connect: Connect, faults: Faults) -> None:
    connector = connect()
    slice = connector.slices(Stream.ITEMS)[0]
    faults.add(Fault(status=500, skip=1))
    read: list[Page] = []
    with pytest.raises(ConnectorError):
        read.extend(connector.pages(Stream.ITEMS, slice))
    assert all(page.position is not None for page in read)


def test_an_unknown_project_in_the_scope_is_named(connect: Connect) -> None:
    connector = connect(scope=("4242424242",))
    with pytest.raises(ScopeError, match="4242424242"):
        connector.slices(Stream.ITEMS)


def test_a_scope_of_one_project_has_one_slice_of_items(connect: Connect) -> None:
    ident = connect().slices(Stream.ITEMS)[0]
    assert connect(scope=(ident,)).slices(Stream.ITEMS) == (ident,)


def test_a_wrong_token_is_refused_at_once_and_shown_nowhere(
    connect: Connect, faults: Faults, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    wrong = "a-token-nobody-may-see"
    faults.forget()
    with caplog.at_level(logging.DEBUG):
        connector = connect(wrong)
        with pytest.raises(SignInError) as raised:
            connector.probe()
    assert sum(seen.status == 401 for seen in faults.log) == 1
    output = capfd.readouterr()
    assert (
        wrong
        not in f"{connector!r} {connector} {raised.value!r} {raised.value} {caplog.text} {output.out} {output.err}"
    )
    assert raised.value.remedy


def test_the_right_token_is_shown_nowhere_either(
    connect: Connect, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        connector = connect()
        connector.probe()
        held = pages(connector, Stream.PROJECTS)
    output = capfd.readouterr()
    assert TOKEN not in f"{connector!r} {vars(connector)!r} {held!r} {caplog.text} {output.out} {output.err}"


def test_an_address_where_nobody_answers_is_a_wrong_address(connect: Connect) -> None:
    with pytest.raises(BadAddressError) as raised:
        connect(address="http://127.0.0.1:1").probe()
    assert raised.value.remedy


def test_closing_twice_is_closing_once(connect: Connect) -> None:
    connector = connect()
    connector.probe()
    connector.close()
    connector.close()
    with pytest.raises(AbortError, match="closed"):
        connector.probe()


def test_the_registry_opens_it_by_name(simulator: Simulator, tried: Tried) -> None:
    address = simulator.addresses[tried.name]
    settings = ConnectionSettings(tracker=tried.tracker, address=address, sign_in=tried.sign_in, account="me@x.invalid")
    connector = open_connector(settings, Secret(TOKEN), outbound=LOOPBACK)
    assert connector.probe().projects > 0
    connector.close()
