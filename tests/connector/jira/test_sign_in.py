"""Every way to sign in, and what a wrong address or token says."""

from __future__ import annotations

import base64
import logging
from pathlib import Path

import pytest
import requests
import responses

from connector.errors import BadAddressError, BadAnswerError, SignInError
from connector.protocol import Stream
from connector.registry import open_connector
from connector.settings import ConnectionSettings, Secret, SignIn
from tests.connector.jira.conftest import API, CLOUD, CORPORATE, DC_API, Open, Serve
from tests.connector.jira.plant import plant

SECRET = "a-token-nobody-may-see"
GATEWAY = "https://gateway.invalid"


def basic(account: str) -> str:
    return "Basic " + base64.b64encode(f"{account}:{SECRET}".encode()).decode()


def authorisation(web: responses.RequestsMock, path: str) -> str:
    sent = [call.request for call in web.calls if call.request.url is not None and path in call.request.url]
    return str(sent[0].headers["Authorization"])


def test_cloud_token_signs_with_account_and_token(web: responses.RequestsMock, connect: Open) -> None:
    web.get(API + "field", json=[])
    list(connect(CLOUD, SECRET).pages(Stream.FIELDS))
    assert authorisation(web, "/field") == basic("me@plant.invalid")


def test_personal_token_is_a_bearer_below_the_context_path(web: responses.RequestsMock, connect: Open) -> None:
    web.get(DC_API + "field", json=[])
    list(connect(CORPORATE + "/", SECRET).pages(Stream.FIELDS))
    assert authorisation(web, "/jira/rest/api/2/field") == f"Bearer {SECRET}"


@pytest.mark.parametrize(
    ("sign_in", "account", "header"),
    [
        (SignIn.OAUTH, "", f"Bearer {SECRET}"),
        (SignIn.GATEWAY_TOKEN, "", f"Bearer {SECRET}"),
        (SignIn.GATEWAY_TOKEN, "me@plant.invalid", basic("me@plant.invalid")),
    ],
)
def test_gateway_sign_ins_ask_the_gateway_for_the_site(
    web: responses.RequestsMock, connect: Open, sign_in: SignIn, account: str, header: str
) -> None:
    through = f"{GATEWAY}/ex/jira/cloud-7/rest/api/3/"
    web.get(through + "serverInfo", json={"version": "1001.0.0", "deploymentType": "Cloud"})
    web.get(through + "field", json=[])
    settings = {"sign_in": sign_in, "account": account, "cloud_id": "cloud-7", "gateway": GATEWAY}
    list(connect(CLOUD, SECRET, **settings).pages(Stream.FIELDS))
    assert authorisation(web, "/ex/jira/cloud-7/rest/api/3/field") == header


@pytest.mark.parametrize(
    ("settings", "remedy"),
    [
        ({"sign_in": SignIn.OAUTH}, "cloud id"),
        ({"sign_in": SignIn.CLOUD_TOKEN, "account": ""}, "account"),
    ],
)
def test_what_the_settings_lack_is_said_before_anything_is_sent(
    web: responses.RequestsMock, connect: Open, settings: dict[str, str], remedy: str
) -> None:
    with pytest.raises(SignInError, match=remedy):
        connect(CLOUD, **settings).probe()
    assert len(web.calls) == 0


