"""What the connector makes of refusals, faults and odd settings, over real HTTP."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from connector.asana.configuring import host
from connector.asana.reader import AsanaReader
from connector.errors import (
    BadAddressError,
    BadAnswerError,
    FeatureAbsentError,
    ForbiddenError,
    ScopeError,
    SignInError,
)
from connector.protocol import Stream
from connector.registry import open_connector
from connector.settings import ConnectionSettings, Secret, SignIn
from simulator.asana.workspace import Workspace
from simulator.faults import Fault, Faults
from simulator.serve import Simulator
from tests.connector.asana.conftest import Opener
from tests.connector.asana.organisation import HARBOUR, HIDDEN, LANTERN
from tests.loopback import LOOPBACK


def test_a_wrong_token_is_refused_once_and_not_shown(connect: Opener, faults: Faults, waits: list[float]) -> None:
    with pytest.raises(SignInError) as caught:
        connect(token="not-the-token").probe()
    assert "not-the-token" not in repr(caught.value) + str(caught.value)
    assert len(faults.log) == 1
    assert waits == []


@pytest.mark.parametrize("token", ["", "  ", "two words", "line\nbreak", "ünïcode"])
def test_a_token_that_cannot_be_one_is_refused_before_any_request(connect: Opener, faults: Faults, token: str) -> None:
    with pytest.raises(SignInError):
        connect(token=token)
    assert faults.log == []


def test_a_pasted_token_loses_its_line_break(connect: Opener) -> None:
    assert connect(token="simulated-token\n").probe().account_name == "Ada Okafor"


def test_a_sign_in_asana_does_not_have_is_refused(connect: Opener) -> None:
    with pytest.raises(SignInError, match="personal access token"):
        connect(sign_in=SignIn.CLOUD_TOKEN)


@pytest.mark.parametrize("gid", ["404404", HIDDEN, "not a gid"])
def test_an_unknown_project_in_the_scope_is_named(connect: Opener, gid: str) -> None:
    connector = connect(scope=(HARBOUR, gid))
    with pytest.raises(ScopeError, match=gid):
        connector.probe()
    with pytest.raises(ScopeError, match=gid):
        connector.slices(Stream.ITEMS)


def test_a_project_that_turns_forbidden_costs_its_slice_only(connect: Opener, faults: Faults) -> None:
    faults.add(Fault(path=f"/tasks\\?.*project={HARBOUR}", status=403))
    connector = connect()
    with pytest.raises(ForbiddenError):
        list(connector.pages(Stream.ITEMS, HARBOUR))
    assert list(connector.pages(Stream.ITEMS, LANTERN))


def test_a_task_whose_history_is_forbidden_comes_without_it_and_costs_no_other(connect: Opener, faults: Faults) -> None:
    before = [record for page in connect().pages(Stream.ITEMS, HARBOUR) for record in page.records]
    faults.add(Fault(path="/tasks/1000/stories", status=403))
    faults.add(Fault(path="/tasks/1001/subtasks", status=403))
    found = [record for page in connect().pages(Stream.ITEMS, HARBOUR) for record in page.records]
    lost = [record for record in before if record not in found]
    assert [(record.stream, record.external_id) for record in lost] == [
        (Stream.ITEMS, "1002"),
        (Stream.CHANGES, "1000"),
        (Stream.CHANGES, "1002"),
    ]


@pytest.mark.parametrize(
    ("stream", "path"),
    [
        (Stream.TEAMS, "/users\\?.*team=20"),
        (Stream.GOALS, "/goal_relationships"),
        (Stream.PORTFOLIOS, "/portfolios/700/items"),
    ],
)
def test_a_grouping_whose_list_is_forbidden_comes_without_it(
    connect: Opener, faults: Faults, stream: Stream, path: str
) -> None:
    faults.add(Fault(path=path, status=403))
    [page] = connect().pages(stream, "100")
    assert page.records
    for record in page.records:
        AsanaReader("https://app.asana.com", (), ()).read(record)


def test_absences_of_somebody_hidden_cost_nobody_elses(connect: Opener, faults: Faults) -> None:
    faults.add(Fault(path="/ooo_entries\\?.*user=1", status=403))
    [page] = connect().pages(Stream.TIME_OFF, "100")
    assert [record.external_id for record in page.records] == ["920"]


@pytest.mark.parametrize(
    ("stream", "feature"),
    [
        (Stream.PORTFOLIOS, "portfolios"),
        (Stream.GOALS, "goals"),
        (Stream.WORKLOGS, "time_tracking"),
        (Stream.ALLOCATIONS, "allocations"),
        (Stream.FIELDS, "custom_fields"),
    ],
)
def test_a_plan_without_the_feature(connect: Opener, quayside: Workspace, stream: Stream, feature: str) -> None:
    quayside.features.discard(feature)
    connector = connect()
    with pytest.raises(FeatureAbsentError):
        list(connector.pages(stream, "100"))
    gaps = [gap.what.lower() for gap in connector.probe().gaps if "plan" in gap.why]
    assert gaps == [f"{feature.replace('_', ' ')} of quayside"]


def test_probe_says_who_we_are_and_what_is_missing(connect: Opener) -> None:
    found = connect().probe()
    assert (found.tracker, found.flavour, found.account_id, found.account_name) == ("asana", "asana", "1", "Ada Okafor")
    assert (found.projects, found.time_zone) == (2, "UTC")
    assert [gap.what for gap in found.gaps] == ["Portfolios of other owners in Quayside", "Projects in work only"]


def test_probe_tells_of_guests(connect: Opener, faults: Faults) -> None:
    body = '{"data":[{"gid":"5","is_guest":true,"workspace":{"gid":"100","name":"Quayside"}}]}'
    faults.add(Fault(path="workspace_memberships", status=200, body=body))
    assert "Most of Quayside" in [gap.what for gap in connect().probe().gaps]


def test_throttling_is_waited_out(connect: Opener, faults: Faults, waits: list[float]) -> None:
    faults.add(Fault(path="/users", status=429, retry_after=7, count=2))
    [page] = connect().pages(Stream.PEOPLE, "100")
    assert len(page.records) == 3
    assert sum(waits) >= 14


@pytest.mark.parametrize("answer", ["drop", "truncated", "empty", "html"])
def test_a_broken_answer_is_asked_for_again(connect: Opener, faults: Faults, answer: str) -> None:
    connector = connect()
    connector.probe()
    faults.add(Fault(path="/tasks", answer=answer, count=2))
    [page] = connector.pages(Stream.ITEMS, HARBOUR)
    assert sum(record.stream is Stream.ITEMS for record in page.records) == 4


def test_a_list_that_repeats_its_offset_never_looks_complete(connect: Opener, faults: Faults) -> None:
    body = '{"data":[{"gid":"1","name":"Ada"}],"next_page":{"offset":"again"}}'
    faults.add(Fault(path="/users", status=200, body=body))
    pages = connect().pages(Stream.PEOPLE, "100")
    with pytest.raises(BadAnswerError, match="repeats"):
        list(pages)


def test_a_null_list_is_no_empty_list(connect: Opener, faults: Faults) -> None:
    faults.add(Fault(path="/users", status=200, body='{"data":null}'))
    with pytest.raises(BadAnswerError):
        list(connect().pages(Stream.PEOPLE, "100"))


def test_reading_goes_on_from_a_position(connect: Opener) -> None:
    first, second, third = connect(page_size=1).pages(Stream.PEOPLE, "100")
    again = list(connect(page_size=1).pages(Stream.PEOPLE, "100", first.position))
    assert [page.records for page in again] == [second.records, third.records]


def test_an_expired_position_starts_the_slice_again(connect: Opener, quayside: Workspace) -> None:
    connector = connect(page_size=2)
    first, _ = connector.pages(Stream.PEOPLE, "100")
    quayside.paging_epoch += 1
    again = list(connector.pages(Stream.PEOPLE, "100", first.position))
    assert [record.external_id for page in again for record in page.records] == ["1", "2", "3"]


def test_a_whole_list_read_again_after_its_offset_expired_has_each_record_once(
    connect: Opener, quayside: Workspace, faults: Faults
) -> None:
    faults.add(Fault(path="/users\\?.*team=20.*offset=", status=400, count=1))
    [page] = connect(page_size=1).pages(Stream.TEAMS, "100")
    assert [entry["gid"] for entry in msgspec.json.decode(page.records[0].payload)["members"]] == ["1", "2"]


def test_an_address_without_a_path_is_the_site_s() -> None:
    assert host("https://app.asana.com/") == "https://app.asana.com/api/1.0"
    assert host("http://proxy.example/asana/api/1.0/") == "http://proxy.example/asana/api/1.0"


def test_tls_to_a_server_without_it_is_a_wrong_address(connect: Opener, simulator: Simulator) -> None:
    address = simulator.addresses["asana"].replace("http://", "https://")
    with pytest.raises(BadAddressError, match="TLS"):
        connect(address=address).probe()


@pytest.mark.parametrize(
    "address", ["", "nonsense", "ftp://asana.example", "https://", "https://[", "http://host:port"]
)
def test_an_address_that_is_none_is_refused_before_any_request(connect: Opener, faults: Faults, address: str) -> None:
    with pytest.raises(BadAddressError):
        connect(address=address)
    with pytest.raises(BadAddressError, match="proxy"):
        connect(proxy=address or "nonsense")
    assert faults.log == []


def test_requests_go_through_the_proxy(connect: Opener, simulator: Simulator, faults: Faults) -> None:
    proxy = simulator.addresses["asana"].removesuffix("/api/1.0")
    with pytest.raises(BadAddressError, match="not Asana"):
        connect(proxy=proxy, address="http://127.0.0.9/api/1.0").probe()
    assert [seen.path for seen in faults.log] == ["http://127.0.0.9/api/1.0/users/me"]


def test_another_api_at_the_address(connect: Opener, simulator: Simulator) -> None:
    with pytest.raises(BadAddressError, match="not Asana"):
        connect(address=f"{simulator.addresses['asana']}/elsewhere").probe()


def test_a_redirect_to_a_sign_in_page_is_not_followed(connect: Opener, faults: Faults) -> None:
    faults.add(Fault(answer="login"))
    with pytest.raises(BadAddressError, match="web page"):
        connect().probe()
    assert {seen.path for seen in faults.log} == {"/api/1.0/users/me"}


def test_nobody_there(connect: Opener) -> None:
    with pytest.raises(BadAddressError):
        connect(address="http://127.0.0.1:9/api/1.0").probe()


def test_the_registry_opens_it(simulator: Simulator) -> None:
    settings = ConnectionSettings(tracker="asana", address=simulator.addresses["asana"], sign_in=SignIn.OAUTH)
    connector = open_connector(settings, Secret("simulated-token"), outbound=LOOPBACK)
    assert connector.probe().account_id == "1"
    connector.close()
    connector.close()


def test_loggers_are_left_as_they_were() -> None:
    program = """
import logging
logging.getLogger("urllib3").setLevel(logging.DEBUG)
from connector.asana.connection import AsanaConnector
from connector.settings import ConnectionSettings, Secret, SignIn
AsanaConnector(
    ConnectionSettings(tracker="asana", address="https://app.asana.com", sign_in=SignIn.PERSONAL_TOKEN), Secret("t")
).close()
for logger in (logging.getLogger("asana"), logging.getLogger("urllib3")):
    print([handler for handler in logger.handlers if type(handler) is not logging.NullHandler], logger.level)
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["[]", "0", "[]", "10"]
    assert ran.stderr == ""


def test_a_missing_ca_bundle_is_named(connect: Opener, tmp_path: Path) -> None:
    bundle = tmp_path / "ours.pem"
    with pytest.raises(BadAddressError, match=f"CA bundle {bundle} of this connection"):
        connect(ca_bundle=str(bundle)).probe()
