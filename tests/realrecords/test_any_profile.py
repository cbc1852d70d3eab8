"""Mapping is total: any record, recorded or made up, under any profile without faults gives rows or a reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.protocol import RawRecord, Stream
from connector.records import Change, ChangesRecord, FieldRecord, FieldValue, ItemRecord, KindRecord, StatusRecord
from connector.registry import open_reader
from portfolio.model.base import FAR
from portfolio.model.work import KINDS
from simulator.asana.workspace import Workspace
from simulator.records.load import load_records
from sync.errors import UnmappableError
from sync.mapping.attributes import ATTRIBUTES, UNITS
from sync.mapping.compile import TrackerProject, compile_profile
from sync.mapping.defaults import References, default_profile
from sync.mapping.document import ConnectionRules, FieldRule, Mapping, Override, ProfileRules, Rules
from sync.mapping.faults import CATEGORIES, FLOWS, LINK_TYPES, faults
from sync.mapping.items import map_item
from sync.mapping.profile import LinkRule, StatusRule
from sync.mapping.rules import Rules as Asked
from sync.readers import UNREADABLE
from tests.realrecords.sets import SETS
from tests.sync.test_mapping import changes, items, words

# Of a set so many records are mapped by each generated profile: the others are of the same shapes.
MOST = 40
SEEN_NAMES = (
    "To Do",
    "Done",
    "In Progress",
    "Открыт",
    "Task",
    "Bug",
    "default_task",
    "Sub-task",
    "Blocks",
    "dependency",
)
names = st.sampled_from(SEEN_NAMES) | words
standings = st.builds(StatusRule, st.sampled_from(CATEGORIES), st.sampled_from(FLOWS))
meanings = st.sampled_from(("5", "2h", "EUR 3", "40%", "2026-01-01", "avoid", "risk", "x")) | words


@st.composite
def carriers(draw: st.DrawFn, fields: tuple[str, ...]) -> dict[str, tuple[FieldRule, ...]]:
    found = {}
    for name in draw(st.lists(st.sampled_from(sorted(ATTRIBUTES)), max_size=6, unique=True)):
        attribute = ATTRIBUTES[name]
        units = ("EUR", "USD") if attribute.type == "money" else UNITS.get(attribute.type, ())
        choices = KINDS if name == "kind" else attribute.choices
        found[name] = tuple(
            FieldRule(
                field=field,
                unit=draw(st.sampled_from(("", *units))),
                values=draw(st.dictionaries(names, st.sampled_from(choices) if choices else meanings, max_size=2)),
                level=draw(st.integers(0, 2)),
            )
            for field in draw(st.lists(st.sampled_from(fields), max_size=3, unique=True))
        )
    return found


def rules(fields: tuple[str, ...]) -> st.SearchStrategy[Rules]:
    return st.builds(
        Rules,
        kinds=st.dictionaries(names, st.sampled_from(KINDS), max_size=3),
        labels=st.dictionaries(names, st.sampled_from(KINDS), max_size=2),
        statuses=st.dictionaries(names, standings, max_size=4),
        statuses_by_kind=st.dictionaries(names, st.dictionaries(names, standings, max_size=2), max_size=2),
        fields=carriers(fields),
        templates=st.dictionaries(names | st.just("*"), st.sampled_from(("MOM", "SOW")), max_size=2),
        cancelled=st.none() | st.lists(names, max_size=2).map(tuple),
    )


def documents(fields: tuple[str, ...]) -> st.SearchStrategy[Mapping]:
    overrides = st.builds(Override, project_type=st.just("internal"), rules=rules(fields)) | st.builds(
        Override, connection=st.just("one"), project=st.just("ONE"), rules=rules(fields)
    )
    links = st.dictionaries(names, st.builds(LinkRule, st.sampled_from(LINK_TYPES), st.booleans()), max_size=2)
    base = st.builds(lambda said, links: msgspec.structs.replace(said, links=links), rules(fields), links)
    profile = st.builds(ProfileRules, rules=base, overrides=st.lists(overrides, max_size=2).map(tuple))
    return profile.map(
        lambda one: Mapping(profiles={"p": one}, connections={"one": ConnectionRules(profile="p")})
    ).filter(lambda mapping: not faults(mapping))


def maps_or_says_why(record: ItemRecord, told: ChangesRecord | None, asked: Asked) -> None:
    try:
        values = map_item(record, told, asked)
    except UnmappableError as error:
        reason = str(error)
        assert " " in reason
        return
    versions = values.history.versions
    assert values.kind in KINDS
    assert values.category in CATEGORIES
    assert values.flow in FLOWS
    assert (versions[0].valid_from, versions[-1].valid_to) == (values.created_on, FAR)
    assert all(a.valid_from < a.valid_to == b.valid_from for a, b in pairwise(versions))
    last = versions[-1]
    assert (last.category, last.due, last.start, last.kind) == (values.category, values.due, values.start, values.kind)
    assert (last.estimate_s, last.points) == (values.estimate_s, values.points)
    assert {link.type for link in values.links} <= set(LINK_TYPES)
    assert not any(ATTRIBUTES[name].own for name in values.attributes)


FIELDS = ("f1", "f2", "f3")
held: st.SearchStrategy[FieldValue] = (
    st.none() | st.booleans() | st.integers() | st.floats() | words | st.lists(words, max_size=2)
)
filled = st.builds(
    lambda record, fields, labels: msgspec.structs.replace(record, fields=fields, labels=labels),
    items,
    st.dictionaries(st.sampled_from(FIELDS), held),
    st.lists(names, max_size=2).map(tuple),
)


def compiled(mapping: Mapping, known: References, project: str) -> Asked:
    projects = [TrackerProject(project, "ONE", "One", "internal")]
    return Asked(compile_profile(default_profile(known), mapping, "one", projects, known), "Asia/Shanghai")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents(FIELDS), filled, st.none() | st.lists(changes, max_size=6))
def test_generated_records_under_generated_profiles(
    mapping: Mapping, record: ItemRecord, told: list[Change] | None
) -> None:
    known = References(fields=[FieldRecord(external_id=ident, name=ident, type="any") for ident in FIELDS])
    project = record.memberships[0].project_id if record.memberships else "none"
    ordered = None if told is None else tuple(sorted(told, key=lambda change: change.at))
    history = None if ordered is None else ChangesRecord(item_id=record.external_id, changes=ordered)
    maps_or_says_why(record, history, compiled(mapping, known, project))


class Recorded(msgspec.Struct):
    """The items of a set, read with every custom field they hold, and what is known of their site."""

    items: list[ItemRecord]
    references: References


def recorded(folder: Path) -> Recorded:
    state = load_records(folder)
    tracker = "asana" if isinstance(state, Workspace) else "jira"
    bodies = dict(_bodies(state))
    fields = {ident for body in bodies.values() for ident in _fields(body)}
    found: list[ItemRecord] = []
    reader = open_reader(tracker, "https://tracker.invalid", (), sorted(fields))
    for ident, body in bodies.items():
        with suppress(*UNREADABLE):
            record = reader.read(RawRecord(Stream.ITEMS, ident, json.dumps(body).encode()))
            assert isinstance(record, ItemRecord)
            found.append(record)
    statuses = {record.status_id: record.status_name for record in found}
    kinds = {record.kind_id: record.kind_name for record in found}
    known = References(
        fields=[FieldRecord(external_id=ident, name=f"Name of {ident}", type="any") for ident in sorted(fields)],
        statuses=[StatusRecord(external_id=ident, name=name) for ident, name in statuses.items() if ident and name],
        kinds=[KindRecord(external_id=ident, name=name) for ident, name in kinds.items()],
    )
    return Recorded(found, known)


def _bodies(state: object) -> Iterator[tuple[str, dict[str, object]]]:
    if isinstance(state, Workspace):
        yield from state.tasks.items()
    else:
        for issue in getattr(state, "issues", {}).values():
            changelog = {"histories": issue.histories, "total": len(issue.histories)}
            yield issue.id, {"id": issue.id, "key": issue.key, "fields": issue.fields, "changelog": changelog}


def _fields(body: dict[str, object]) -> Iterator[str]:
    fields = body.get("fields")
    if isinstance(fields, dict):
        yield from (name for name in fields if name.startswith("customfield_"))
    custom = body.get("custom_fields")
    yield from (field["gid"] for field in custom if field.get("gid")) if isinstance(custom, list) else ()


@pytest.mark.parametrize("name", SETS)
def test_recorded_records_under_any_profile(realdata: Path, name: str) -> None:
    found = recorded(realdata / name)
    if not found.items:
        pytest.skip("the set holds no item")
    _under_one_that_says_much(found)
    sample = found.items[:: max(1, len(found.items) // MOST)]
    fields = tuple(field.external_id for field in found.references.fields) or FIELDS
    places = sample[0].memberships

    @settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True)
    @given(documents(fields))
    def under(mapping: Mapping) -> None:
        asked = compiled(mapping, found.references, places[0].project_id if places else "")
        for record in sample:
            maps_or_says_why(record, record.changes, asked)

    under()


def _under_one_that_says_much(found: Recorded) -> None:
    """Each attribute is let carry by all fields of the set in turn: every value meets every way of reading."""
    idents = [field.external_id for field in found.references.fields]
    said = {
        attribute: tuple(FieldRule(field=ident, unit=_unit(attribute)) for ident in idents[number:] + idents[:number])
        for number, attribute in enumerate(ATTRIBUTES)
    }
    mapping = Mapping(
        profiles={"p": ProfileRules(rules=Rules(fields=said, templates={"*": "MOM"}, cancelled=()))},
        connections={"one": ConnectionRules(profile="p")},
    )
    assert not faults(mapping)
    asked = compiled(mapping, found.references, "")
    for record in found.items:
        maps_or_says_why(record, record.changes, asked)


def _unit(attribute: str) -> str:
    return {"effort": "hours", "money": "EUR", "percent": "percent"}.get(ATTRIBUTES[attribute].type, "")
