"""Days for calendars at the command line: what the page gives."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

from cli.commands.serve import page_settings
from cli.runtime import Runtime
from portfolio.access.grants import usual
from portfolio.access.roles import Role
from portfolio.audit.entry import SYSTEM
from portfolio.store.engine import writing
from tests.cli.conftest import Sightline
from tests.cli.test_capacity import engine_of
from tests.webapp.builders import Rows
from tests.webapp.compiled import create_app
from tests.webapp.conftest import PASSWORD, Visitor
from webapp.accounts.passwords import hashed
from webapp.accounts.users import add_account

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def told(text: str) -> str:
    """All of a file but when it was made."""
    return re.sub(r"DTSTAMP:\w+", "", text).replace("\r\n", "\n")


def test_it_prints_what_the_page_gives(prepared: Sightline, tmp_path: Path) -> None:
    with writing(engine_of(tmp_path)) as store:
        add = Rows(store)
        jira, ada = add.connection(), add.person("Ada")
        one = add.project("One", jira, code="ONE")
        add.milestone(one, jira, "Gäte", due=date(2026, 3, 9))
        add.item(one, jira, created=date(2026, 1, 5), due=date(2026, 3, 6), title="Door", assignee_id=ada)
        for name, person in (("ada", ada), ("nobody", None)):
            add_account(
                store, name, usual(Role.PMO_LEAD), NOW, SYSTEM, password_hash=hashed(PASSWORD), person_id=person
            )
    visitor = Visitor(create_app(page_settings(Runtime.load(None))).test_client())
    assert visitor.sign_in().status_code == 302
    for asked, path in (("--project=ONE", f"/projects/{one}/milestones.ics"), ("--user=ada", "/account/calendar.ics")):
        printed = prepared("timeline", "ics", asked)
        assert printed.code == 0, printed.err
        assert printed.out.count("BEGIN:VEVENT") == 1
        assert told(printed.out) == told(visitor.text(path))
    newest = prepared("audit", "list", "--most", "2", "--json").document
    assert [entry["action"] for entry in newest] == ["export", "export"]
    assert "no project 'TWO'" in prepared("timeline", "ics", "--project", "TWO").err
    assert "no user 'zoe'" in prepared("timeline", "ics", "--user", "zoe").err
    assert "which person 'nobody' is" in prepared("timeline", "ics", "--user", "nobody").err
    assert prepared("timeline", "ics").code == 2
