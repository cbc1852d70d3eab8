"""What random histories (tests.chaos) found, each as small as it can be told."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine, select

from connector.protocol import Absent, Stream, Verdict
from connector.records import Membership, WorklogRecord
from portfolio.model.structure import ProjectRef
from portfolio.model.work import ItemVersion, WorkItem, Worklog
from portfolio.store.engine import reading
from sync.modes import Mode
from tests.sync.builders import NOW, Tracker, item, project, rows
from tests.sync.changing_connector import ChangingConnector


def followed(engine: Engine, *projects: str) -> tuple[Tracker, ChangingConnector]:
    tracker = Tracker(engine)
    made = tracker.connector = ChangingConnector()
    tracker.put(Stream.PROJECTS, *(project(name) for name in projects))
    return tracker, made


def worklog(ident: str, item_id: str) -> WorklogRecord:
    return WorklogRecord(external_id=ident, item_id=item_id, work_date=NOW.date(), seconds=60)


def test_what_is_below_a_changed_subtask_keeps_its_project_in_history(engine: Engine) -> None:
    tracker, made = followed(engine, "P1")
    made.edit(item("1"), item("2", memberships=(), parent_id="1"), item("3", memberships=(), parent_id="2"))
    tracker.sync()
    made.edit(item("2", memberships=(), parent_id="1", title="Renamed"))
    tracker.sync()
    with reading(engine) as store:
        both = select(WorkItem.external_id, WorkItem.project_id, ItemVersion.project_id).join(ItemVersion)
        found = {ident: (now, then) for ident, now, then in store.execute(both)}
    (project_id, _) = found["1"]
    assert found == dict.fromkeys("123", (project_id, project_id))


def test_worklogs_of_an_item_out_of_sight_come_back_with_it(engine: Engine) -> None:
    """A tracker does not list them meanwhile, and does not tell of them afterwards: nothing changed them."""
    tracker, made = followed(engine, "P1")
    made.edit(item("1"), item("2"))
    tracker.put(Stream.WORKLOGS, worklog("w1", "1"), worklog("w2", "2"))
    tracker.sync()
    made.remove("1")
    made.content[Stream.WORKLOGS][""] = [one for one in made.content[Stream.WORKLOGS][""] if one.external_id == "w2"]
    assert tracker.sync(mode=Mode.FULL).streams["items"].retired == 1
    made.edit(item("1"))
    tracker.sync(mode=Mode.CENSUS)
    assert rows(engine, Worklog, "external_id") == [("w1",), ("w2",)]


def test_a_worklog_that_is_not_listed_beside_its_item_is_gone(engine: Engine) -> None:
    tracker, made = followed(engine, "P1")
    made.edit(item("1"))
    tracker.put(Stream.WORKLOGS, worklog("w1", "1"), worklog("w2", "1"))
    tracker.sync()
    made.content[Stream.WORKLOGS][""].pop()
    tracker.sync(mode=Mode.FULL)
    # It may have been changed just now: then the tracker does not list it for a minute.
    assert rows(engine, Worklog, "external_id") == [("w1",), ("w2",)]
    tracker.now += timedelta(minutes=2)
    tracker.sync()
    assert rows(engine, Worklog, "external_id") == [("w1",)]


def test_a_worklog_that_is_listed_again_was_only_changed(engine: Engine) -> None:
    tracker, made = followed(engine, "P1")
    made.edit(item("1"))
    tracker.put(Stream.WORKLOGS, worklog("w1", "1"))
    tracker.sync()
    changed = made.content[Stream.WORKLOGS][""].pop()
    tracker.sync(mode=Mode.FULL)
    made.content[Stream.WORKLOGS][""].append(changed)
    made.edits += 1
    made.changed["w1"] = made.edits
    tracker.now += timedelta(minutes=2)
    tracker.sync()
    assert rows(engine, Worklog, "external_id") == [("w1",)]


def test_worklogs_of_a_project_that_comes_into_sight_are_read(engine: Engine) -> None:
    tracker, made = followed(engine, "P1")
    made.edit(item("1"))
    tracker.put(Stream.WORKLOGS, worklog("w1", "1"))
    tracker.sync()
    tracker.put(Stream.PROJECTS, project("P2"))
    made.edit(item("2", memberships=(Membership("P2"),)), slice="P2")
    tracker.put(Stream.WORKLOGS, worklog("w2", "2"))
    tracker.sync()
    assert rows(engine, Worklog, "external_id") == [("w1",), ("w2",)]


def test_items_of_an_archived_project_go_when_it_goes_out_of_sight(engine: Engine) -> None:
    tracker, made = followed(engine, "P1")
    tracker.put(Stream.PROJECTS, project("P2", archived=True))
    made.edit(item("1"))
    made.edit(item("2", memberships=(Membership("P2"),)), slice="P2")
    tracker.sync()
    made.remove("2")
    made.content[Stream.PROJECTS][""].pop()
    made.content[Stream.ITEMS].pop("P2")
    tracker.sync(mode=Mode.CENSUS)
    tracker.sync(mode=Mode.CENSUS)
    gone = dict(rows(engine, WorkItem, "external_id", "gone"))
    assert gone == {"1": None, "2": "access_lost"}


def test_an_item_whose_project_goes_out_of_sight_counts_to_its_next_one(engine: Engine) -> None:
    """To the tracker that is no change of the item."""
    tracker, made = followed(engine, "P1", "P2")
    made.edit(item("1"), item("2", memberships=(Membership("P1"), Membership("P2"))))
    tracker.sync()
    both = made.content[Stream.ITEMS]
    before = made.changed["2"]
    made.edit(item("2", memberships=(Membership("P2"),)), slice="P2")
    made.changed["2"] = before
    both["P1"][:] = [one for one in both["P1"] if one.external_id == "1"]
    tracker.sync(mode=Mode.CENSUS)
    keys = select(WorkItem.external_id, ProjectRef.external_id).join(
        ProjectRef, ProjectRef.project_id == WorkItem.project_id
    )
    with reading(engine) as store:
        assert dict(store.execute(keys).all()) == {"1": "P1", "2": "P2"}


def test_an_item_that_is_named_stays_with_its_archived_project(engine: Engine) -> None:
    """The others of the project stay as well: no search finds them, so nobody asks after them."""
    tracker, made = followed(engine, "P1", "P2")
    made.edit(item("1"))
    made.edit(item("2", memberships=(Membership("P2"),)), slice="P2")
    tracker.sync()
    made.content[Stream.ITEMS].pop("P2")
    made.verdicts["2"] = Absent("2", Verdict.ARCHIVED, "Its project is archived")
    tracker.sync(mode=Mode.NAMED, ids=["2"])
    assert rows(engine, WorkItem, "external_id", "gone") == [("1", None), ("2", None)]
