"""What was decided about who is who holds, whatever trackers say of the accounts later."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Engine, select

from connector.protocol import Stream
from portfolio.audit.entry import COMMAND
from portfolio.model.landing import RunRequest
from portfolio.model.people import PersonIdentity
from portfolio.model.work import WorkItem
from portfolio.store.engine import reading
from sync.identities.deciding import Pair, merge, reject, split
from sync.identities.undoing import undo
from tests.sync.builders import NOW, Tracker, item, person, project, rows

WHO = (NOW, "ada", COMMAND)
Trackers = Callable[[str], Tracker]


def whose(engine: Engine) -> dict[str, int | None]:
    with reading(engine) as store:
        return {who.external_id: who.person_id for who in store.execute(select(PersonIdentity))}


def account_ids(engine: Engine) -> list[tuple[int, str]]:
    return [(ident, name) for ident, name in rows(engine, PersonIdentity, "id", "external_id")]


def assignee(engine: Engine) -> dict[str, int]:
    return dict(rows(engine, WorkItem, "external_id", "assignee_id"))


def test_a_split_account_is_not_joined_again_by_its_address(engine: Engine, trackers: Trackers) -> None:
    one, two = trackers("one").put(Stream.PROJECTS, project()), trackers("two").put(Stream.PROJECTS, project())
    one.put(Stream.PEOPLE, person("a", email="mia@example.invalid"))
    two.put(Stream.PEOPLE, person("b", email="mia@example.invalid"))
    two.put(Stream.ITEMS, item("7", assignee_id="b", people=(person("b"),)))
    one.sync(), two.sync()
    joined = whose(engine)
    assert joined["a"] == joined["b"]
    chosen = [ident for ident, name in account_ids(engine) if name == "b"]
    made, decision = split(engine, joined["a"] or 0, chosen, *WHO)
    assert assignee(engine) == {"7": made}
    two.put(Stream.PEOPLE, person("b", email="mia@example.invalid", name="Mia B"))
    two.put(Stream.ITEMS, item("7", title="Anew", assignee_id="b", people=(person("b"),)))
    three = trackers("three").put(Stream.PEOPLE, person("c", email="mia@example.invalid"))
    one.sync(), two.sync(), three.sync()
    assert whose(engine) == {"a": joined["a"], "b": made, "c": joined["a"]}
    assert assignee(engine) == {"7": made}
    undo(engine, decision, *WHO)
    two.put(Stream.PEOPLE, person("b", email="mia@example.invalid", name="Mia C"))
    one.sync(), two.sync()
    assert whose(engine) == {"a": joined["a"], "b": joined["a"], "c": joined["a"]}
    assert assignee(engine) == {"7": joined["a"]}


def test_merged_persons_are_recognised_by_either_address(engine: Engine, trackers: Trackers) -> None:
    one, two = trackers("one"), trackers("two")
    one.put(Stream.PEOPLE, person("a", email="mia@example.invalid"))
    two.put(Stream.PEOPLE, person("b", email="mia@other.invalid"))
    one.sync(), two.sync()
    before = whose(engine)
    merge(engine, [Pair(before["b"] or 0, before["a"] or 0)], *WHO)
    two.put(Stream.PEOPLE, person("b", email="mia@other.invalid", name="Mia B"))
    three = trackers("three").put(Stream.PEOPLE, person("c", email="mia@other.invalid"))
    one.sync(), two.sync(), three.sync()
    assert set(whose(engine).values()) == {before["a"]}


def test_whom_somebody_told_apart_no_address_joins(engine: Engine, trackers: Trackers) -> None:
    one, two = trackers("one"), trackers("two")
    one.put(Stream.PEOPLE, person("a", email="mia@example.invalid"))
    two.put(Stream.PEOPLE, person("b"))
    one.sync(), two.sync()
    before = whose(engine)
    (decision,) = reject(engine, [Pair(before["b"] or 0, before["a"] or 0)], *WHO)
    two.put(Stream.PEOPLE, person("b", email="mia@example.invalid"))
    two.sync()
    assert whose(engine) == before
    undo(engine, decision, *WHO)
    two.put(Stream.PEOPLE, person("b", email="mia@example.invalid", name="Mia B"))
    two.sync()
    assert whose(engine)["b"] == before["a"]


def test_of_two_accounts_at_one_tracker_the_payloads_tell_whose_is_whose(engine: Engine, trackers: Trackers) -> None:
    one = trackers("one").put(Stream.PROJECTS, project())
    one.put(Stream.PEOPLE, *(person(ident, email="mia@example.invalid") for ident in ("a", "b")))
    one.put(Stream.ITEMS, *(item(ident, assignee_id=ident, people=(person(ident),)) for ident in ("a", "b")))
    one.sync()
    mia = whose(engine)["a"] or 0
    assert assignee(engine) == {"a": mia, "b": mia}
    made, _ = split(engine, mia, [ident for ident, name in account_ids(engine) if name == "b"], *WHO)
    assert rows(engine, RunRequest, "connection_id", "mode") == [(one.id, "remap")]
    one.remap()
    assert assignee(engine) == {"a": mia, "b": made}