def test_the_proxy_of_the_connection_beats_the_environment(
    web: responses.RequestsMock, connect: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://environment.invalid:1")
    web.get(API + "field", json=[])
    seen: list[object] = []
    sending = requests.Session.send

    def watch(self: requests.Session, request: requests.PreparedRequest, **options: object) -> requests.Response:
        seen.append(options["proxies"])
        return sending(self, request, **options)

    monkeypatch.setattr(requests.Session, "send", watch)
    list(connect(CLOUD, proxy="http://proxy.plant.invalid:3128").pages(Stream.FIELDS))
    assert all(dict(proxies)["https"] == "http://proxy.plant.invalid:3128" for proxies in seen)  # type: ignore[call-overload]


def test_a_private_ca_bundle_is_used_and_missed(web: responses.RequestsMock, connect: Open, tmp_path: Path) -> None:
    bundle = tmp_path / "ours.pem"
    with pytest.raises(BadAddressError, match=f"CA bundle {bundle} of this connection"):
        connect(CLOUD, ca_bundle=str(bundle)).probe()
    bundle.touch()
    web.get(API + "field", json=[])
    connector = connect(CLOUD, ca_bundle=str(bundle))
    list(connector.pages(Stream.FIELDS))
    assert connector._client._client()._session.verify == str(bundle)


@pytest.mark.parametrize("flavour", ["cloud", "datacenter"])
def test_a_wrong_token_is_said_once_and_asked_once(serve: Serve, connect: Open, flavour: str) -> None:
    simulator = serve(plant(flavour, issues=1))
    with pytest.raises(SignInError, match="did not accept the credentials"):
        connect(simulator, "wrong").probe()
    assert sum(seen.status == 401 for faults in simulator.faults.values() for seen in faults.log) == 1


def test_an_expired_token_stops_a_run_that_had_begun(web: responses.RequestsMock, connect: Open) -> None:
    web.get(API + "status", json=[])
    web.get(API + "field", status=401, body="expired")
    connector = connect(CLOUD)
    list(connector.pages(Stream.STATUSES))
    with pytest.raises(SignInError, match="Check the account and the token"):
        list(connector.pages(Stream.FIELDS))


def test_a_data_center_found_with_a_cloud_sign_in_is_recognised(web: responses.RequestsMock, connect: Open) -> None:
    web.get(CORPORATE + "/rest/api/3/serverInfo", status=302, headers={"Location": "/login.jsp"})
    web.get(DC_API + "field", json=[])
    list(connect(CORPORATE, sign_in=SignIn.CLOUD_TOKEN).pages(Stream.FIELDS))
    assert authorisation(web, "/rest/api/2/field").startswith("Basic ")


@pytest.mark.parametrize(
    "answer",
    [
        {"body": "<html>a shop</html>", "content_type": "text/html"},
        {"status": 404, "json": {"error": "no such route"}},
        {"json": {"hello": "world"}},
        {"json": []},
    ],
)
def test_an_address_where_something_else_answers_is_a_wrong_address(connect: Open, answer: dict[str, object]) -> None:
    with responses.RequestsMock() as mock:
        mock.get("https://shop.invalid/rest/api/3/serverInfo", **answer)  # type: ignore[arg-type]
        mock.get("https://shop.invalid/rest/api/2/serverInfo", **answer)  # type: ignore[arg-type]
        mock.assert_all_requests_are_fired = False
        with pytest.raises(BadAddressError, match="at this address") as raised:
            connect("https://shop.invalid").probe()
    assert raised.value.remedy


@pytest.mark.parametrize("path", ["serverInfo", "myself"])
def test_an_account_that_may_do_nothing_cannot_be_used(connect: Open, path: str) -> None:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.get(API + path, status=403, json={})
        mock.get(API + "serverInfo", json={"version": "1001.0.0", "deploymentType": "Cloud"})
        with pytest.raises(SignInError) as raised:
            connect(CLOUD).probe()
    assert raised.value.remedy


@pytest.mark.parametrize(("body", "words"), [(b'{"version": "9', "cut short"), (b"", "nothing")])
def test_a_broken_answer_on_first_contact_is_no_wrong_address(connect: Open, body: bytes, words: str) -> None:
    with responses.RequestsMock() as mock:
        mock.get(API + "serverInfo", body=body)
        with pytest.raises(BadAnswerError, match=words):
            connect(CLOUD).probe()


def test_no_secret_is_shown(
    serve: Serve, connect: Open, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    simulator = serve(plant("cloud", issues=1))
    with caplog.at_level(logging.DEBUG):
        connector = connect(simulator, SECRET)
        with pytest.raises(SignInError) as raised:
            connector.probe()
    output = capsys.readouterr()
    told = (
        f"{connector!r} {connector._client!r} {raised.value!r} {raised.value} {caplog.text} {output.out} {output.err}"
    )
    assert SECRET not in told
    assert basic("me@plant.invalid").removeprefix("Basic ") not in told


def test_the_registry_opens_jira_by_name_and_knows_no_others() -> None:
    settings = ConnectionSettings(tracker="jira", address=CLOUD, sign_in=SignIn.CLOUD_TOKEN)
    assert repr(open_connector(settings, Secret(SECRET))) == f"JiraConnector({CLOUD})"
    strange = ConnectionSettings(tracker="abacus", address=CLOUD, sign_in=SignIn.CLOUD_TOKEN)
    with pytest.raises(BadAddressError, match=r"no tracker called 'abacus'.*asana, jira"):
        open_connector(strange, Secret(SECRET))
