"""Schedules: what they mean before they count, errors beside the field, saving; switching a connection off."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from portfolio.access.grants import usual
from portfolio.access.roles import Role
from portfolio.audit.entry import COMMAND
from portfolio.model.landing import Webhook
from sync.connections import get_connection
from sync.modes import Mode
from sync.schedule.timetable import schedules_of
from tests.conftest import Clock
from tests.webapp.builders import Rows
from tests.webapp.conftest import PASSWORD, Visitor
from webapp.accounts.local import add_user

Open = Callable[[], AbstractContextManager[Rows]]
PATH = "/connections/1/schedule"
TYPED = {
    "zone": "Europe/Berlin",
    "incremental-cron": "*/5 8-18 * * 1-5",
    "incremental-on": "1",
    "census-cron": "17 * * * *",
    "census-on": "1",
    "full-cron": "0 3 * * 0",
}


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@pytest.fixture
def jira(rows: Open, clock: Clock) -> None:
    with rows() as add:
        jira = add.connection("Jira EU")
        for mode, cron in (("incremental", "*/10 * * * *"), ("census", "17 * * * *"), ("full", "0 3 * * 0")):
            add.schedule(jira, mode, cron)


def test_a_schedule_is_shown_in_words_with_its_next_times(ada: Visitor, jira: None) -> None:
    page = words(ada.text(PATH))
    assert (
        "Changes: every 10th minute of every hour; Census: at minute 17 of every hour; Full: at 03:00 on Sunday."
        in page
    )
    assert "Mon 2026-03-02 09:10 Mon 2026-03-02 09:20 Mon 2026-03-02 09:30" in page
    assert "Sun 2026-03-08 03:00 Sun 2026-03-15 03:00" in page


def test_what_is_typed_is_explained_and_not_saved(ada: Visitor, jira: None, engine: Engine) -> None:
    before = schedules_of(engine, 1)
    answer = ada.post(PATH, do="preview", **TYPED)
    assert answer.status_code == 200
    page = words(answer.text)
    assert "This is what it would be. Nothing is saved yet." in page
    assert "now: */10 * * * *" in page
    assert "Every fifth minute from 08:00 through 18:59 on Monday through Friday" in page
    assert "Mon 2026-03-02 09:05" in page
    assert 'value="*/5 8-18 * * 1-5"' in answer.text
    assert schedules_of(engine, 1) == before


def test_what_cannot_be_read_is_said_beside_the_field_and_kept(ada: Visitor, jira: None, engine: Engine) -> None:
    before = schedules_of(engine, 1)
    for change, field in (({"census-cron": "61 * * * *"}, "census-error"), ({"zone": "<i>Mars</i>"}, "zone-error")):
        answer = ada.post(PATH, do="save", **(TYPED | change))
        assert answer.status_code == 422
        assert "Nothing was saved: 1 field cannot be read." in words(answer.text)
        assert f'aria-describedby="{field}"' in answer.text
        assert f'id="{field}"' in answer.text
    assert "&lt;i&gt;Mars" in answer.text
    assert schedules_of(engine, 1) == before


def test_a_schedule_is_saved(ada: Visitor, jira: None, engine: Engine) -> None:
    answer = ada.post(PATH, do="save", **TYPED)
    assert answer.status_code == 302
    found = {it.mode: it for it in schedules_of(engine, 1)}
    assert (found[Mode.INCREMENTAL].cron, found[Mode.INCREMENTAL].time_zone) == ("*/5 8-18 * * 1-5", "Europe/Berlin")
    assert not found[Mode.FULL].enabled
    page = words(ada.text(answer.location))
    assert "The schedule is saved: Changes: every fifth minute" in page
    assert "Full: switched off" in page


def test_a_connection_without_a_schedule_gets_one(ada: Visitor, rows: Open, engine: Engine) -> None:
    with rows() as add:
        add.connection("Jira EU")
    assert "Nothing is scheduled yet. This is what is usual." in ada.text(PATH)
    assert ada.post(PATH, do="save", **TYPED).status_code == 302
    assert {it.mode: it.cron for it in schedules_of(engine, 1)}[Mode.INCREMENTAL] == "*/5 8-18 * * 1-5"


def test_who_may_look_only_sees_it_and_who_can_change_it(
    engine: Engine, clock: Clock, visitor: Visitor, jira: None
) -> None:
    add_user(engine, "eve", PASSWORD, usual(Role.PMO_LEAD), clock(), COMMAND)
    visitor.sign_in("eve")
    page = visitor.text(PATH)
    assert "An admin can change it." in page
    assert "Save the schedule" not in page
    assert "<fieldset" in page
    assert "disabled" in page.split("<fieldset")[1].split(">")[0]


def test_a_connection_is_switched_off_and_on(ada: Visitor, jira: None, engine: Engine) -> None:
    assert ada.post("/connections/1/switch", to="off").location == "/connections"
    page = words(ada.text("/connections"))
    assert "Jira EU is switched off. Its figures grow old until it is on again." in page
    assert "Switch Jira EU on" in page
    assert not get_connection(engine, 1).enabled
    ada.post("/connections/1/switch", to="on")
    assert get_connection(engine, 1).enabled
    assert ada.post("/connections/1/switch", to="sideways").status_code == 404


def test_whether_the_tracker_tells_of_changes_at_once(ada: Visitor, rows: Open, clock: Clock) -> None:
    with rows() as add:
        for number, (state, why) in enumerate(
            (("active", None), ("failing", "Nobody <b>answered</b>."), ("active", None))
        ):
            connection = add.connection(f"Jira {number}")
            add.run(connection, clock())
            at = clock() - timedelta(minutes=3) if number == 0 else None
            values = {"resource": "", "door": f"secret-door-{number}", "created_at": clock(), "last_delivery_at": at}
            add.add(Webhook, connection_id=connection, state=state, why=why, **values)
    page = ada.text("/connections")
    assert "Last notice 3 min ago" in page
    assert "Notices are broken: Nobody &lt;b&gt;answered&lt;/b&gt;." in page.replace("<bdi>", "").replace("</bdi>", "")
    assert "Notices are set up; none has come yet" in page
    assert "sightline connection webhooks enable" in page
    assert "secret-door" not in page
