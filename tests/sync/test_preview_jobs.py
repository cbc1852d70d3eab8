"""Previews in the background: whichever process comes by takes one up, and its row tells how it ended."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import Engine, text

from portfolio.audit.entry import COMMAND
from portfolio.store.engine import open_engine, reading, writing
from sync import versions
from sync.jobs.means import Means
from sync.mapping.document import ConnectionRules, Mapping, ProfileRules
from sync.preview import requests
from sync.preview.requests import Preview
from sync.queue.app import enqueue_preview, open_queue
from sync.queue.schema import SCHEMA, upgrade_queue
from sync.schedule import previews
from sync.schedule.embedded import Embedded
from sync.secrets import SecretStore
from tests.postgres import Server
from tests.sync.asynchronous import completed
from tests.sync.builders import NOW


def never() -> str | None:
    return None


@dataclass
class Asked:
    """A draft and a preview of it that waits."""

    means: Means
    version: versions.Version
    preview_id: int

    def now(self) -> Preview:
        with reading(self.means.engine) as store:
            found = requests.find(store, self.preview_id)
        assert found is not None
        return found

    def change(self, mapping: Mapping) -> versions.Version:
        with writing(self.means.engine) as store:
            return versions.change(store, self.version.id, self.version.revision, mapping, NOW, "bea", COMMAND)


@pytest.fixture
def asked(engine: Engine) -> Asked:
    means = Means(engine, SecretStore(engine, lambda: (), {}), lambda: NOW)
    with writing(engine) as store:
        draft = versions.begin(store, NOW, "ada", COMMAND)
    return Asked(means, draft, requests.ask(engine, draft.id, draft.revision, "ada", NOW, COMMAND))


def test_it_is_done_once(asked: Asked) -> None:
    assert previews.waiting(asked.means) == (asked.preview_id,)
    assert previews.carry_out(asked.means, asked.preview_id, never)
    assert not previews.carry_out(asked.means, asked.preview_id, never)
    done = asked.now()
    assert (done.state, done.error, done.finished_at) == ("done", None, NOW)
    assert done.result is not None
    assert (done.result.items, done.result.changed) == (0, 0)


def test_a_draft_that_moved_on_is_not_previewed(asked: Asked) -> None:
    asked.change(Mapping(profiles={"x": ProfileRules()}))
    assert previews.carry_out(asked.means, asked.preview_id, never)
    failed = asked.now()
    assert failed.state == "failed"
    assert failed.error is not None
    assert "bea" in failed.error


def test_a_draft_that_makes_no_sense_is_told_to(asked: Asked) -> None:
    changed = asked.change(Mapping(connections={"one": ConnectionRules(profile="nowhere")}))
    asked.preview_id = requests.ask(asked.means.engine, changed.id, changed.revision, "ada", NOW, COMMAND)
    assert previews.carry_out(asked.means, asked.preview_id, never)
    failed = asked.now()
    assert failed.state == "failed"
    assert failed.error is not None
    assert "nowhere" in failed.error


def test_a_process_that_ends_leaves_it_to_the_next(asked: Asked) -> None:
    assert previews.carry_out(asked.means, asked.preview_id, lambda: "the end of the server")
    assert asked.now().state == "waiting"
    assert previews.carry_out(asked.means, asked.preview_id, never)
    assert asked.now().state == "done"


def test_a_person_can_stop_it_while_it_runs(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    beat = requests.beat

    def heard(store, preview_id, *rest):  # type: ignore[no-untyped-def]
        store.execute(text(f"UPDATE mapping_preview SET cancel_by = 'bea' WHERE id = {preview_id}"))
        return beat(store, preview_id, *rest)

    monkeypatch.setattr(requests, "beat", heard)
    assert previews.carry_out(asked.means, asked.preview_id, never)
    assert asked.now().state == "cancelled"


def test_a_server_does_it_beside_its_pages(asked: Asked) -> None:
    with Embedded(asked.means, threads=1, every_s=0.05):
        until = time.monotonic() + 20
        while asked.now().under_way and time.monotonic() < until:
            time.sleep(0.05)
    assert asked.now().state == "done"


@pytest.fixture
def queue(postgres: Server, postgres_template: str) -> Iterator[Engine]:
    url = postgres.create(postgres_template)
    engine = open_engine(url)
    upgrade_queue(engine)
    yield engine
    engine.dispose()
    postgres.drop(url)


def test_workers_find_it_in_their_queue_once(queue: Engine) -> None:
    async def fill() -> None:
        app = open_queue(queue)
        async with app.open_async():
            for _ in range(2):
                await enqueue_preview(app, 7)

    completed(fill())
    with reading(queue) as store:
        jobs = store.execute(text(f"SELECT task_name, queueing_lock, lock FROM {SCHEMA}.procrastinate_jobs")).all()
    assert [tuple(job) for job in jobs] == [("preview", "preview 7", None)]
