"""What a draft would do: it is told, and nothing is done."""

from __future__ import annotations

import hashlib
import threading
import time
from datetime import date
from typing import Any

import msgspec
import pytest
from sqlalchemy import Engine, select, text

from connector.protocol import Stream
from connector.records import FieldRecord, LinkRecord, Membership
from portfolio.model import Base
from portfolio.model.people import Person, Team
from portfolio.store.engine import reading, writing
from portfolio.store.shadow import shadow
from sync.errors import PreviewStoppedError
from sync.landing import raw as landing
from sync.mapping.document import ConnectionRules, FieldRule, Mapping, ProfileRules, ProjectRule, Rules, Source
from sync.mapping.profile import LinkRule, StatusRule
from sync.preview.result import Result, Said, Turn, Unclear
from sync.preview.run import Terms, run_preview
from sync.preview.watch import Watch, watched
from tests.once import Once
from tests.sync.builders import NOW, Tracker, item, person, project, rows
from tests.sync.fake_connector import readers
from tests.sync.test_unreadable_landings import spoil

FIELDS = {"f1": 3.0, "f2": "2026-05-01"}


def saying(rules: Rules) -> Mapping:
    return Mapping(profiles={"ours": ProfileRules(rules=rules)}, connections={"one": ConnectionRules(profile="ours")})


def preview(engine: Engine, mapping: Mapping, **options: Any) -> Result:
    return run_preview(engine, mapping, Terms(lambda: NOW, readers=readers), **options)


def everything(engine: Engine) -> dict[str, str]:
    """A digest of the rows of each table."""
    with reading(engine) as store:
        return {
            table.name: hashlib.sha256(
                repr([tuple(row) for row in store.execute(select(table).order_by(*table.primary_key))]).encode()
            ).hexdigest()
            for table in Base.metadata.sorted_tables
        }


@pytest.fixture
def filled(engine: Engine, once: Once) -> Tracker:
    """Some items with words that no default rule knows."""
    return once(engine, _filled)


def _filled(engine: Engine) -> Tracker:
    tracker = Tracker(engine)
    tracker.put(Stream.PROJECTS, project(), project("P2"))
    fields = (("f1", "Size", "number"), ("f2", "Target", "date"))
    tracker.put(Stream.FIELDS, *(FieldRecord(external_id=i, name=name, type=kind) for i, name, kind in fields))
    blocks = LinkRecord(external_id="l1", type_name="Gates", phrase="gates", outward=True, other_id="2")
    tracker.put(
        Stream.ITEMS,
        item("1", status_id="7", status_name="Pondering", kind_name="Oddity", kind_id="9", links=(blocks,)),
        item("2", status_id="7", status_name="Pondering", fields=FIELDS),
        item("3", due=date(2026, 2, 1)),
        item("4", due=date(2026, 4, 1), memberships=(Membership("P2"),), status_id="8", status_name="Shipped?"),
    )
    tracker.sync()
    return tracker


def test_the_mapping_in_force_changes_nothing(filled: Tracker) -> None:
    before = everything(filled.engine)
    found = preview(filled.engine, Mapping())
    assert (found.items, found.changed, found.changes, found.moves, found.kpis) == (4, 0, (), (), ())
    assert (found.failed, found.examples, found.projects_new, found.projects_gone) == (0, (), (), ())
    assert {(each.subject, each.value, each.items, each.new) for each in found.unmapped} >= {
        ("status", "Pondering", 2, False),
        ("kind", "Oddity", 1, False),
    }
    assert found.covered == ()
    assert everything(filled.engine) == before


def test_it_tells_which_items_change_and_how(filled: Tracker) -> None:
    before = everything(filled.engine)
    rules = Rules(
        kinds={"Oddity": "bug"},
        statuses={"Pondering": StatusRule("in_progress", "wait"), "Shipped?": StatusRule("done")},
        links={"Gates": LinkRule("FS")},
    )
    found = preview(filled.engine, saying(rules))
    assert everything(filled.engine) == before
    assert found.changed == 3
    counts = {change.aspect: change.items for change in found.changes}
    assert (counts["kind"], counts["category"], counts["flow"], counts["links"]) == (1, 3, 2, 2)
    assert {(move.aspect, move.before, move.after, move.items) for move in found.moves} == {
        ("kind", "other", "bug", 1),
        ("category", "todo", "in_progress", 2),
        ("category", "todo", "done", 1),
        ("flow", "active", "wait", 2),
    }
    assert {(each.subject, each.value) for each in found.covered} >= {("status", "Pondering"), ("kind", "Oddity")}
    assert not {("status", "Pondering"), ("kind", "Oddity")} & {(e.subject, e.value) for e in found.unmapped}
    changed = {(each.scope_type, each.kpi) for each in found.kpis}
    assert {scope for scope, _ in changed} == {"project", "all"}
    assert len(found.kpis) == found.figures
    assert sum(each.recoloured for each in found.kpis) == found.recoloured


def test_it_tells_who_else_an_item_would_be_assigned_to(filled: Tracker) -> None:
    filled.put(Stream.PEOPLE, person("a"), person("b"))
    filled.put(Stream.FIELDS, FieldRecord(external_id="f3", name="Helpers", type="array"))
    filled.put(Stream.ITEMS, item("3", updated=NOW, assignee_id="a", fields={"f3": ["b", "a"]})).sync()
    found = preview(filled.engine, saying(Rules(fields={"assignees": (FieldRule(field="Helpers"),)})))
    assert [(change.aspect, change.items) for change in found.changes] == [("assignees", 1)]
    [example] = found.examples
    assert Said("field", "b, a", "Helpers") in example.said
    with reading(filled.engine) as store:
        ids = store.scalars(select(Person.id).where(Person.name.in_(("Person a", "Person b")))).all()
    assert example.turns == tuple(Turn("assignees", str(ident), None, "assigned") for ident in sorted(ids))


