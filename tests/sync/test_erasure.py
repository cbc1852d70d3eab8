"""Erasing a person: nothing of the name is left, no figure moves, and no sync brings it back. On every tracker."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
import zstandard
from sqlalchemy import Engine, func, insert, select, update

from connector.registry import open_connector
from connector.settings import ConnectionSettings, Secret, SignIn
from portfolio.audit.entry import COMMAND, Actor, ActorKind
from portfolio.audit.verify import verify
from portfolio.bookings.asking import Action, Side
from portfolio.bookings.requests import Deed, act
from portfolio.capacity.skills import tell_skill
from portfolio.figures.rollup import roll_up
from portfolio.model.access import ApiToken, AuditEntry, User
from portfolio.model.base import Base
from portfolio.model.landing import Connection, Hold, RawRecord, RunRequest
from portfolio.model.mapping import MappingPreview, MappingVersion
from portfolio.model.oversight import KpiValue, SyncRun
from portfolio.model.people import Erasure, Person, PersonIdentity
from portfolio.model.resources import PersonSkill, PlannedLoad, RequestStep
from portfolio.model.structure import Project
from portfolio.model.work import WorkItem
from portfolio.overlay.enter import enter
from portfolio.scenario.kept import make
from portfolio.scenario.operations import Reassign
from portfolio.store.engine import reading, writing
from simulator.company.build import build_company
from simulator.serve import Simulator
from sync.connections import add_connection
from sync.disclosure import disclose
from sync.erasure import erase, find_person, find_persons
from sync.errors import BusyError, UnknownPersonError
from sync.identities.deciding import Pair, reject
from sync.jobs.clean import clean
from sync.modes import Mode
from sync.run.lease import Lease
from sync.run.pipeline import sync_connection
from sync.run.runs import RunSummary
from tests.loopback import LOOPBACK
from tests.once import Once
from tests.webapp.builders import Rows

NOW = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    company = build_company(seed=7, today=NOW.date(), scale=0.02)
    with Simulator(jira_cloud=company.cloud, jira_datacenter=company.datacenter, asana=company.workspace) as simulator:
        yield simulator


class Stage:
    """The simulated trackers in one database."""

    def __init__(self, engine: Engine, simulator: Simulator) -> None:
        self.engine = engine
        self.settings = {}
        for name, address in simulator.addresses.items():
            cloud = name == "jira_cloud"
            settings = ConnectionSettings(
                tracker=name.partition("_")[0],
                address=address,
                sign_in=SignIn.CLOUD_TOKEN if cloud else SignIn.PERSONAL_TOKEN,
                account="pmo@example.invalid" if cloud else "",
            )
            self.settings[add_connection(engine, name, settings, "store", NOW, COMMAND)] = settings

    def sync(self, mode: Mode = Mode.FULL) -> list[RunSummary]:
        summaries = []
        for ident, settings in self.settings.items():
            connector = open_connector(settings, Secret("simulated-token"), outbound=LOOPBACK)
            try:
                summaries.append(sync_connection(self.engine, ident, connector, clock=lambda: NOW, mode=mode))
            finally:
                connector.close()
        assert all(summary.state in ("done", "partial") for summary in summaries)
        return summaries

    def figures(self) -> list[tuple[Any, ...]]:
        """Every reading and how many items each person has."""
        columns = [
            KpiValue.__table__.c[name] for name in ("scope_type", "scope_id", "kpi", "as_of", "value", "n", "rag")
        ]
        items = select(WorkItem.assignee_id, func.count()).group_by(WorkItem.assignee_id)
        with reading(self.engine) as store:
            found = [tuple(row) for row in store.execute(select(*columns).order_by(*columns[:4]))]
            return found + sorted((tuple(row) for row in store.execute(items)), key=repr)

    def everything(self) -> str:
        """All that is kept, payloads unpacked, as one text."""
        expand = zstandard.ZstdDecompressor().decompress
        parts = []
        with reading(self.engine) as store:
            for table in Base.metadata.sorted_tables:
                for row in store.execute(select(table)):
                    for column, value in row._mapping.items():
                        packed = isinstance(value, bytes) and column == "payload"
                        parts.append(str(msgspec.json.decode(expand(value))) if packed else str(value))
        return "\n".join(parts)

    def busiest(self) -> list[int]:
        """Of each connection the person with most items in it. Some are known to two trackers."""
        found = []
        with reading(self.engine) as store:
            for ident in self.settings:
                theirs = select(PersonIdentity.person_id).where(PersonIdentity.connection_id == ident)
                own = (WorkItem.connection_id == ident, WorkItem.assignee_id.in_(theirs))
                most = select(WorkItem.assignee_id).where(*own).group_by(WorkItem.assignee_id)
                found.append(store.scalars(most.order_by(func.count().desc(), WorkItem.assignee_id)).first())
        return [person_id for person_id in dict.fromkeys(found) if person_id is not None]

    def known_of(self, persons: list[int]) -> set[str]:
        """The names and addresses of persons, as their accounts and their payloads tell them."""
        expand = zstandard.ZstdDecompressor().decompress
        identity, raw = PersonIdentity, RawRecord
        with reading(self.engine) as store:
            names = set(store.scalars(select(identity.name).where(identity.person_id.in_(persons))))
            bodies = store.scalars(
                select(raw.payload)
                .join(
                    identity,
                    (identity.connection_id == raw.connection_id) & (identity.external_id == raw.external_id),
                )
                .where(raw.stream == "people", identity.person_id.in_(persons))
            ).all()
        documents = [msgspec.json.decode(expand(bytes(body))) for body in bodies]
        return names | {found for it in documents if (found := it.get("emailAddress") or it.get("email"))}


@pytest.fixture
def stage(engine: Engine, simulator: Simulator, once: Once) -> Stage:
    return once(engine, _synced, simulator)


def _synced(engine: Engine, simulator: Simulator) -> Stage:
    made = Stage(engine, simulator)
    made.sync()
    return made


def left(stage: Stage, known: set[str]) -> list[str]:
    kept = stage.everything()
    return sorted(text for text in known if text in kept)


def test_nothing_of_the_name_is_left_and_no_figure_moves(stage: Stage) -> None:
    persons = stage.busiest()
    known = stage.known_of(persons)
    assert len(persons) >= 2
    assert any("@" in text for text in known)
    assert left(stage, known) == sorted(known)
    before = stage.figures()
    for person_id in persons:
        erase(stage.engine, person_id, "asked for it", NOW, COMMAND)
    assert clean(stage.engine, NOW) > 3
    assert left(stage, known) == []
    assert stage.figures() == before
    with reading(stage.engine) as store:
        assert verify(store).broken_at is None

    # The trackers still tell the names; what they tell is not new, and is not kept.
    for mode in (Mode.FULL, Mode.CENSUS, Mode.FULL):
        for summary in stage.sync(mode):
            assert [it for it in summary.streams.values() if it.created or it.updated or it.quarantined] == []
    assert left(stage, known) == []
    assert stage.figures() == before
    for person_id in persons:
        assert find_person(stage.engine, person_id)[1:3] == (f"Person {person_id}", False)
    assert clean(stage.engine, NOW) == 0


def test_what_changes_at_the_tracker_comes_without_the_name(stage: Stage) -> None:
    persons = stage.busiest()
    known = stage.known_of(persons)
    for person_id in persons:
        erase(stage.engine, person_id, "asked for it", NOW, COMMAND)
    clean(stage.engine, NOW)
    with writing(stage.engine) as store:
        # Who is erased works here no more: figures of all persons tell so from the next roll-up on.
        roll_up(store, as_of=NOW.date(), now=NOW)
    before = stage.figures()
    with writing(stage.engine) as store:
        # As if every record that the trackers have were another than the one that is kept.
        store.execute(RawRecord.__table__.update().values(hash=b"0" * 16))
    first = stage.sync()
    assert sum(it.updated for summary in first for it in summary.streams.values()) > 100
    assert left(stage, known) == []
    assert stage.figures() == before
    for summary in stage.sync():
        assert [it for it in summary.streams.values() if it.created or it.updated] == []


def test_an_account_here_is_closed_and_its_name_goes_from_what_it_did(engine: Engine) -> None:
    with writing(engine) as store:
        person_id = store.execute(
            insert(Person).values(name="Mia Example", active=True).returning(Person.id)
        ).scalar_one()
        about = {"created_at": NOW, "active": True, "session_epoch": 3, "totp_step": 0, "password_hash": "hash"}
        user = insert(User).values(name="mia", origin="oidc", subject="mia@idp", person_id=person_id, **about)
        user_id = store.execute(user.returning(User.id)).scalar_one()
        token = {"token_hash": "x", "permits": "", "created_at": NOW, "expires_at": NOW}
        store.execute(insert(ApiToken).values(user_id=user_id, name="mia's laptop", **token))
    ident = add_connection(
        engine,
        "Jira",
        ConnectionSettings(tracker="jira", address="https://jira.invalid", sign_in=SignIn.PERSONAL_TOKEN),
        "store",
        NOW,
        COMMAND,
    )
    with writing(engine) as store:
        store.execute(
            insert(Hold).values(connection_id=ident, run_id=1, missing=1, total=1, made_at=NOW, decided_by="mia")
        )
        store.execute(insert(RunRequest).values(connection_id=ident, mode="full", asked_by="mia", asked_at=NOW))
        run = {"mode": "full", "cause": "hand", "state": "cancelled", "started_at": NOW, "cancel_by": "mia"}
        store.execute(insert(SyncRun).values(connection_id=ident, error="stopped by mia. Go on.", **run))
        version = {"state": "approved", "body": "{}", "edited_by": "mia", "edited_at": NOW, "approved_by": "mia"}
        version["editors"] = '["leo","mia"]'
        version_id = store.execute(insert(MappingVersion).values(**version).returning(MappingVersion.id)).scalar_one()
        preview = {"state": "cancelled", "asked_by": "mia", "asked_at": NOW, "cancel_by": "mia", "revision": 1}
        store.execute(insert(MappingPreview).values(version_id=version_id, **preview))
        store.execute(update(Connection).values(setup='{"step":"map","begun_by":"mia","begun_at":"2026"}'))
    erase(engine, person_id, "left", NOW, COMMAND)
    with reading(engine) as store:
        row = store.execute(select(User.__table__)).mappings().one()
        assert (row["name"], row["origin"], row["subject"], row["password_hash"]) == (
            f"account {user_id}",
            "oidc",
            None,
            None,
        )
        assert (row["active"], row["session_epoch"]) == (False, 4)
        assert store.scalars(select(ApiToken.revoked_at)).one() is not None
        assert store.scalars(select(ApiToken.name)).one() == ""
        assert store.scalars(select(Hold.decided_by)).one() == f"account {user_id}"
        assert store.scalars(select(RunRequest.asked_by)).one() == f"account {user_id}"
        assert set(store.execute(select(MappingVersion.edited_by, MappingVersion.approved_by)).one()) == {
            f"account {user_id}"
        }
        assert store.scalar(select(MappingVersion.editors)) == f'["leo","account {user_id}"]'
        assert set(store.execute(select(MappingPreview.asked_by, MappingPreview.cancel_by)).one()) == {
            f"account {user_id}"
        }
        assert f'"begun_by":"account {user_id}"' in (store.scalar(select(Connection.setup)) or "")
        assert store.execute(select(SyncRun.cancel_by, SyncRun.error)).one() == (
            f"account {user_id}",
            f"stopped by account {user_id}. Go on.",
        )
        told = store.execute(
            select(AuditEntry.subject_id, AuditEntry.new).where(AuditEntry.action == "person.erased")
        ).one()
    assert told[0] == person_id
    assert "mia" not in str(told[1]).lower()


def test_while_a_run_is_under_way_it_waits(engine: Engine) -> None:
    settings = ConnectionSettings(tracker="jira", address="https://jira.invalid", sign_in=SignIn.PERSONAL_TOKEN)
    ident = add_connection(engine, "Jira", settings, "store", NOW, COMMAND)
    with writing(engine) as store:
        person_id = store.execute(insert(Person).values(name="Mia", active=True).returning(Person.id)).scalar_one()
        about = {"active": True, "human": True, "listed": True}
        store.execute(
            insert(PersonIdentity).values(
                connection_id=ident, external_id="a", name="Mia", person_id=person_id, **about
            )
        )
        Lease(ident, "Jira", 77).acquire(store, NOW)
    with pytest.raises(BusyError):
        erase(engine, person_id, "asked", NOW, COMMAND)
    assert find_person(engine, person_id).name == "Mia"
    with writing(engine) as store:
        Lease(ident, "Jira", 77).release(store)
    erase(engine, person_id, "asked", NOW, COMMAND)
    erase(engine, person_id, "asked again", NOW, COMMAND)
    with reading(engine) as store:
        assert store.execute(select(Erasure.external_id, Erasure.person_id)).all() == [("a", person_id)]


def test_persons_are_found_by_name_and_by_number(engine: Engine) -> None:
    with writing(engine) as store:
        rows = [{"name": name, "active": True} for name in ("Ada Example", "Bea 100%", "Cleo")]
        store.execute(insert(Person), rows)
    assert [it.name for it in find_persons(engine, "a")] == ["Ada Example", "Bea 100%"]
    assert [it.name for it in find_persons(engine, "%")] == ["Bea 100%"]
    assert [it.name for it in find_persons(engine, "3")] == ["Cleo"]
    with pytest.raises(UnknownPersonError):
        find_person(engine, 4711)
    with pytest.raises(UnknownPersonError):
        erase(engine, 4711, "no", NOW, COMMAND)


def test_a_person_is_told_what_is_kept_of_them(stage: Stage) -> None:
    person_id = stage.busiest()[0]
    name = find_person(stage.engine, person_id).name
    found = disclose(stage.engine, person_id, NOW, COMMAND)
    assert found.person["name"] == name
    assert found.identities
    assert len(found.items) == find_person(stage.engine, person_id).items > 0
    again = msgspec.json.decode(msgspec.json.encode(disclose(stage.engine, person_id, NOW, COMMAND)))
    assert again["looked_at"][0]["action"] == "person.exported"
    with pytest.raises(UnknownPersonError):
        disclose(stage.engine, 999_999, NOW, COMMAND)


def test_what_was_decided_and_entered_of_a_person_is_handed_to_them_too(engine: Engine) -> None:
    with writing(engine) as store:
        mia, other = (
            store.execute(insert(Person).values(name=name, active=True).returning(Person.id)).scalar_one()
            for name in ("Mia", "Mia B")
        )
        project = {"code": "ONE", "name": "One", "status": "active"}
        project_id = store.execute(insert(Project).values(**project).returning(Project.id)).scalar_one()
        enter(store, {project_id: {"sponsor": f"[{mia}]"}}, NOW, "ada", COMMAND)
        week = {"week": NOW.date(), "load": 1.5, "over_days": 3}
        store.execute(insert(PlannedLoad).values(project_id=project_id, person_id=mia, **week))
        tell_skill(store, mia, "Go", 4, NOW.date(), NOW, COMMAND)
        user_id = store.execute(insert(User).values(name="ada", created_at=NOW).returning(User.id)).scalar_one()
        moved = Reassign(item="K-1", persons=(mia, other))
        asked = Rows(store).request(project_id, NOW)
        by, sides = Actor(ActorKind.USER, user_id), frozenset(Side)
        act(store, asked, Deed(Action.PROPOSE, 1, mia, "Mia knows it"), sides, NOW, by)
        act(store, asked, Deed(Action.SEND_BACK, 2, note="not Mia again"), sides, NOW, by)
        make(store, user_id, "What if", [moved, Reassign(item="K-2", persons=(other,))], NOW, COMMAND)
    reject(engine, [Pair(other, mia, 0.7, ("the same name",))], NOW, "ada", COMMAND)
    found = disclose(engine, mia, NOW, COMMAND)
    assert found.projects == [{"project": "One", "field": "sponsor", "entered": True}]
    assert [(row["kind"], row["reasons"]) for row in found.decisions] == [("rejected", '["the same name"]')]
    assert found.attributes == []
    assert found.skills == [{"skill": "Go", "level": 4, "valid_from": NOW.date()}]
    assert found.planned == [week | {"project": "One"}]
    assert found.scenarios == [{"scenario": 1, "operation": "reassign"}]
    said = [("proposed", "Mia knows it"), ("open", "not Mia again")]
    assert [(row["state"], row["note"]) for row in found.requests] == said
    erase(engine, mia, "asked for it", NOW, COMMAND)
    with reading(engine) as store:
        steps = store.execute(select(RequestStep.person_id, RequestStep.note).order_by(RequestStep.id)).all()
        skills = store.execute(select(PersonSkill.skill)).all()
    assert (steps, skills) == ([(None, ""), (mia, ""), (mia, "")], [])


def test_what_a_preview_showed_of_items_goes_with_the_names_in_it(engine: Engine) -> None:
    with writing(engine) as store:
        mia = insert(Person).values(name="Mia", active=True).returning(Person.id)
        mia_id = store.execute(mia).scalar_one()
        version = {"state": "draft", "body": "{}", "edited_by": "ada", "edited_at": NOW}
        version_id = store.execute(insert(MappingVersion).values(**version).returning(MappingVersion.id)).scalar_one()
        row = {"version_id": version_id, "revision": 1, "asked_by": "ada", "asked_at": NOW}
        store.execute(insert(MappingPreview).values(**row, state="done", finished_at=NOW, result="Mia"))
        store.execute(insert(MappingPreview).values(**row, state="waiting"))
    erase(engine, mia_id, "left", NOW, COMMAND)
    with reading(engine) as store:
        assert store.scalars(select(MappingPreview.state)).all() == ["waiting"]
