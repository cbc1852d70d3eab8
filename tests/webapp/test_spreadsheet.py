"""Files for spreadsheets: what a tracker sent stays text in them, and they hold what the page shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook  # type: ignore[import-untyped]  # openpyxl ships no types
from sqlalchemy import Engine, select

from portfolio.model.access import AuditEntry
from portfolio.store.engine import reading
from tests.conftest import Clock
from tests.webapp.builders import Rows
from tests.webapp.conftest import Visitor
from webapp.spreadsheet import LONGEST_TEXT, MOST_ROWS, Cell, fit, workbook

HOSTILE = (
    "=1+1",
    '=HYPERLINK("https://evil.invalid","x")',
    "=cmd|' /C calc'!A0",
    "+1",
    "-1",
    "@SUM(1)",
    "\t=1+1",
    "{=1+1}",
    "https://evil.invalid",
    "mailto:a@evil.invalid",
    "internal:Sheet1!A1",
    "external:c:\\x.xlsx",
    "<r><t>x</t></r></is></c><c t='str'><f>1+1</f></c>",
    "<r></row><row><c><f>1+1</f></c></row></r>",
    "a\x00b\x0bc\x1bd",
    "\ud800 half",
    "\ufffe not a character",
    "_x003D_1+1",
    "\u202egnp.exe",
    "]]>&lt;![CDATA[",
    "12",
    "  =1 ",
)


def sheet(content: bytes) -> Any:
    return load_workbook(BytesIO(content)).active


def made(rows: Iterable[Sequence[Cell]], head: Sequence[str] = ("Head",), **how: int) -> bytes:
    return workbook(head, rows, ZoneInfo("Europe/Lisbon"), "Times & zones", "cut", **how)


def test_every_text_is_text() -> None:
    content = made([(text,) for text in HOSTILE], head=("=1+1",))
    found = sheet(content)
    assert found.max_row == len(HOSTILE) + 1
    for (cell,) in found.iter_rows():
        assert cell.data_type == "s", cell.value
        assert cell.hyperlink is None
        assert cell.quotePrefix
    names = set(ZipFile(BytesIO(content)).namelist())
    inside = ZipFile(BytesIO(content)).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in inside
    assert "hyperlink" not in inside
    assert not any("externalLink" in name or "_rels/sheet" in name for name in names)


def test_a_text_stays_what_it_was() -> None:
    kept = [text for text in HOSTILE if fit(text) == text and not text.startswith("_x")]
    assert len(kept) > 14
    found = sheet(made([(text,) for text in kept]))
    assert [row[0].value for row in found.iter_rows(min_row=2)] == kept


@given(st.lists(st.text(), min_size=1, max_size=5))
def test_any_text_makes_a_file_that_opens(texts: list[str]) -> None:
    found = sheet(made([tuple(texts)], head=[f"head {number}" for number in range(len(texts))]))
    values = [cell for cell in next(found.iter_rows(min_row=2, max_row=2), ()) if cell.value is not None]
    assert all(cell.data_type == "s" for cell in values)


def test_too_long_a_text_is_cut_by_the_units_a_cell_holds() -> None:
    for text in ("x" * 40_000, "\U0001f600" * 20_000, "x" * (LONGEST_TEXT + 1)):
        cut = fit(text)
        assert len(cut.encode("utf-16-le")) // 2 <= LONGEST_TEXT
        assert cut.endswith("\u2026")
        assert sheet(made([(text,)]))["A2"].value == cut
    assert fit("x" * LONGEST_TEXT) == "x" * LONGEST_TEXT
    assert fit("a million" * 111_112).endswith("\u2026")


def test_days_and_instants_are_dates() -> None:
    noon = datetime(2026, 7, 1, 12, 0, 5, tzinfo=UTC)
    found = sheet(made([(date(2026, 3, 2), noon, date(1899, 1, 1), 1.5, 7, float("inf"), 10**18, None)], ("h",) * 8))
    day, instant, old, ratio, count, endless, huge, nothing = next(found.iter_rows(min_row=2))
    assert (day.is_date, day.value.date(), day.number_format) == (True, date(2026, 3, 2), "yyyy-mm-dd")
    assert instant.value == datetime(2026, 7, 1, 13, 0, 5)  # noqa: DTZ001 - a spreadsheet knows no zones
    assert (old.data_type, old.value) == ("s", "1899-01-01")
    assert (ratio.value, count.value) == (1.5, 7)
    assert (endless.value, huge.value, nothing.value) == ("inf", str(10**18), None)
    assert found.freeze_panes == "A2"
    assert "Times && zones" in str(found.oddFooter.center.text)


@pytest.mark.parametrize(("rows", "last"), [(2, 1), (3, 2), (4, "cut"), (9, "cut")])
def test_more_rows_than_a_sheet_holds(rows: int, last: object) -> None:
    found = sheet(made(([number] for number in range(rows)), most=4))
    assert [row[0].value for row in found.iter_rows(min_row=2)][-1] == last
    assert found.max_row == min(rows + 1, 4)
    assert MOST_ROWS == 2**20


@pytest.fixture
def project(rows: Callable[[], AbstractContextManager[Rows]], clock: Clock) -> int:
    """A project whose texts would all like to be formulas."""
    today = clock().date()
    with rows() as add:
        jira = add.connection()
        project = add.project("=1+1", jira, manager_id=add.person("@SUM(1)"), portfolio_id=add.portfolio("+1"))
        for text in HOSTILE:
            text = text.encode("utf-8", errors="ignore").decode().replace("\x00", "")
            add.item(project, jira, created=today - timedelta(days=9), due=today, title=text, status=text)
        add.absence(jira, "=77", clock(), why="=1+1")
    return project


def test_each_list_is_saved_as_excel(ada: Visitor, project: int, engine: Engine) -> None:
    for path, what, least in (
        ("/portfolio.xlsx", "portfolio", 2),
        (f"/projects/{project}/items.xlsx?fact=open_items", "items open_items", len(HOSTILE)),
        ("/absences.xlsx", "absences", 1),
    ):
        answer = ada.get(path)
        assert answer.status_code == 200, path
        assert answer.mimetype.endswith("spreadsheetml.sheet")
        assert answer.headers["Content-Disposition"].endswith('.xlsx"')
        cells = [cell for row in sheet(answer.data).iter_rows() for cell in row if cell.value is not None]
        assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
        assert all(cell.hyperlink is None for cell in cells)
        csv = ada.get(path.replace(".xlsx", ".csv")).data.decode("utf-8-sig")
        assert sheet(answer.data).max_row >= least + 1
        assert sheet(answer.data)["A1"].value == csv.split(",")[0]
        with reading(engine) as connection:
            logged = connection.execute(select(AuditEntry.new).where(AuditEntry.action == "export")).scalars().all()
        noted = [msgspec.json.decode(text) for text in logged if text][-2:]
        assert [(it["what"], it["form"]) for it in noted] == [(what, "xlsx"), (what, "csv")]
        assert noted[0]["rows"] == noted[1]["rows"] >= least


def test_the_pages_offer_both(ada: Visitor, project: int) -> None:
    for path in ("/?q=%2B", f"/projects/{project}/items", "/absences"):
        page = ada.text(path)
        assert "Save as CSV" in page, path
        assert "Save as Excel" in page, path
