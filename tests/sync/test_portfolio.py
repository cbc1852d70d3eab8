"""What a sync makes of records: people, structure, relations, milestones; and mapping again without the tracker."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import msgspec
import pytest
from sqlalchemy import Engine, insert, update

from connector.protocol import Stream
from connector.records import (
    AllocationRecord,
    Change,
    ChangedField,
    ChangesRecord,
    GoalRecord,
    LinkRecord,
    Membership,
    MilestoneRecord,
    PortfolioRecord,
    SprintRecord,
    StatusUpdateRecord,
    TeamRecord,
    TimeOffRecord,
    WorklogRecord,
)
from portfolio.audit.entry import COMMAND
from portfolio.facts.milestones import milestones
from portfolio.model.base import EVER, FAR
from portfolio.model.landing import MappingProfile, Quarantine, UnmappedValue
from portfolio.model.people import Allocation, Person, PersonIdentity, TeamMember, TimeOff
from portfolio.model.structure import Objective, ObjectiveProject, Portfolio, Program, Project, StatusUpdate
from portfolio.model.work import (
    Dependency,
    FieldChange,
    ItemAssignee,
    ItemProject,
    ItemSprint,
    ItemVersion,
    Milestone,
    MilestoneVersion,
    WorkItem,
    Worklog,
)
from portfolio.store.engine import reading, writing
from sync.mapping.document import Rules
from sync.mapping.profile import StatusRule
from sync.overlay import report_colour
from sync.people import email_hash
from tests.sync.builders import NOW, Tracker, all_say, at, item, person, project, rows
from tests.sync.fake_connector import raw

DAY = NOW.date()


class TestPeople:
    def test_the_same_address_is_one_person_over_trackers(
        self, tracker: Tracker, trackers: Callable[[str], Tracker]
    ) -> None:
        other = trackers("two")
        tracker.put(Stream.PEOPLE, person("a", name="Ada Example", email="Ada@Example.invalid ")).sync()
        other.put(Stream.PEOPLE, person("9", name="A. Example", email="ada@example.invalid")).sync()
        assert rows(tracker.engine, Person, "name", "email_hash") == [
            ("Ada Example", email_hash("ada@example.invalid"))
        ]
        assert len({who for (who,) in rows(tracker.engine, PersonIdentity, "person_id")}) == 1

    def test_the_same_name_is_not(self, tracker: Tracker, trackers: Callable[[str], Tracker]) -> None:
        tracker.put(Stream.PEOPLE, person("a", name="Ada Example"), person("b", name="Ada Example")).sync()
        trackers("two").put(Stream.PEOPLE, person("a", name="Ada Example", email="ada@example.invalid")).sync()
        assert len(rows(tracker.engine, Person)) == 3

    def test_bots_have_no_person(self, tracker: Tracker) -> None:
        tracker.put(Stream.PEOPLE, person("bot", human=False, email="bot@example.invalid")).sync()
        assert rows(tracker.engine, PersonIdentity, "human", "person_id") == [(False, None)]
        assert rows(tracker.engine, Person) == []

    def test_accounts_seen_only_inside_items_are_known_and_not_listed(self, tracker: Tracker) -> None:
        gone = person("gone", name="Left Long Ago", active=False)
        change = Change(
            at=at("2026-01-10"), field=ChangedField.ASSIGNEE, old="former", old_text="Former One", new="gone"
        )
        told = ChangesRecord(item_id="1", changes=(change,))
        tracker.put(Stream.ITEMS, item("1", assignee_id="gone", people=(gone,)), raw(Stream.CHANGES, told)).sync()
        known = rows(tracker.engine, PersonIdentity, "external_id", "name", "listed", "active")
        assert sorted(known) == [("former", "Former One", False, True), ("gone", "Left Long Ago", False, False)]
        names = dict(rows(tracker.engine, Person, "id", "name"))
        assert [names[who] for (who,) in rows(tracker.engine, ItemVersion, "assignee_id")] == [
            "Former One",
            "Left Long Ago",
        ]
        tracker.put(Stream.PEOPLE, gone).sync()
        assert dict(rows(tracker.engine, PersonIdentity, "external_id", "listed"))["gone"] is True

    def test_an_address_that_shows_up_later_joins_two_persons(
        self, tracker: Tracker, trackers: Callable[[str], Tracker]
    ) -> None:
        other = trackers("two")
        other.put(Stream.PEOPLE, person("9", email="ada@example.invalid")).sync()
        tracker.put(Stream.PEOPLE, person("a"), person("b"))
        tracker.put(Stream.ITEMS, item("1", assignee_id="a", co_assignee_ids=("b",))).sync()
        assert len(rows(tracker.engine, Person)) == 3
        tracker.connector.replace(Stream.PEOPLE, person("a", email="ada@example.invalid"))
        tracker.sync()
        [keeper] = [i for i, found in rows(tracker.engine, Person, "id", "email_hash") if found]
        assert len(rows(tracker.engine, Person)) == 2
        assert rows(tracker.engine, WorkItem, "assignee_id") == [(keeper,)]
        assert rows(tracker.engine, ItemVersion, "assignee_id") == [(keeper,)]
        assert keeper not in [who for (who,) in rows(tracker.engine, ItemAssignee, "person_id")]

    def test_a_person_is_active_while_any_account_is(
        self, tracker: Tracker, trackers: Callable[[str], Tracker]
    ) -> None:
        other = trackers("two").put(Stream.PEOPLE, person("9", email="ada@example.invalid"))
        tracker.put(Stream.PEOPLE, person("a", email="ada@example.invalid", active=False)).sync()
        assert rows(tracker.engine, Person, "active") == [(False,)]
        other.sync()
        assert rows(tracker.engine, Person, "active") == [(True,)]


class TestStructure:
    def test_a_project_taken_out_of_its_category_loses_its_place(self, tracker: Tracker) -> None:
        tracker.connector.replace(Stream.PROJECTS, project(grouping="Growth / Shops"))
        tracker.put(Stream.PROJECTS, project("P2", grouping="Growth / Shops"), project("P3", grouping="Shops"))
        tracker.put(Stream.ITEMS).sync()
        assert set(rows(tracker.engine, Project, "portfolio_id", "program_id")) == {(1, 1)}
        with writing(tracker.engine) as store:
            other = store.execute(
                insert(Portfolio).values(code="OWN", name="By hand").returning(Portfolio.id)
            ).scalar_one()
            store.execute(update(Project).where(Project.id == 2).values(portfolio_id=other, program_id=None))
        tracker.connector.replace(Stream.PROJECTS, project(), project("P2"), project("P3"))
        tracker.sync()
        places = rows(tracker.engine, Project, "portfolio_id", "program_id")
        assert places == [(None, None), (other, None), (None, None)]

    def test_a_project_taken_out_of_its_portfolio_loses_its_place(self, tracker: Tracker) -> None:
        group = PortfolioRecord(external_id="1", name="Growth", project_ids=("P1", "P2"))
        tracker.put(Stream.PROJECTS, project("P2")).put(Stream.PORTFOLIOS, group).put(Stream.ITEMS).sync()
        tracker.connector.replace(Stream.PORTFOLIOS, msgspec.structs.replace(group, project_ids=("P1",)))
        tracker.sync()
        assert rows(tracker.engine, Project, "portfolio_id") == [(1,), (None,)]
        tracker.connector.replace(Stream.PORTFOLIOS, msgspec.structs.replace(group, project_ids=()))
        tracker.sync()
        assert rows(tracker.engine, Project, "portfolio_id") == [(None,), (None,)]

    def test_categories_and_nested_portfolios_meet_by_name(
        self, tracker: Tracker, trackers: Callable[[str], Tracker]
    ) -> None:
        tracker.connector.replace(Stream.PROJECTS, project(grouping="Growth / Shops"))
        tracker.put(Stream.PROJECTS, project("P2", grouping="Loose Ends"), project("P3")).put(Stream.ITEMS).sync()
        other = trackers("two")
        other.put(Stream.PROJECTS, project("77", key="77", name="Brand new shops", grouping="A team"))
        other.put(
            Stream.PORTFOLIOS,
            PortfolioRecord(external_id="1", name="GROWTH ", portfolio_ids=("2",)),
            PortfolioRecord(external_id="2", name="shops", project_ids=("77",)),
        )
        other.put(Stream.ITEMS).sync()
        assert rows(tracker.engine, Portfolio, "code", "name") == [("GROWTH", "Growth")]
        assert rows(tracker.engine, Program, "name", "portfolio_id") == [("Shops", 1), ("Loose Ends", None)]
        assert rows(tracker.engine, Project, "code", "portfolio_id", "program_id") == [
            ("PRJ1", 1, 1),
            ("PRJ2", None, 2),
            ("PRJ3", None, None),
            ("BRAND-NEW-SHOPS", 1, 1),
        ]

    def test_one_key_in_two_trackers_gives_two_codes(
        self, tracker: Tracker, trackers: Callable[[str], Tracker]
    ) -> None:
        tracker.sync()
        trackers("two").put(Stream.PROJECTS, project()).sync()
        assert rows(tracker.engine, Project, "code") == [("PRJ1",), ("PRJ1-2",)]

    def test_a_renamed_project_keeps_its_code(self, tracker: Tracker) -> None:
        tracker.sync()
        tracker.connector.replace(Stream.PROJECTS, project(key="NEW", name="Renamed", archived=True))
        tracker.sync()
        assert rows(tracker.engine, Project, "code", "name", "status") == [("PRJ1", "Renamed", "closed")]

    def test_the_newest_report_is_what_the_project_says(self, tracker: Tracker) -> None:
        def update(ident: str, status: str, when: str, project_id: str = "P1") -> StatusUpdateRecord:
            return StatusUpdateRecord(
                external_id=ident, project_id=project_id, status=status, title="t", created=at(when)
            )

        tracker.put(
            Stream.STATUS_UPDATES,
            update("1", "on_track", "2026-02-01"),
            update("2", "off_track", "2026-02-20"),
            update("3", "at_risk", "2026-02-10"),
            update("4", "at_risk", "2026-02-28", "elsewhere"),
        )
        summary = tracker.sync()
        assert summary.streams["status_updates"].quarantined == 1
        assert rows(tracker.engine, Quarantine, "reason") == [
            ("it belongs to project elsewhere, which this connection does not follow",)
        ]
        assert [rag for (rag,) in rows(tracker.engine, StatusUpdate, "rag")] == ["green", "red", "amber"]
        assert rows(tracker.engine, Project, "reported_rag", "reported_at") == [("red", at("2026-02-20"))]

    def test_a_report_written_here_counts_until_the_tracker_has_a_newer_one(self, tracker: Tracker) -> None:
        tracker.put(Stream.PROJECTS, project(reported="on_track", reported_at=at("2026-02-01"))).sync()
        (project_id,) = (ident for (ident,) in rows(tracker.engine, Project, "id"))
        report_colour(tracker.engine, project_id, "red", "late", at("2026-02-10"), "mia", COMMAND)
        said = []
        for name, status, when in (("A", "on_track", "2026-02-01"), ("B", "at_risk", "2026-02-20")):
            tracker.connector.replace(Stream.PROJECTS, project(name=name, reported=status, reported_at=at(when)))
            tracker.sync()
            said.append(rows(tracker.engine, Project, "name", "reported_rag", "reported_at"))
        assert said == [[("A", "red", at("2026-02-10"))], [("B", "amber", at("2026-02-20"))]]
        assert rows(tracker.engine, StatusUpdate, "rag", "status", "title", "entered_by") == [
            ("red", "off_track", "late", "mia")
        ]


class TestRelations:
    def test_parents_by_id_and_by_key_even_when_they_come_later(self, tracker: Tracker) -> None:
        tracker.connector.page_size = 1
        tracker.put(
            Stream.ITEMS,
            item("1", parent_id="3"),
            item("2", parent_key="ONE-3"),
            item("3"),
            item("4", parent_key="GONE-9"),
            item("5", parent_id="5"),
        )
        tracker.sync()
        found = {row[0]: row[1:] for row in rows(tracker.engine, WorkItem, "external_id", "id", "parent_id", "is_leaf")}
        assert (found["1"][1], found["2"][1]) == (found["3"][0], found["3"][0])
        assert (found["4"][1], found["5"][1]) == (None, None)
        assert {ident: leaf for ident, (_, _, leaf) in found.items() if not leaf} == {"3": False}

    def test_a_heading_below_a_task_does_not_make_it_a_parent(self, tracker: Tracker) -> None:
        heading = {"kind_id": "separator", "kind_name": "Separator", "subtask": True}
        tracker.put(Stream.ITEMS, item("1"), item("2", parent_id="1", **heading)).sync()
        assert rows(tracker.engine, WorkItem, "external_id", "kind", "is_leaf") == [
            ("1", "task", True),
            ("2", "heading", True),
        ]
        tracker.put(Stream.ITEMS, item("3", parent_id="1", updated=at("2026-02-02"))).sync()
        assert dict(rows(tracker.engine, WorkItem, "external_id", "is_leaf")) == {"1": False, "2": True, "3": True}

    def test_a_new_parent_replaces_the_old_and_leaves_follow(self, tracker: Tracker) -> None:
        tracker.put(Stream.ITEMS, item("1", parent_id="2"), item("2"), item("3")).sync()
        tracker.connector.replace(Stream.ITEMS, item("1", parent_id="3"))
        tracker.sync()
        assert dict(rows(tracker.engine, WorkItem, "external_id", "is_leaf")) == {"1": True, "2": True, "3": False}

    def test_an_item_is_no_leaf_from_the_day_the_first_was_hung_on_it_whatever_is_written_anew(
        self, tracker: Tracker
    ) -> None:
        hung = Change(at=at("2026-02-10"), field=ChangedField.PARENT, new="1")
        history = raw(Stream.CHANGES, ChangesRecord(item_id="2", changes=(hung,)))
        tracker.put(Stream.ITEMS, item("1"), item("2", parent_id="1"), history).sync()
        span = (date(2026, 2, 10), FAR)
        assert dict(rows(tracker.engine, WorkItem, "external_id", "parent_since")) == {"1": None, "2": span[0]}
        assert set(rows(tracker.engine, ItemVersion, "parent_from", "parent_to")) == {span, (None, None)}
        tracker.connector.replace(Stream.ITEMS, item("1", title="Renamed", due=date(2026, 5, 5)))
        tracker.sync()
        assert set(rows(tracker.engine, ItemVersion, "parent_from", "parent_to")) == {span, (None, None)}
        tracker.connector.replace(Stream.ITEMS, item("2"))
        tracker.sync()
        assert set(rows(tracker.engine, ItemVersion, "parent_from", "parent_to")) == {(None, None)}

    def test_what_items_name_as_their_epic_is_one_whatever_its_type_is_called(self, tracker: Tracker) -> None:
        began = Change(at=at("2026-01-20"), field=ChangedField.STATUS, old_text="To Do", new_text="In Progress")
        mission = {"kind_id": "9", "kind_name": "Mission", "status_name": "In Progress", "status_id": "2"}
        tracker.put(
            Stream.ITEMS,
            item("1", **mission),
            raw(Stream.CHANGES, ChangesRecord(item_id="1", changes=(began,))),
            item("2", parent_key="ONE-1"),
            item("3", **mission),
            item("4", kind_name="Feature", kind_id="8"),
            item("5", parent_key="ONE-4"),
            item("6"),
            item("7", parent_key="ONE-6", subtask=True),
            item("8"),
            item("9", parent_id="8"),
            item("10", labels=("pmo:story",)),
            item("11", parent_key="ONE-10"),
            item("12", kind_name="Risk", kind_id="7"),
            item("13", parent_key="ONE-12"),
        )
        tracker.sync()
        kinds = {"1": "epic", "3": "other", "4": "epic", "6": "task", "8": "task", "10": "story", "12": "risk"}
        found = dict(rows(tracker.engine, WorkItem, "external_id", "kind"))
        assert {ident: found[ident] for ident in kinds} == kinds
        assert set(found.values()) == {*kinds.values(), "subtask"}
        past = rows(tracker.engine, ItemVersion, "item_id", "valid_from", "kind")
        first = next(ident for ident, key in rows(tracker.engine, WorkItem, "id", "external_id") if key == "1")
        assert [kind for ident, _, kind in past if ident == first] == ["epic", "epic"]
        tracker.connector.replace(Stream.ITEMS, item("1", title="Renamed", **mission))
        tracker.sync()
        assert dict(rows(tracker.engine, WorkItem, "external_id", "kind"))["1"] == "epic"

    def test_an_epic_by_its_children_is_none_when_they_name_another(self, tracker: Tracker) -> None:
        mission = {"kind_id": "9", "kind_name": "Mission"}
        labelled = {"labels": ("pmo:epic",)}
        tracker.put(Stream.ITEMS, item("1", **mission), item("2", parent_key="ONE-1"), item("3"), item("4", **labelled))
        tracker.sync()
        assert dict(rows(tracker.engine, WorkItem, "external_id", "kind")) == {
            "1": "epic",
            "2": "task",
            "3": "task",
            "4": "epic",
        }
        tracker.connector.replace(Stream.ITEMS, item("2", parent_key="ONE-3"))
        tracker.sync()
        kinds = {"1": "other", "2": "task", "3": "epic", "4": "epic"}
        assert dict(rows(tracker.engine, WorkItem, "external_id", "kind")) == kinds
        names = dict(rows(tracker.engine, WorkItem, "id", "external_id"))
        assert {names[ident]: kind for ident, kind in rows(tracker.engine, ItemVersion, "item_id", "kind")} == kinds

    def test_a_sub_task_without_a_project_counts_to_its_parents(self, tracker: Tracker) -> None:
        tracker.put(
            Stream.ITEMS, item("1", memberships=(), parent_id="2"), item("2", memberships=(), parent_id="3"), item("3")
        )
        tracker.sync()
        assert rows(tracker.engine, WorkItem, "project_id") == [(1,), (1,), (1,)]
        assert rows(tracker.engine, ItemVersion, "project_id") == [(1,), (1,), (1,)]
        assert rows(tracker.engine, ItemProject, "item_id", "project_id") == [(1, 1), (2, 1), (3, 1)]

    def test_sub_tasks_follow_when_their_parent_moves(self, tracker: Tracker) -> None:
        tracker.put(Stream.PROJECTS, project("P2"))
        log = WorklogRecord(external_id="1", item_id="1", work_date=DAY, seconds=60)
        tracker.put(
            Stream.ITEMS,
            item("1", memberships=(), parent_id="2"),
            item("2", memberships=(), parent_id="3"),
            item("3"),
            item("4", memberships=(), parent_id="3", milestone=True),
            item("5", parent_id="3"),
        )
        tracker.put(Stream.WORKLOGS, log, msgspec.structs.replace(log, external_id="2", project_id="P1")).sync()
        tracker.connector.replace(Stream.ITEMS, item("3", memberships=(Membership("P2"),)))
        tracker.sync()
        assert [p for (p,) in rows(tracker.engine, WorkItem, "project_id")] == [2, 2, 2, 2, 1]
        assert dict(rows(tracker.engine, ItemVersion, "item_id", "project_id")) == {1: 2, 2: 2, 3: 2, 4: 2, 5: 1}
        assert rows(tracker.engine, ItemProject, "item_id", "project_id") == [(1, 2), (2, 2), (3, 2), (4, 2), (5, 1)]
        assert rows(tracker.engine, Milestone, "project_id") == [(2,)]
        assert rows(tracker.engine, Worklog, "external_id", "project_id") == [("1", 2), ("2", 1)]
        tracker.connector.replace(Stream.ITEMS, item("3", memberships=()))
        tracker.sync()
        assert [p for (p,) in rows(tracker.engine, WorkItem, "project_id")] == [None, None, None, None, 1]
        assert rows(tracker.engine, ItemProject, "item_id") == [(5,)]

    def test_a_sub_tasks_time_in_a_project_of_its_own_stays_there(self, tracker: Tracker) -> None:
        tracker.put(Stream.PROJECTS, project("P2"), project("P3"))
        left = Change(at=at("2026-01-20"), field=ChangedField.PROJECT, old="P3")
        told = ChangesRecord(item_id="1", changes=(left,))
        tracker.put(Stream.ITEMS, item("1", memberships=(), parent_id="2"), raw(Stream.CHANGES, told), item("2")).sync()
        tracker.connector.replace(Stream.ITEMS, item("2", memberships=(Membership("P2"),)))
        tracker.sync()
        assert rows(tracker.engine, ItemVersion, "item_id", "project_id") == [(1, 3), (1, 2), (2, 2)]

    def test_an_item_in_several_projects_counts_to_the_first_followed(self, tracker: Tracker) -> None:
        tracker.put(Stream.PROJECTS, project("P2"))
        shown = (Membership("P9", None, None), Membership("P2", "s", "Doing"), Membership("P1"), Membership("P2"))
        tracker.put(Stream.ITEMS, item("1", memberships=shown)).sync()
        assert rows(tracker.engine, ItemProject, "project_id", "section", "is_primary") == [
            (1, None, False),
            (2, "Doing", True),
        ]

    def test_a_link_seen_from_both_ends_is_one_and_can_go(self, tracker: Tracker) -> None:
        def link(ident: str, other: str, phrase: str) -> LinkRecord:
            outward = phrase == "blocks"
            return LinkRecord(external_id=ident, type_name="Blocks", phrase=phrase, outward=outward, other_id=other)

        tracker.put(
            Stream.ITEMS,
            item("1", links=(link("7", "2", "blocks"), link("8", "far away", "blocks"))),
            item("2", links=(link("7", "1", "is blocked by"),)),
        )
        tracker.sync()
        columns = ("external_id", "type", "from_item_id", "to_item_id", "to_external_id")
        assert sorted(rows(tracker.engine, Dependency, *columns)) == [
            ("7", "FS", 1, 2, "2"),
            ("8", "FS", 1, None, "far away"),
        ]
        tracker.connector.replace(Stream.ITEMS, item("1", links=(link("8", "far away", "blocks"),)), item("2"))
        tracker.sync()
        assert [row[0] for row in rows(tracker.engine, Dependency, "external_id")] == ["8"]

    def test_old_trackers_name_the_other_end_by_key(self, tracker: Tracker) -> None:
        link = LinkRecord(
            external_id="7", type_name="Blocks", phrase="blocks", outward=True, other_id="", other_key="ONE-2"
        )
        tracker.put(Stream.ITEMS, item("1", links=(link,)), item("2")).sync()
        assert rows(tracker.engine, Dependency, "from_item_id", "to_item_id") == [(1, 2)]

    def test_worklogs_find_item_project_and_person(self, tracker: Tracker) -> None:
        def log(ident: str, item_id: str | None) -> WorklogRecord:
            return WorklogRecord(external_id=ident, item_id=item_id, person_id="a", work_date=DAY, seconds=3600)

        tracker.put(Stream.PEOPLE, person("a"))
        tracker.put(Stream.ITEMS, item("1"), slice="P1")
        tracker.put(Stream.WORKLOGS, log("1", "1"), log("2", "2"), log("3", None)).sync()
        assert rows(tracker.engine, Worklog, "external_id", "item_id", "project_id", "person_id") == [
            ("1", 1, 1, 1),
            ("2", None, None, 1),
            ("3", None, None, 1),
        ]
        tracker.put(Stream.ITEMS, item("2"), slice="P1").sync()
        assert rows(tracker.engine, Worklog, "item_id", "project_id") == [(1, 1), (2, 1), (None, None)]

    def test_what_was_spent_stays_where_it_was_spent(self, tracker: Tracker) -> None:
        def log(ident: str, day: date) -> WorklogRecord:
            return WorklogRecord(external_id=ident, item_id="1", work_date=day, seconds=3600)

        moved = Change(at=at("2026-02-20"), field=ChangedField.PROJECT, old="P1", new="P2")
        later = log("2", date(2026, 2, 21))
        tracker.put(Stream.PROJECTS, project("P2"))
        tracker.put(Stream.ITEMS, item("1", created=at("2026-01-05")))
        tracker.put(Stream.WORKLOGS, log("1", date(2026, 2, 1)), later).sync()
        told = lambda: rows(tracker.engine, Worklog, "external_id", "project_id")  # noqa: E731
        assert told() == [("1", 1), ("2", 1)]
        tracker.connector.replace(Stream.ITEMS, item("1", created=at("2026-01-05"), memberships=(Membership("P2"),)))
        tracker.put(Stream.ITEMS, raw(Stream.CHANGES, ChangesRecord(item_id="1", changes=(moved,)))).sync()
        assert told() == [("1", 1), ("2", 2)]
        tracker.put(Stream.WORKLOGS, log("3", date(2026, 2, 2))).sync()
        assert told() == [("1", 1), ("2", 2), ("3", 1)]

    def test_a_worklog_beyond_reason_waits_with_the_reason(self, tracker: Tracker) -> None:
        log = WorklogRecord(external_id="1", item_id="1", work_date=DAY, seconds=2**60)
        tracker.put(Stream.ITEMS, item("1")).put(
            Stream.WORKLOGS, log, msgspec.structs.replace(log, external_id="2", seconds=2**40)
        )
        assert tracker.sync().streams["worklogs"].quarantined == 1
        assert rows(tracker.engine, Worklog, "external_id", "seconds") == [("2", 2**40)]
        assert rows(tracker.engine, Quarantine, "reason") == [(f"an effort of {2**60} seconds is beyond reason",)]

    def test_who_is_in_a_team_is_kept_by_the_days_of_the_syncs(self, tracker: Tracker) -> None:
        def team(*members: str) -> TeamRecord:
            return TeamRecord(external_id="t", name="Team", member_ids=members)

        def members() -> set[tuple[object, ...]]:
            known = {who: name for name, who in rows(tracker.engine, PersonIdentity, "external_id", "person_id")}
            told = rows(tracker.engine, TeamMember, "person_id", "valid_from", "valid_to")
            return {(known[who], *days) for who, *days in told}

        tracker.put(Stream.PEOPLE, person("a"), person("b"))
        tracker.put(Stream.TEAMS, team("a")).sync()
        assert members() == {("a", EVER, FAR)}
        days = []
        for later in (team("a", "b"), team("b"), None):
            tracker.now += timedelta(days=10)
            days.append(tracker.now.date())
            other = TeamRecord(external_id="u", name="Other", member_ids=())
            told = [raw(Stream.TEAMS, each) for each in (other, later) if each]
            tracker.connector.content[Stream.TEAMS][""] = told
            tracker.sync(most_retired=1.0)
        assert members() == {("a", EVER, days[1]), ("b", days[0], days[2])}
        tracker.now += timedelta(days=10)
        tracker.put(Stream.TEAMS, team("a")).sync()
        assert members() == {("a", EVER, days[1]), ("a", tracker.now.date(), FAR), ("b", days[0], days[2])}

    def test_sprints_teams_goals_bookings_and_absences(self, tracker: Tracker) -> None:
        tracker.put(Stream.PEOPLE, person("a"), person("bot", human=False))
        tracker.put(Stream.TEAMS, TeamRecord(external_id="t", name="Team", member_ids=("a", "bot", "stranger")))
        tracker.put(Stream.SPRINTS, SprintRecord(external_id="s", name="Sprint 1", state="ACTIVE"))
        tracker.put(Stream.GOALS, GoalRecord(external_id="g", name="Goal", project_ids=("P1", "elsewhere")))
        booked = AllocationRecord(external_id="1", project_id="P1", person_id="a", start=DAY, end=DAY, percent=50)
        tracker.put(
            Stream.ALLOCATIONS, booked, msgspec.structs.replace(booked, external_id="2", end=DAY - timedelta(days=1))
        )
        away = TimeOffRecord(external_id="1", person_id="a", start=DAY, end=DAY)
        tracker.put(Stream.TIME_OFF, away, msgspec.structs.replace(away, external_id="2", person_id="stranger"))
        tracker.put(Stream.ITEMS, item("1", sprint_ids=("s", "unseen"))).sync()
        assert rows(tracker.engine, TeamMember, "team_id", "person_id") == [(1, 1)]
        assert rows(tracker.engine, ItemSprint) == [(1, 1)]
        assert (len(rows(tracker.engine, Objective)), rows(tracker.engine, ObjectiveProject, "strength")) == (1, [(1,)])
        assert (len(rows(tracker.engine, Allocation)), len(rows(tracker.engine, TimeOff))) == (1, 1)
        assert len(rows(tracker.engine, Quarantine)) == 2


class TestMilestones:
    def test_when_a_version_was_due_is_kept_from_the_day_it_is_first_read(self, tracker: Tracker) -> None:
        def told(due: date) -> MilestoneRecord:
            return MilestoneRecord(external_id="1", name="Release 1", project_id="P1", due=due)

        first, second, today = date(2026, 4, 1), date(2026, 5, 1), tracker.now.date()
        tracker.put(Stream.MILESTONES, told(first)).sync()
        tracker.now += timedelta(days=10)
        tracker.sync()
        tracker.connector.replace(Stream.MILESTONES, told(second))
        tracker.sync()
        later = today + timedelta(days=10)
        assert rows(tracker.engine, MilestoneVersion, "valid_from", "valid_to", "due") == [
            (today, later, first),
            (later, FAR, second),
        ]
        with reading(tracker.engine) as store:
            due = [milestones(store, today + timedelta(days=days)) for days in (-90, 0, 9, 10)]
        assert [dates.due for found in due for [dates] in found.values()] == [first, first, first, second]

    def test_baseline_is_the_first_due_date_and_stays(self, tracker: Tracker) -> None:
        version = MilestoneRecord(external_id="1", name="Release 1", project_id="P1", due=at("2026-04-01").date())
        moved = Change(at=at("2026-01-20"), field=ChangedField.DUE, old="2026-03-01", new="2026-03-20")
        mark = item("1", milestone=True, due=at("2026-03-20").date())
        tracker.put(Stream.MILESTONES, version)
        tracker.put(Stream.ITEMS, mark, raw(Stream.CHANGES, ChangesRecord(item_id="1", changes=(moved,)))).sync()
        tracker.connector.replace(
            Stream.MILESTONES, msgspec.structs.replace(version, due=at("2026-05-01").date(), released=True)
        )
        tracker.connector.replace(Stream.ITEMS, msgspec.structs.replace(mark, due=at("2026-06-01").date()))
        tracker.sync()
        found = rows(tracker.engine, Milestone, "external_id", "item_id", "baseline", "due", "finished_on")
        assert [(i, n, *(d and d.isoformat() for d in days)) for i, n, *days in found] == [
            ("1", None, "2026-04-01", "2026-05-01", "2026-05-01"),
            ("item:1", 1, "2026-03-01", "2026-06-01", None),
        ]

    def test_a_version_released_before_it_was_first_seen_has_no_baseline(self, tracker: Tracker) -> None:
        # The date of a released version is the day it was released, not the one that was promised.
        told = {"name": "Release", "project_id": "P1", "due": at("2026-02-02").date()}
        done = MilestoneRecord(external_id="1", released=True, **told)
        tracker.put(Stream.MILESTONES, done, MilestoneRecord(external_id="2", **told)).sync()
        tracker.connector.replace(Stream.MILESTONES, msgspec.structs.replace(done, name="Release 1"))
        tracker.sync()
        day = at("2026-02-02").date()
        assert rows(tracker.engine, Milestone, "name", "baseline", "due", "finished_on") == [
            ("Release 1", None, day, day),
            ("Release", day, day, None),
        ]

    def test_an_item_that_is_no_milestone_any_more(self, tracker: Tracker) -> None:
        tracker.put(Stream.ITEMS, item("1", milestone=True)).sync()
        assert len(rows(tracker.engine, Milestone)) == 1
        tracker.connector.replace(Stream.ITEMS, item("1"))
        tracker.sync()
        assert rows(tracker.engine, Milestone) == []


def test_text_no_database_takes_is_cleaned(tracker: Tracker) -> None:
    odd = item("1", title="a\x00b", labels=("x\x00",), status_id=None, status_name="odd\x00status", assignee_id="n",
               people=(person("n", name="N\x00ame"),))  # fmt: skip
    tracker.put(Stream.ITEMS, odd).sync()
    assert rows(tracker.engine, WorkItem, "title", "labels", "status") == [("ab", "x", "oddstatus")]
    assert rows(tracker.engine, PersonIdentity, "name") == [("Name",)]


def test_another_profile_maps_again_without_the_tracker(tracker: Tracker, engine: Engine) -> None:
    moved = Change(at=at("2026-01-10"), field=ChangedField.STATUS, old_text="To Do", new_text="Pondering")
    due = Change(at=at("2026-01-11"), field=ChangedField.DUE, new="2026-02-01")
    told = ChangesRecord(item_id="1", changes=(moved, due))
    pondering = item("1", status_id=None, status_name="Pondering", due=at("2026-02-01").date())
    tracker.put(Stream.ITEMS, pondering, raw(Stream.CHANGES, told), item("2")).sync()
    assert rows(engine, UnmappedValue, "subject", "value", "items") == [("status", "Pondering", 1)]
    before = rows(engine, FieldChange)
    number = all_say(engine, Rules(statuses={"pondering ": StatusRule("in_progress", "wait")}))
    assert tracker.sync().streams["items"].unchanged == 2
    assert rows(engine, MappingProfile, "version", "mapping_number") == [(1, None), (2, number)]
    assert rows(engine, WorkItem, "category", "flow", "profile_version") == [
        ("in_progress", "wait", 2),
        ("todo", "active", 2),
    ]
    assert rows(engine, WorkItem, "started_on")[0] == (at("2026-01-10").date(),)
    assert rows(engine, UnmappedValue) == []
    assert rows(engine, FieldChange) == before
    assert tracker.sync().streams["items"].unchanged == 2
    assert rows(engine, WorkItem, "profile_version") == [(2,), (2,)]


@pytest.mark.parametrize("threads", [1, 4])
def test_slices_are_read_side_by_side_and_all_arrive(tracker: Tracker, threads: int) -> None:
    for number in range(12):
        tracker.put(Stream.ITEMS, *(item(f"{number}-{n}") for n in range(5)), slice=f"P{number}")
    assert tracker.sync(threads=threads).streams["items"].created == 60
    assert len(rows(tracker.engine, WorkItem)) == 60