def test_it_tells_what_the_tracker_does_not_have(filled: Tracker) -> None:
    nowhere = ProjectRule(code="A", sources=(Source(connection="one", name="NOPE"),))
    found = preview(filled.engine, msgspec.structs.replace(saying(Rules()), projects=(nowhere,)))
    assert found.unclear == (Unclear("one", "there is no project “NOPE”"),)


def test_examples_stand_beside_the_tracker_s_own_words(filled: Tracker) -> None:
    rules = Rules(
        kinds={"Oddity": "bug"},
        statuses={"Pondering": StatusRule("in_progress", "wait")},
        links={"Gates": LinkRule("FS", reverse=True)},
        fields={"points": (FieldRule(field="Size"),), "due": (FieldRule(field="Target"),)},
    )
    examples = {example.key: example for example in preview(filled.engine, saying(rules)).examples}
    assert set(examples) == {"ONE-1", "ONE-2"}
    first, second = examples["ONE-1"], examples["ONE-2"]
    assert first.connection == "one"
    assert first.title == "Item 1"
    assert {Said("kind", "Oddity"), Said("status", "Pondering"), Said("link", "gates 2")} <= set(first.said)
    assert Turn("kind", "kind", "other", "bug") in first.turns
    assert Turn("category", "category", "todo", "in_progress") in first.turns
    assert Turn("links", "ONE-2", "relates, before", "FS, after") in first.turns
    assert Turn("links", "ONE-1", "relates, after", "FS, before") in second.turns
    assert {Said("field", "3.0", "Size"), Said("field", "2026-05-01", "Target")} <= set(second.said)
    assert {Turn("points", "points", None, "3"), Turn("dates", "due", None, "2026-05-01")} <= set(second.turns)


def test_examples_are_spread_over_what_changes(filled: Tracker) -> None:
    filled.put(
        Stream.ITEMS,
        *(item(str(number), status_id="7", status_name="Pondering") for number in range(10, 60)),
        *(item(str(number), kind_id="9", kind_name="Oddity") for number in range(60, 65)),
    )
    filled.sync()
    rules = Rules(kinds={"Oddity": "bug"}, statuses={"Pondering": StatusRule("in_progress", "wait")})
    found = preview(filled.engine, saying(rules))
    assert len(found.examples) == 20
    aspects = [{turn.aspect for turn in example.turns} for example in found.examples]
    assert sum("kind" in each for each in aspects) >= 5
    assert sum("category" in each for each in aspects) >= 10


def test_it_tells_what_would_fail(filled: Tracker) -> None:
    spoil(filled, Stream.ITEMS, "3")
    before = everything(filled.engine)
    found = preview(filled.engine, Mapping())
    assert found.failed == 1
    failure = found.failures[0]
    assert (failure.connection, failure.stream, failure.external_id, failure.key) == ("one", "items", "3", "ONE-3")
    assert failure.reason
    assert everything(filled.engine) == before
    assert filled.remap().streams["items"].quarantined == 1
    again = preview(filled.engine, Mapping())
    assert (again.failed, again.items) == (0, 3)


def test_another_writer_is_not_kept_waiting(filled: Tracker) -> None:
    """In the middle of a preview, others write what the preview then does not see."""
    engine, wrote = filled.engine, []

    def tell(done: int, total: int) -> str | None:
        if not wrote:
            with writing(engine) as store:
                store.execute(Team.__table__.insert().values(connection_id=filled.id, external_id="t", name="t"))
                wrote.append(done)
        return None

    preview(engine, saying(Rules(kinds={"Oddity": "bug"})), tell=tell)
    assert wrote
    assert len(rows(engine, Team)) == 1


def test_it_stops_when_asked_and_leaves_nothing(filled: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landing, "CHUNK", 1)
    before, threads = everything(filled.engine), threading.active_count()
    with pytest.raises(PreviewStoppedError, match="ada"):
        preview(filled.engine, Mapping(), stop=lambda: "ada")
    with pytest.raises(PreviewStoppedError, match="bea"):
        preview(filled.engine, Mapping(), tell=lambda done, total: "bea")
    assert everything(filled.engine) == before
    assert threading.active_count() <= threads


def test_what_goes_wrong_in_it_is_raised_to_whoever_asked(filled: Tracker) -> None:
    def broken(*_: object) -> Any:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_preview(filled.engine, Mapping(), Terms(lambda: NOW, readers=broken))


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT count(*) FROM n"


@pytest.mark.parametrize("how", ["asked", "Ctrl-C"])
def test_a_long_statement_is_stopped_too(engine: Engine, how: str) -> None:
    begun = threading.Event()

    def work(watch: Watch) -> None:
        with shadow(engine) as ours, watch.interrupts(ours.interrupt):
            begun.set()
            ours.store.execute(text(ENDLESS))

    def tell(_done: int, _total: int) -> str | None:
        if begun.is_set() and how == "Ctrl-C":
            raise KeyboardInterrupt
        return "ada" if begun.is_set() else None

    started = time.monotonic()
    with pytest.raises(PreviewStoppedError if how == "asked" else KeyboardInterrupt):
        watched(work, lambda: None, tell)
    assert time.monotonic() - started < 10
    assert not [each for each in threading.enumerate() if each.name == "preview"]
