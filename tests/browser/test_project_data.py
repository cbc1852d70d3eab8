"""Project data in a real browser: what is missing is entered by keyboard, a conflict decided, a file brought in."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, expect
from sqlalchemy import Engine, select

from portfolio.model.landing import Connection
from portfolio.model.structure import Project
from portfolio.overlay.text import Value
from portfolio.overlay.values import tell
from portfolio.store.engine import reading, writing
from tests.browser.conftest import NOW, served, sign_in
from tests.webapp.company import fill


def test_from_what_is_missing_to_a_decided_conflict_and_a_file(browser: Browser, quiet: Engine, tmp_path: Path) -> None:
    fill(quiet, NOW)
    with reading(quiet) as store:
        project, code = store.execute(select(Project.id, Project.code).order_by(Project.id)).first() or (0, "")
    site = served(quiet)
    with browser.new_context(viewport={"width": 400, "height": 800}) as context:
        page = context.new_page()
        page.goto(f"{site}/projects/{project}")
        sign_in(page)
        page.get_by_role("link", name="Enter what is missing").press("Enter")
        page.get_by_label("Client").fill("Acme")
        page.get_by_label("Budget").fill("much")
        page.get_by_label("Budget").press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("Nothing was saved")
        expect(page.locator("#budget-hint")).to_contain_text("Write it like 120000.00 EUR")
        assert page.get_by_label("Client").input_value() == "Acme"
        page.get_by_label("Budget").fill("EUR 120,000")
        page.get_by_label("Due").fill("2026-09-01")
        page.get_by_label("Budget").press("Enter")
        expect(page.locator("#data")).to_contain_text("120000.00 EUR")
        expect(page.locator("#data")).to_contain_text("by ada")
        with writing(quiet) as store:
            teller = store.scalars(select(Connection.id)).first() or 0
            tell(store, teller, NOW.replace(minute=50), {project: {"due": Value("2026-10-01")}})
        page.goto(f"{site}/mapping/conflicts")
        row = page.get_by_role("row").filter(has_text="2026-10-01")
        expect(row).to_contain_text("2026-09-01")
        row.get_by_role("button", name="Take the tracker's").press("Enter")
        expect(page.get_by_role("status").first).to_contain_text("The tracker's value counts now")
        file = tmp_path / "data.csv"
        file.write_text(f"code,segment,phase\n{code},Retail,closing\nNONE,,\n")
        page.goto(f"{site}/mapping/projects-data?field=segment")
        page.get_by_label("CSV file").set_input_files(file)
        page.get_by_role("button", name="Bring in").press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("Nothing was entered")
        expect(page.get_by_role("row").filter(has_text="NONE")).to_contain_text("There is no project of that code")
        file.write_text(f"code,segment,phase\n{code},Retail,closing\n")
        page.get_by_label("CSV file").set_input_files(file)
        page.get_by_role("button", name="Bring in").press("Enter")
        expect(page.get_by_role("row").filter(has_text=code).first).to_contain_text("segment, phase")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    with reading(quiet) as store:
        columns = (Project.client, Project.budget_currency, Project.segment, Project.phase)
        found = store.execute(select(*columns).where(Project.id == project)).one()
    assert tuple(found) == ("Acme", "EUR", "Retail", "closing")
