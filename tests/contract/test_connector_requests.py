"""What the connectors ask is what the vendors' OpenAPI files allow (skipped where those are not here).

A whole sync of the made-up company is recorded at the wire; every distinct request must name a known path and method,
carry only known query parameters of the right kind, and a body of the right shape.
"""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import msgspec
import pytest
import yaml
from openapi_schema_validator import OAS30Validator

from connector.errors import RefusedError, StaleMarkError
from connector.protocol import Connector, Stream
from connector.registry import open_chooser, open_connector, open_hooks
from connector.settings import NARROWING, ConnectionSettings, Follow, FollowType, Secret, SignIn
from simulator.asana.app import make_app as make_asana
from simulator.company.build import Company, build_company
from simulator.jira.app import make_app as make_jira
from simulator.wire import WireServer
from tests.loopback import LOOPBACK

Document = dict[str, Any]
Asked = tuple[str, str, tuple[tuple[str, str], ...], bytes]

# What the files do not say although it is asked for, and why it is asked for all the same.
NOT_IN_THE_FILE = {
    "GET /rest/agile/1.0/board/{boardId}/sprint?state": "the file calls a comma list an object",
    "'resource_type' is not one of": "every Asana object has it; tells projects from portfolios",
    "'supporting_resource.resource_type' is not one of": "every Asana object has it",
    "'assignee.resource_type' is not one of": "every Asana object has it; tells users from placeholders",
    "'current_status_update.status_type' is not one of": "listed for projects, of one kind with goals",
    "'created_by.name' is not one of": "listed without the name only",
    "'task.name' is not one of": "listed without the name only",
    "'owner.name' is not one of": "listed without the name only",
    "'created_at' is not one of": "in the schema of a time entry, not in its list of fields",
    "'approval_status' is not one of": "in the schema of a time entry, not in its list of fields",
    "'billable_status' is not one of": "in the schema of a time entry, not in its list of fields",
}

MARKS = {
    "jira": ("1700000000000",),
    "asana": ('{"at":"2026-02-01T00:00:00Z"}', '{"at":"2026-02-01T00:00:00Z","sync":"stale"}'),
}


