"""What the mapping says of a connection's projects, on a page: places, project data, and a look at fields now."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from connector import registry
from connector.protocol import Stream
from connector.records import FieldRecord
from portfolio.model.mapping import FieldSample
from sync.mapping.document import FieldRule, Grouping
from tests.conftest import Clock
from tests.sync.builders import project, rows
from tests.webapp.conftest import Visitor
from tests.webapp.studio import fill_studio
from tests.webapp.test_mapping_profiles import drafted, made_from

PAGE = "/mapping/connections/1"


@pytest.fixture
def opened(ada: Visitor, engine: Engine, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Visitor:
    """A connection whose projects have fields of their own, read as the fake tracker writes them."""
    monkeypatch.setitem(registry.TRACKERS, "fake", ("", "tests.sync.fake_connector:readers"))
    tracker = fill_studio(engine, clock())
    tracker.put(
        Stream.FIELDS,
        FieldRecord(external_id="p1", name="Area", type="text"),
        FieldRecord(external_id="p2", name="Cost frame", type="text"),
        FieldRecord(external_id="p3", name="Backer", type="people"),
        FieldRecord(external_id="p4", name="How", type="enum"),
    )
    fields = {"p1": "Growth > Shops", "p2": "1.200,50", "p3": ["acc-77"], "p4": "Agile <b>"}
    tracker.put(Stream.PROJECTS, project(name="Customer portal", grouping="Sales / Web", fields=fields)).sync()
    return ada


def send(visitor: Visitor, status: int = 302, **fields: str) -> str:
    answer = visitor.post(PAGE, PAGE, **made_from(visitor.text(PAGE)) | fields)
    assert answer.status_code == status, answer.text
    return " ".join(answer.text.split())


def test_where_projects_belong_is_said_and_shown(opened: Visitor, engine: Engine) -> None:
    text = " ".join(opened.text(PAGE).split())
    assert "<td><bdi>Sales</bdi></td><td><bdi>Web</bdi></td>" in text
    send(opened, by="field", separator=">", **{"grouping-field": "area"})
    assert drafted(engine).connections["Jira EU"].grouping == Grouping(by="field", field="area", separator=">")
    assert "<td><bdi>Growth</bdi></td><td><bdi>Shops</bdi></td>" in opened.text(PAGE)
    listed = " ".join(opened.text("/mapping/profiles").split())
    assert "grouped by field <bdi>area</bdi>" in listed
    assert f'href="{PAGE}"' in listed
    send(opened, by="none", separator="", **{"grouping-field": "area"})
    assert drafted(engine).connections["Jira EU"].grouping == Grouping(by="none")
    assert "<bdi>Growth</bdi>" not in opened.text(PAGE)


def test_project_data_comes_from_fields_of_projects(opened: Visitor, engine: Engine) -> None:
    rows_ = {
        "attribute-0": "sponsor", "field-0": "Backer",
        "attribute-1": "budget", "field-1": "Cost frame", "unit-1": "EUR",
        "attribute-2": "methodology", "field-2": "How", "values-2": "Agile <b> = scrum",
        "attribute-3": "client", "field-3": "",
    }  # fmt: skip
    send(opened, by="tracker", **rows_)
    assert drafted(engine).connections["Jira EU"].project_fields == {
        "sponsor": FieldRule(field="Backer"),
        "budget": FieldRule(field="Cost frame", unit="EUR"),
        "methodology": FieldRule(field="How", values={"Agile <b>": "scrum"}),
    }
    text = " ".join(opened.text(PAGE).split())
    assert "<bdi>1.200,50</bdi> → <bdi>1200.50 EUR</bdi>" in text
    assert "<bdi>Agile &lt;b&gt;</bdi> → <bdi>scrum</bdi>" in text
    assert "acc-77" not in text
    assert "3 fields of projects told" in " ".join(opened.text("/mapping/profiles").split())
    send(opened, by="tracker")
    assert drafted(engine).connections["Jira EU"].project_fields == {}


def test_what_was_typed_stays_when_it_is_not_written(opened: Visitor, engine: Engine) -> None:
    before = made_from(opened.text(PAGE))
    typed = {"attribute-0": "client", "field-0": "Typed <i>"}
    refused = send(opened, 422, by="field", **typed)
    assert "name the field that says where a project belongs" in refused
    assert 'value="Typed &lt;i&gt;"' in refused
    send(opened, by="none")
    stale = opened.post(PAGE, PAGE, **before, by="field", **typed, **{"grouping-field": "Area"})
    assert stale.status_code == 409
    assert 'value="Typed &lt;i&gt;"' in stale.text
    assert drafted(engine).connections["Jira EU"].grouping.by == "none"
    assert opened.post("/mapping/connections/99", PAGE, by="none").status_code == 404


def test_fields_are_looked_at_when_somebody_asks(opened: Visitor, engine: Engine) -> None:
    before = dict(rows(engine, FieldSample, "field_id", "filled"))
    answer = opened.post(f"{PAGE}/sample", PAGE)
    assert answer.status_code == 302
    assert "9 items looked at." in opened.text(PAGE)
    after = dict(rows(engine, FieldSample, "field_id", "filled"))
    assert (after["f1"], before.get("p4"), after["p4"]) == (3, None, 0)
    assert opened.post("/mapping/connections/99/sample", PAGE).status_code == 404
