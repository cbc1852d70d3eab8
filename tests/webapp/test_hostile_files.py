"""Hostile texts through a real sync into both databases, and out of every page and file of the site."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from io import BytesIO, StringIO
from typing import Any

import pytest
from flask import Flask
from icalendar import Calendar
from openpyxl import load_workbook
from sqlalchemy import Engine, select
from werkzeug.test import TestResponse

from portfolio.model.people import Person
from portfolio.model.structure import Project, StatusUpdate
from portfolio.model.work import WorkItem
from portfolio.store.engine import reading
from tests.conftest import Clock
from tests.hostile.accounts import add_hostile_accounts
from tests.hostile.company import fill
from tests.hostile.pages import paths
from tests.hostile.requests import add_hostile_requests
from tests.hostile.texts import HALF, TEXTS
from tests.webapp.conftest import Visitor

pytestmark = pytest.mark.slow

UNSEEN = re.compile(r"[\s\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]*")
STARTS = tuple("=+-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


PICTURE = re.compile(r"/(projects/\d+/charts|programs/\d+|resources)/[a-z-]+\.svg(\?[\w%+&=.-]*)?")
"""The address of a chart the product draws itself."""


class Scripts(HTMLParser):
    """The elements of a page that would run something, or ask somebody else for something."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            address = re.sub(r"[\x00-\x20]", "", value or "").lower()
            # What somebody may choose or type is no address.
            leads = name != "value" and re.match(r"(java|vb)script:|data:|file:|blob:", address)
            runs = name.startswith(("on", "style", "srcdoc")) or leads
            asks = name in ("src", "action", "formaction", "data-hx-get") and not address.startswith("/")
            if runs or (asks and tag != "img"):
                self.found.append(self.get_starttag_text() or tag)
        ours = tag == "img" and PICTURE.fullmatch(dict(attrs).get("src") or "")
        if tag in ("iframe", "object", "embed", "base", "style", "animate", "img") and not ours:
            self.found.append(self.get_starttag_text() or tag)


def kept(text: str) -> str:
    """A hostile text as the database has it."""
    return text.replace("\x00", "").replace(HALF, "\ufffd").strip()


def cells(answer: TestResponse) -> Iterator[Any]:
    """The texts in the cells of a file: a table with separators, or a workbook."""
    if answer.mimetype == "text/csv":
        for row in csv.reader(StringIO(answer.text.removeprefix("\ufeff"), newline="")):
            yield from row
        return
    workbook = load_workbook(BytesIO(answer.data))
    for sheet in workbook:
        for line in sheet.iter_rows():
            for cell in line:
                assert cell.data_type != "f", f"{cell.coordinate} is a formula: {cell.value!r}"
                assert cell.hyperlink is None or re.match(r"https?://", cell.hyperlink.target or ""), cell.coordinate
                yield cell.value


def plain(text: str) -> str:
    """A text without what no workbook can hold."""
    return re.sub("[\x00-\x1f\ufffe\uffff]|_x000D_", "", text).strip()


def strings(value: object) -> Iterator[str]:
    """The texts in an answer of the API, its values and not its keys."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from strings(each)


def formula(text: str) -> bool:
    """Whether a spreadsheet may take the cell for a formula: by its first character that is not passed over."""
    seen = text[UNSEEN.match(text).end() :]  # type: ignore[union-attr] - it matches nothing too
    return seen.startswith(STARTS) and not re.fullmatch(r"[+-]?\d+([.]\d+)?(e[+-]?\d+)?", text)


def test_hostile_texts_come_out_as_they_went_in(engine: Engine, app: Flask, clock: Clock, ada: Visitor) -> None:
    runs = fill(engine, clock())
    token = add_hostile_accounts(engine, clock())
    add_hostile_requests(engine, clock())
    assert [run.state for run in runs] == ["done", "partial", "failed"] * 3
    with reading(engine) as store:
        titles = set(store.scalars(select(WorkItem.title)))
        present = set(store.scalars(select(WorkItem.title).where(WorkItem.deleted_at.is_(None))))
        assert {kept(text) for text in TEXTS} - titles == {"\u200b\u200b\u2060", "\ufffe\uffff\U0010ffff"}
        for column in (Project.name, Person.name, StatusUpdate.title):
            assert len(set(store.scalars(select(column))) & titles) > 20
        names = [*store.scalars(select(Project.name)), *store.scalars(select(Person.name))]
        assert all(re.search(r"\S", UNSEEN.sub("", name)) for name in names)

    pages, files = 0, 0
    opened: dict[str, set[int]] = {}
    shown, written, sheets, told = set[str](), set[str](), set[str](), set[str]()
    for path in paths(app, engine, most=5):
        api = path.startswith("/api/")
        answer = ada.get(path, headers={"Authorization": f"Bearer {token}"} if api else {})
        assert answer.status_code in (200, 302, 400, 404) or path.startswith("/readyz"), path
        opened.setdefault(re.sub(r"\d+", "1", path.partition("?")[0]), set()).add(answer.status_code)
        assert all("hacked" not in value and "\n" not in value for _, value in answer.headers), path
        if answer.mimetype == "text/html":
            pages += 1
            looked = Scripts()
            looked.feed(answer.text)
            assert looked.found == [], path
            shown |= {unescape(text).strip() for text in re.findall(r"<bdi>(.*?)</bdi>", answer.text, re.DOTALL)}
        elif answer.mimetype in ("text/csv", XLSX):
            files += 1
            assert re.fullmatch(r"attachment; filename=\"?[\w.-]+\"?", answer.headers["Content-Disposition"]), path
            found = [cell for cell in cells(answer) if isinstance(cell, str)]
            if answer.mimetype == XLSX:
                sheets |= {plain(cell) for cell in found}
                continue
            assert [cell for cell in found if formula(cell)] == [], path
            written |= {text.strip() for cell in found for text in (cell, cell.removeprefix("'"))}
        elif answer.mimetype == "text/calendar":
            told_of = [str(event["SUMMARY"]) for event in Calendar.from_ical(answer.data).walk("VEVENT")]
            assert [text for text in told_of if re.search("[\x00-\x1f]", text)] == [], path
        elif api:
            assert answer.mimetype in ("application/json", "application/problem+json"), path
            told |= {text.strip() for text in strings(answer.json)}
        else:
            assert answer.headers["X-Content-Type-Options"] == "nosniff", path
    # Who is signed in is sent on from where one signs in; nothing syncs here; metrics are switched off. Nothing of this
    # company is in progress, and its figures are of one day: there is nothing to draw of that.
    shut = {path for path, statuses in opened.items() if 200 not in statuses and not path.startswith("/sign-in")}
    undrawn = {f"/projects/1/charts/{chart}.svg" for chart in ("trend", "ageing")}
    assert shut <= {"/readyz", "/metrics", *undrawn}
    assert pages > 80
    assert files >= 80
    assert len(present) > 60
    for seen in (shown, written, told):
        assert present - seen - {""} == set()
    assert {plain(text) for text in present} - sheets - {""} == set()