class Recorder:
    """A WSGI application that keeps what is asked of the one behind it."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app
        self.asked: dict[tuple[str, str, tuple[str, ...]], Asked] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        query = tuple(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        # One of each form: a thousand pages of one list teach nothing new.
        form = (method, re.sub(r"\d{3,}", "0", path), (*sorted(name for name, _ in query), *_names(body)))
        self.asked.setdefault(form, (method, path, query, body))
        return self._app(environ, start_response)


def _names(body: bytes) -> list[str]:
    return sorted(msgspec.json.decode(body)) if body else []


@cache
def specification(path: Path) -> Document:
    if not path.is_file():
        pytest.skip(f"the vendor's file is not here: {path}")
    if path.suffix == ".json":
        loaded: Document = msgspec.json.decode(path.read_bytes())
    else:
        loaded = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return loaded


def _sync(app: WSGIApplication, tracker: str, sign_in: SignIn, path: str = "") -> Recorder:
    recorder = Recorder(app)
    server = WireServer(recorder)
    server.start()
    settings = ConnectionSettings(
        tracker=tracker, address=server.address + path, sign_in=sign_in, account="a@b.invalid"
    )
    connector = open_connector(settings, Secret("simulated-token"), outbound=LOOPBACK)
    try:
        connector.probe()
        for stream in connector.streams():
            for part in connector.slices(stream):
                for _ in connector.pages(stream, part):
                    pass
        _follow(connector, MARKS[tracker])
    finally:
        connector.close()
        server.stop()
    return recorder


def _follow(connector: Connector, marks: Iterable[str]) -> None:
    """Ask for everything that a sync asks for after the first one."""
    for stream, mark in itertools.product((Stream.ITEMS, Stream.WORKLOGS), marks):
        for delta in connector.deltas(stream, dict.fromkeys(connector.slices(stream), mark)):
            with suppress(StaleMarkError):
                for _ in connector.changes(delta):
                    pass
    entries = [entry for roll in connector.census(connector.slices(Stream.ITEMS)[0]) for entry in roll.entries]
    assert connector.named(["1", entries[0][0]]).records


def _choose(app: WSGIApplication, tracker: str, sign_in: SignIn, path: str = "") -> Recorder:
    """Ask for all there is to follow, for what a rule of each type means, and read by all of these rules."""
    recorder = Recorder(app)
    server = WireServer(recorder)
    server.start()
    settings = ConnectionSettings(
        tracker=tracker, address=server.address + path, sign_in=sign_in, account="a@b.invalid"
    )
    chooser = open_chooser(settings, Secret("simulated-token"), outbound=LOOPBACK)
    try:
        listed = {choice.type: choice for choice in chooser.choices().choices}
        rules = [Follow(kind, name) for kind, choice in listed.items() for name in (choice.name, choice.title)]
        if tracker == "jira":
            part = listed[FollowType.COMPONENT]
            rules = [rule for rule in rules if rule.name not in (part.title, listed[FollowType.PROJECT].title)]
            rules.append(Follow(FollowType.QUERY, f"component = {part.name}"))
        else:
            rules = [rule for rule in rules if rule.name != listed[FollowType.PROJECT].title]
        for rule in rules:
            assert chooser.resolve(rule).projects, rule
    finally:
        chooser.close()
    narrowed = [rule for rule in rules if rule.type in NARROWING]
    for follow in (rules, narrowed):
        followed = msgspec.structs.replace(settings, follow=tuple(follow))
        connector = open_connector(followed, Secret("simulated-token"), outbound=LOOPBACK)
        try:
            if follow:
                assert [page for part in connector.slices(Stream.ITEMS) for page in connector.pages(Stream.ITEMS, part)]
                _follow(connector, MARKS[tracker])
        finally:
            connector.close()
    server.stop()
    return recorder


@pytest.fixture(scope="module")
def company() -> Company:
    return build_company(5, today=date(2026, 3, 2), scale=0.02)


class Contract:
    """A vendor's file as a judge of requests. `base` is what stands before its paths."""

    def __init__(self, spec: Document, base: str) -> None:
        self._spec = spec
        self._paths = [(re.compile(base + re.sub(r"\{[^}]+\}", "[^/]+", path) + r"\Z"), path) for path in spec["paths"]]

    def faults(self, asked: Asked) -> Iterator[str]:
        method, path, query, body = asked
        templates = [template for pattern, template in self._paths if pattern.match(unquote(path))]
        # "/issue/{id}" also matches "/issue/bulk": the template with the fewest holes is meant.
        template = min(templates, key=lambda one: one.count("{"), default=None)
        if template is None or method.lower() not in self._spec["paths"][template]:
            yield f"{method} {path} is not in the file"
            return
        entry = self._spec["paths"][template]
        operation = entry[method.lower()]
        listed = [self._resolve(one) for one in [*entry.get("parameters", []), *operation.get("parameters", [])]]
        known = {one["name"]: one["schema"] for one in listed if one["in"] == "query"}
        for name, value in query:
            if name in known:
                yield from (f"{method} {template}?{name}: {fault}" for fault in self._judge(known[name], value))
            else:
                yield f"{method} {template} has no parameter {name}"
        missing = {one["name"] for one in listed if one["in"] == "query" and one.get("required")} - dict(query).keys()
        yield from (f"{method} {template} needs {name}" for name in missing)
        if "requestBody" not in operation:
            # Asana's own client sends an empty object with each DELETE.
            if body not in (b"", b"{}"):
                yield f"{method} {template} takes no body"
        elif body:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            for fault in self._validator(schema).iter_errors(msgspec.json.decode(body)):
                yield f"{method} {template} body: {fault.message}"

    def _judge(self, schema: Document, text: str) -> Iterator[str]:
        schema = self._resolve(schema)
        kind = schema.get("type")
        value: Any = text.split(",") if kind == "array" else text
        if kind in ("integer", "number") and re.fullmatch(r"-?\d+", text):
            value = int(text)
        if kind == "boolean":
            value = {"true": True, "false": False}.get(text, text)
        yield from (fault.message for fault in self._validator(schema).iter_errors(value))

    def _validator(self, schema: Document) -> OAS30Validator:
        return OAS30Validator({**schema, "components": self._spec.get("components", {})})

    def _resolve(self, entry: Document) -> Document:
        while "$ref" in entry:
            found: Any = self._spec
            for part in entry["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            entry = found
        return entry


def _unexplained(faults: Iterable[str]) -> list[str]:
    return [fault for fault in faults if not any(part in fault for part in NOT_IN_THE_FILE)]


def test_a_fault_is_found(realdata: Path) -> None:
    contract = Contract(specification(realdata / "specs" / "jira_cloud_platform_v3_2025-12.json"), "")
    path = "/rest/api/3/search/jql"
    assert list(contract.faults(("POST", path, (), b'{"jql": 5}'))) == [f"POST {path} body: 5 is not of type 'string'"]
    assert list(contract.faults(("PUT", path, (), b""))) == [f"PUT {path} is not in the file"]
    assert list(contract.faults(("GET", path, (("fnord", "1"),), b""))) == [f"GET {path} has no parameter fnord"]


def test_jira_cloud(realdata: Path, company: Company) -> None:
    asked = _sync(make_jira(company.cloud), "jira", SignIn.CLOUD_TOKEN).asked.values()
    platform = Contract(specification(realdata / "specs" / "jira_cloud_platform_v3_2025-12.json"), "")
    agile = Contract(specification(realdata / "specs" / "jira_software_agile_swagger.v3.json"), "")
    assert len(asked) >= 15
    for part in ("/changelog/bulkfetch", "/issue/bulkfetch", "/approximate-count", "/worklog/deleted", "/issue/1"):
        assert any(path.endswith(part) for _, path, _, _ in asked)
    faults = (fault for one in asked for fault in (agile if "/agile/" in one[1] else platform).faults(one))
    assert _unexplained(faults) == []


def test_jira_cloud_followed_by_rules(realdata: Path, company: Company) -> None:
    asked = _choose(make_jira(company.cloud), "jira", SignIn.CLOUD_TOKEN).asked.values()
    platform = Contract(specification(realdata / "specs" / "jira_cloud_platform_v3_2025-12.json"), "")
    agile = Contract(specification(realdata / "specs" / "jira_software_agile_swagger.v3.json"), "")
    for part in ("/projectCategory", "/component/", "/project", "/board"):
        assert any(part in path for _, path, _, _ in asked), part
    assert any(b"reconcileIssues" in body for *_, body in asked)
    faults = (fault for one in asked for fault in (agile if "/agile/" in one[1] else platform).faults(one))
    assert _unexplained(faults) == []


def test_asana_followed_by_rules(realdata: Path, company: Company) -> None:
    asked = _choose(make_asana(company.workspace), "asana", SignIn.PERSONAL_TOKEN, "/api/1.0").asked.values()
    contract = Contract(specification(realdata / "specs" / "asana_oas.yaml"), "/api/1.0")
    assert any(path.endswith("/items") for _, path, _, _ in asked)
    assert _unexplained(fault for one in asked for fault in contract.faults(one)) == []


def test_asana(realdata: Path, company: Company) -> None:
    asked = _sync(make_asana(company.workspace), "asana", SignIn.PERSONAL_TOKEN, "/api/1.0").asked.values()
    contract = Contract(specification(realdata / "specs" / "asana_oas.yaml"), "/api/1.0")
    assert len(asked) >= 12
    assert _unexplained(fault for one in asked for fault in contract.faults(one)) == []


def test_asana_webhooks(realdata: Path, company: Company) -> None:
    recorder = Recorder(make_asana(company.workspace))
    server = WireServer(recorder)
    server.start()
    address = f"{server.address}/api/1.0"
    settings = ConnectionSettings(tracker="asana", address=address, sign_in=SignIn.PERSONAL_TOKEN)
    hooks = open_hooks(settings, Secret("simulated-token"), outbound=LOOPBACK)
    try:
        with pytest.raises(RefusedError):
            hooks.register(hooks.resources()[0], f"{server.address}/no/door", None)
        assert hooks.listed() == ()
        hooks.remove("1")
    finally:
        hooks.close()
        server.stop()
    contract = Contract(specification(realdata / "specs" / "asana_oas.yaml"), "/api/1.0")
    asked = [one for one in recorder.asked.values() if "/webhooks" in one[1]]
    assert {method for method, *_ in asked} == {"GET", "POST", "DELETE"}
    assert _unexplained(fault for one in asked for fault in contract.faults(one)) == []
