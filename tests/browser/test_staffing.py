"""A resource manager's day in a real browser, by keyboard: who is over and why, what if, bookings, requests, a file."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import load_workbook  # type: ignore[import-untyped]  # openpyxl ships no types
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, select

from portfolio.model.people import Allocation, Person
from portfolio.model.resources import Scenario
from portfolio.model.structure import Project
from portfolio.store.engine import reading, writing
from tests.browser.conftest import NOW, served, sign_in
from tests.webapp.builders import Rows

FRIDAY = date(2026, 6, 19)


def staff(engine: Engine) -> None:
    """Ben has 28 h up to Friday, and three days of 6.4 h for them; Cy has the same role, and nothing to do."""
    with writing(engine) as store:
        add = Rows(store)
        jira = add.connection()
        alpha, beta = add.project("Alpha", jira), add.project("Beta", jira)
        ben, _ = (add.add(Person, name=name, active=True, role="Tester") for name in ("Ben", "Cy"))
        for key, hours in (("A-1", 16), ("A-2", 12)):
            work: dict[str, Any] = {"due": FRIDAY, "remaining_s": hours * 3600, "assignee_id": ben}
            add.item(alpha, jira, created=date(2026, 6, 1), key=key, title=f"Work of {hours} hours", **work)
        add.request(beta, NOW, role="Tester", hours=Decimal(16), start=date(2026, 6, 22), end=date(2026, 6, 26))


def tab(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Resources").get_by_role("link", name=name).press("Enter")


def test_a_day_of_whoever_staffs(browser: Browser, quiet: Engine, tmp_path: Path) -> None:
    staff(quiet)
    site = served(quiet)
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        page = context.new_page()
        page.goto(f"{site}/resources")
        sign_in(page)
        expect(page.locator(".lead")).to_contain_text("1 of 2 persons has too much")

        # Why.
        page.get_by_role("link", name="Ben", exact=True).press("Enter")
        expect(page.locator(".lead")).to_contain_text("Too much in 1 of 6 weeks: 8.8 h")
        expect(page.get_by_role("row").filter(has_text="A-1")).to_contain_text("16.0")

        # What if somebody else did it, and what if it were due later: nothing of either is written.
        page.goto(f"{site}/resources")
        tab(page, "Conflicts")
        page.get_by_role("button", name="What if A-2 to Cy").press("Enter")
        expect(page.locator(".lead")).to_contain_text("1 week fewer with too much")
        page.go_back()
        page.get_by_role("button", name="What if A-1 due").press("Enter")
        expect(page.locator(".lead")).to_contain_text("1 week fewer with too much")
        tab(page, "What if")
        boxes = page.get_by_role("checkbox")
        expect(boxes).to_have_count(2)  # nothing else waits for the page
        for box in boxes.all():
            box.press("Space")
        page.get_by_role("button", name="Compare").press("Enter")
        expect(page.locator(".lead")).to_contain_text("2 scenarios and the plan as it stands")

        # A booking that is too much is told before it is made, and one that fits is made.
        tab(page, "Bookings")
        page.get_by_role("link", name="Make a booking").press("Enter")
        page.get_by_label("Project").select_option(label="Alpha")
        page.get_by_label("Person").fill("Cy")
        page.get_by_label("First day").fill("2026-06-17")
        page.get_by_label("Last day").fill("2026-06-19")
        page.get_by_label("How much").fill("9")
        page.get_by_role("button", name="Book", exact=True).press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("It is not booked yet")
        page.get_by_label("How much").fill("4")
        page.get_by_role("button", name="Book", exact=True).press("Enter")
        expect(page.get_by_role("row").filter(has_text="Cy")).to_contain_text("Alpha")

        # A request is answered.
        tab(page, "Requests")
        page.get_by_role("row").filter(has_text="Beta").get_by_role("link").first.press("Enter")
        page.get_by_label("Cy", exact=True).check()
        page.get_by_role("button", name="Propose", exact=True).press("Enter")
        page.get_by_role("button", name="Accept").press("Enter")
        expect(page.get_by_role("row").filter(has_text="accepted Cy")).to_contain_text("ada")

        # And all of it taken along.
        page.goto(f"{site}/resources")
        with page.expect_download() as download:
            page.get_by_role("link", name="Save as Excel").press("Enter")
        file = tmp_path / "load.xlsx"
        download.value.save_as(file)
    rows = list(load_workbook(file).active.values)
    assert {row[0] for row in rows[1:]} == {"Ben", "Cy"}
    assert any(row[0] == "Ben" and "too much" in row for row in rows)
    with reading(quiet) as store:
        columns = select(Project.name, Person.name, Allocation.kind, Allocation.hours_per_day, Allocation.total_hours)
        made = store.execute(
            columns.join(Project, Project.id == Allocation.project_id)
            .join(Person, Person.id == Allocation.person_id)
            .order_by(Project.name)
        ).all()
        assert [tuple(row) for row in made] == [("Alpha", "Cy", "hard", 4, None), ("Beta", "Cy", "hard", None, 16)]
        assert len(store.scalars(select(Scenario.id)).all()) == 2
