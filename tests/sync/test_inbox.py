"""The inbox: what waits for a meaning, with what it touches and what it could mean, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from connector.protocol import Stream
from connector.records import Category, FieldRecord, FieldRole, LinkRecord, LinkTypeRecord, Membership
from portfolio.kpis.dependence import columns_read, kpis_reading
from portfolio.kpis.earned import ON_PLAN
from portfolio.model.landing import UnmappedValue
from portfolio.model.mapping import FieldSample
from portfolio.store.engine import reading
from sync.inbox import samples
from sync.inbox.fields import suggest_field
from sync.inbox.meaning import MeaningError, Subject, decide, ignore, read, rules_of, write
from sync.inbox.samples import examples, sample_fields
from sync.inbox.suggest import Known, suggest
from sync.inbox.waiting import Waiting, kpis_of, waiting
from sync.mapping.document import Mapping
from sync.mapping.profile import LinkRule, ReportedRule, StatusRule
from tests.sync.builders import NOW, Tracker, item, project, rows
from tests.sync.fake_connector import readers

DOING = Category.IN_PROGRESS


def found(engine: Engine, mapping: Mapping | None = None, approved: bool = False) -> dict[tuple[str, str], Waiting]:
    with reading(engine) as store:
        approved_at = NOW - timedelta(days=1) if approved else None
        return {(it.subject, it.value): it for it in waiting(store, mapping or Mapping(), approved_at)}


@pytest.fixture
def odd(tracker: Tracker) -> Tracker:
    """A tracker with a word of each kind that no rule understands."""
    link = LinkRecord(external_id="l1", type_name="Feeds", phrase="feeds", outward=True, other_id="2")
    status = {"status_id": None}
    tracker.put(Stream.PROJECTS, project(), project("P2"))
    tracker.put(Stream.LINK_TYPES, LinkTypeRecord(external_id="9", name="Feeds", outward="feeds", inward="is fed by"))
    return tracker.put(
        Stream.ITEMS,
        item("1", status_name="Pondering", **status, links=(link,), labels=("tmpl:Risk-Register", "plain")),
        item("2", status_name=" pondering", **status, memberships=(Membership("P2"),)),
        item("3", status_name="Pondering", **status),
        item("4", status_name="Vendor Revew", status_category=DOING, **status),
        item("5", status_name="In Progress", status_category=DOING, **status),
        item("6", kind_id="77", kind_name="Contraption"),
    )


def test_what_no_rule_understands_waits_with_what_it_touches(odd: Tracker, engine: Engine) -> None:
    odd.sync()
    met = found(engine)
    assert set(met) == {
        ("status", "Pondering"),
        ("flow", "Vendor Revew"),
        ("kind", "Contraption"),
        ("link", "Feeds"),
        ("label", "tmpl:Risk-Register"),
    }
    pondering = met["status", "Pondering"]
    assert (pondering.items, pondering.projects, pondering.connections) == (3, 2, ("one",))
    assert (pondering.present, pondering.first_seen_at, pondering.new) == ("todo active", NOW, False)
    label = met["label", "tmpl:Risk-Register"].suggestion
    assert label is not None
    assert label.meaning == "RISKREGISTER"
    flow = met["flow", "Vendor Revew"]
    assert flow.present == "in_progress active"
    assert flow.items == 1


def test_what_is_decided_or_ignored_waits_no_more(odd: Tracker, engine: Engine) -> None:
    odd.sync()
    mapping = decide(Mapping(), ["one"], Subject.STATUS, "PONDERING", "in_progress wait")
    mapping = decide(mapping, ["one"], Subject.KIND, "Contraption", "deliverable")
    mapping = decide(mapping, ["one"], Subject.LINK, "Feeds", "FS")
    mapping = ignore(mapping, ["one"], "tmpl:risk-register")
    assert set(found(engine, mapping)) == {("flow", "Vendor Revew")}
    assert rules_of(mapping, "one").statuses == {"PONDERING": StatusRule("in_progress", "wait")}
    assert rules_of(mapping, "another").statuses == {}


def test_what_a_connection_decides_waits_in_the_others(
    odd: Tracker, trackers: Callable[[str], Tracker], engine: Engine
) -> None:
    odd.sync()
    other = trackers("two").put(Stream.PROJECTS, project())
    other.put(Stream.ITEMS, item("1", status_id=None, status_name="pondering")).sync()
    assert found(engine)["status", "Pondering"].connections == ("one", "two")
    met = found(engine, decide(Mapping(), ["one"], Subject.STATUS, "Pondering", "todo"))
    waits = met["status", "pondering"]
    assert waits.connections == ("two",)
    assert waits.suggestion is not None
    assert waits.suggestion.meaning == "todo active"
    assert waits.suggestion.why == "the profile “standard” maps the same name so"


def test_when_it_was_first_seen_stays_and_what_is_gone_goes(odd: Tracker, engine: Engine) -> None:
    odd.sync()
    odd.now += timedelta(days=3)
    odd.put(Stream.ITEMS, item("7", status_id=None, status_name="Brooding"), item("3", links=())).sync()
    met = found(engine, approved=True)
    assert met["status", "Pondering"].first_seen_at == NOW
    assert met["status", "Brooding"].first_seen_at == odd.now
    assert {name for (_, name), it in met.items() if it.new} >= {"Brooding"}
    subjects = rows(engine, UnmappedValue, "subject", "value")
    assert ("flow", "Vendor Revew") in subjects


def test_a_sample_of_items_tells_what_fields_hold(tracker: Tracker, engine: Engine) -> None:
    fields = (
        FieldRecord(external_id="f1", name="Business Value", type="number"),
        FieldRecord(external_id="f2", name="Reviewer", type="user"),
        FieldRecord(external_id="f3", name="Summary", type="string", custom=False),
        FieldRecord(external_id="f4", name="Ordering", type="any", role=FieldRole.WORKINGS),
    )
    tracker.put(Stream.FIELDS, *fields)
    tracker.put(
        Stream.ITEMS,
        item("1", fields={"f1": 3.0, "f2": ["acc-1"], "f4": "0|i0001:"}),
        item("2", fields={"f1": 5.0}),
        item("3"),
    )
    tracker.sync()
    assert sample_fields(engine, tracker.id, clock=lambda: NOW, readers=readers) == 3
    kept = rows(engine, FieldSample, "field_id", "name", "filled", "sampled", "examples")
    assert kept == [("f1", "Business Value", 2, 3, '["5","3"]'), ("f2", "Reviewer", 1, 3, "[]")]


def test_where_no_field_is_to_be_known_no_item_is_looked_at(tracker: Tracker, engine: Engine) -> None:
    tracker.put(Stream.ITEMS, item("1"), item("2"))
    tracker.sync()
    assert sample_fields(engine, tracker.id, clock=lambda: NOW, readers=readers) == 0


def test_the_newest_are_read_some_at_a_time(tracker: Tracker, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "AT_ONCE", 2)
    tracker.put(Stream.ITEMS, *(item(str(number)) for number in range(1, 6)))
    tracker.sync()
    with reading(engine) as store:
        parts = [[raw.external_id for raw in chunk] for chunk in samples.newest(store, tracker.id, Stream.ITEMS, 5)]
        few = [len(chunk) for chunk in samples.newest(store, tracker.id, Stream.ITEMS, 3)]
    assert [len(part) for part in parts] == [2, 2, 1]
    assert len({ident for part in parts for ident in part}) == 5
    assert few == [2, 1]


def test_examples_name_nobody() -> None:
    field = FieldRecord(external_id="f", name="Note", type="string")
    assert examples(field, ["ask ada@example.invalid", "x" * 50, "Gold", "Gold", "Silver"]) == ["Gold", "Silver"]


@pytest.mark.parametrize(
    ("subject", "value", "known", "meaning"),
    [
        (Subject.STATUS, "In Revew", Known(), "in_progress wait"),
        (Subject.FLOW, "Wartet auf Kunde", Known(category="in_progress"), "in_progress wait"),
        (Subject.FLOW, "Pondering", Known(category="in_progress"), "in_progress active"),
        (Subject.STATUS, "Pondering", Known(neighbour=("todo active", "in progress")), "todo active"),
        (Subject.KIND, "Anforderungen", Known(), "story"),
        (Subject.LINK, "Precedes", Known(), "FS"),
        (Subject.REPORTED, "On Trackk", Known(), "green -"),
    ],
)
def test_suggestions(subject: Subject, value: str, known: Known, meaning: str) -> None:
    given = suggest(subject, value, known)
    assert given is not None
    assert given.meaning == meaning
    assert given.why
    assert 0 < given.score <= 1


@pytest.mark.parametrize(
    ("name", "type", "meaning"),
    [
        ("Skill needed", "enum", "role"),
        ("role", "option", "role"),
        ("Role", "date", None),
        ("Estimate (h)", "number", "estimate hours"),
    ],
)
def test_what_a_field_could_carry_is_told_by_its_name_as_far_as_its_type_allows(
    name: str, type: str, meaning: str | None
) -> None:
    given = suggest_field(name, type)
    assert (given and given.meaning) == meaning


def test_nothing_is_suggested_where_nothing_speaks_for_it() -> None:
    assert suggest(Subject.STATUS, "Pondering", Known()) is None
    assert suggest(Subject.STATUS, "QX", Known()) is None


@pytest.mark.parametrize(
    ("subject", "rule"),
    [
        (Subject.STATUS, StatusRule("in_progress", "blocked")),
        (Subject.KIND, "change_request"),
        (Subject.LINK, LinkRule("SF", reverse=True)),
        (Subject.LINK, LinkRule("relates")),
        (Subject.REPORTED, ReportedRule("green", "closed")),
        (Subject.REPORTED, ReportedRule(None, "on_hold")),
        (Subject.LABEL, "RISK-REGISTER"),
    ],
)
def test_a_meaning_is_read_as_it_was_written(subject: Subject, rule: object) -> None:
    assert read(subject, write(rule)) == rule


@pytest.mark.parametrize(("subject", "text"), [(Subject.STATUS, " "), (Subject.LINK, "FS sideways")])
def test_what_is_no_meaning_is_refused(subject: Subject, text: str) -> None:
    with pytest.raises(MeaningError):
        read(subject, text)


def test_kpis_rest_on_what_their_facts_read() -> None:
    assert "SCH-09" in kpis_reading("due")
    assert "SCH-09" not in kpis_reading("points")
    assert set(kpis_reading("points")) >= ON_PLAN
    assert set(kpis_reading("estimate_s")) >= ON_PLAN
    assert "PRG-02" in kpis_reading("estimate_s")
    assert columns_read()["FLW-03"] >= {"category", "started_on", "assignee_id"}
    assert "SCH-07" in kpis_of(Subject.KIND)
    assert kpis_of(Subject.LABEL) == ()
