"""What only a browser can tell: keyboard, policy, width, contrast, script on and off."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Opened

pytestmark = pytest.mark.browser

PAGES = (
    "/",
    "/?view=list&sort=-overdue",
    "/projects/1",
    "/projects/1/items?fact=overdue",
    "/projects/8",
    "/projects/1/progress",
    "/programs/1",
    "/portfolio/timeline",
    "/portfolio/timeline?zoom=all&status=all",
    "/resources",
    "/?compare=week",
    "/connections",
    "/runs",
    "/runs/7",
    "/quarantine",
    "/quarantine/1",
    "/absences",
    "/connections/1/schedule",
    "/mapping",
    "/mapping/profiles",
    "/mapping/projects",
    "/mapping/projects/1",
    "/mapping/connections/1",
    "/mapping/items",
    "/mapping/versions",
    "/dictionary",
    "/account",
    "/account/looks",
    "/account/second-factor",
    "/password",
    "/account/tokens",
    "/settings/tokens",
)

CONTRAST = """
elements => {
  const luminance = ([r, g, b]) => {
    const part = v => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; };
    return .2126 * part(r) + .7152 * part(g) + .0722 * part(b);
  };
  const numbers = text => {
    const found = text.match(/[\\d.]+/g).map(Number);
    // What was mixed is told in parts of one.
    return text.startsWith('color(srgb') ? found.map((part, place) => place < 3 ? part * 255 : part) : found;
  };
  const behind = element => {
    const [r, g, b, alpha = 1] = numbers(getComputedStyle(element).backgroundColor);
    if (alpha === 1) { return [r, g, b]; }
    const under = element.parentElement ? behind(element.parentElement) : [255, 255, 255];
    return [r, g, b].map((part, place) => part * alpha + under[place] * (1 - alpha));
  };
  return elements.map(element => {
    const a = luminance(numbers(getComputedStyle(element).color)), b = luminance(behind(element));
    return [element.className + ': ' + element.textContent.trim(), (Math.max(a, b) + .05) / (Math.min(a, b) + .05)];
  });
}
"""


def sideways(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def test_the_keyboard_is_enough_to_sign_in_and_to_skip_the_head(opened: Opened) -> None:
    page = opened("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize(("scheme", "widths"), [("light", (400, 1280, 2560)), ("dark", (400,))])
def test_every_page_is_clean_and_fits(opened: Opened, scheme: str, widths: tuple[int, ...]) -> None:
    for path in PAGES:
        page = opened(path, width=400, scheme=scheme)
        assert page.evaluate("document.documentElement.dataset.bsTheme") == scheme
        assert page.locator("h1").count() == 1
        for width in widths:
            page.set_viewport_size({"width": width, "height": 900})
            assert sideways(page) == 0, (path, width)
        page.context.close()


def test_pages_without_a_session_and_errors_are_clean_too(browser: Browser, site: str, opened: Opened) -> None:
    lost = opened("/no/such/page", width=400, expect=404)
    assert sideways(lost) == 0
    assert lost.get_by_text("There is no such page").count() >= 1
    with browser.new_context(viewport={"width": 400, "height": 800}) as context:
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda line: said.append(line.text))
        page.goto(f"{site}/projects/1")
        assert page.url == f"{site}/sign-in?next=/projects/1"
        assert sideways(page) == 0
        assert said == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_marks_and_quiet_words_can_be_read(opened: Opened, scheme: str) -> None:
    measured = []
    for path in ("/", "/projects/1", "/connections"):
        page = opened(path, scheme=scheme)
        measured += page.locator(".rag, .muted, .sub, .why, .code, .unit, a, .btn").evaluate_all(CONTRAST)
    assert len(measured) > 200
    assert [pair for pair in measured if pair[1] < 4.5] == []
    colours = {name.split(":")[0] for name, _ in measured}
    assert {"rag rag-red", "rag rag-green", "rag rag-grey"} <= colours


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_load_can_be_read_on_every_depth_of_colour(opened: Opened, scheme: str) -> None:
    page = opened("/resources", scheme=scheme)
    measured = page.locator(".legend .heat").evaluate_all(CONTRAST)
    assert len(measured) == 6
    for level in ("under", "low", "ok", "full", "over", "off"):
        cells = page.locator("td.heat")
        # What stands in small in a cell may stand in one of any level.
        cells.evaluate_all(
            """(cells, level) => cells.forEach(it => {
                it.className = 'heat heat-' + level;
                it.innerHTML = '9%<span class="sub">over</span><span class="why">off</span>';
            })""",
            level,
        )
        measured += page.locator("td.heat, td.heat .sub, td.heat .why").evaluate_all(CONTRAST)
    assert [pair for pair in measured if pair[1] < 4.5] == []


def test_names_stay_in_sight_beside_a_wide_heat_map(opened: Opened) -> None:
    page = opened("/resources?number=26", width=400)
    region, name = page.locator(".scroll").first, page.locator("th.name").first
    before = name.bounding_box()
    region.evaluate("it => { it.scrollLeft = 300; }")
    assert name.bounding_box() == before
    page.emulate_media(media="print")
    assert not page.get_by_role("navigation", name="Resources").is_visible()


def test_branches_close_with_the_keyboard_and_the_url_remembers(opened: Opened, site: str) -> None:
    page = opened("/?sort=name")
    first = page.locator("button[data-branch]").first
    assert first.get_attribute("aria-expanded") == "true"
    project = page.locator('tr[data-kind="project"]').first
    assert project.is_visible()
    first.focus()
    page.keyboard.press("Enter")
    assert first.get_attribute("aria-expanded") == "false"
    assert not project.is_visible()
    assert re.search(r"[?&]closed=f\d+", page.url)
    page.reload()
    assert page.locator("button[data-branch]").first.get_attribute("aria-expanded") == "false"
    page.get_by_role("link", name="Done", exact=True).click()
    assert "closed=f" in page.url
    assert "sort=-completion" in page.url  # figures begin with the largest
    page.get_by_role("button", name="Open all").click()
    assert "closed" not in page.url
    assert page.locator('tr[data-kind="project"]').first.is_visible()


def test_without_script_every_row_is_there(opened: Opened) -> None:
    page = opened("/", script=False)
    rows = page.locator('tr[data-kind="project"]')
    assert rows.count() > 25
    assert rows.last.is_visible()
    assert page.locator("button[data-branch]:visible").count() == 0


def test_three_clicks_from_the_portfolio_to_the_tracker(opened: Opened, site: str) -> None:
    page = opened("/")
    page.locator('tr[data-kind="project"] a').first.click()
    assert re.fullmatch(rf"{site}/projects/\d+", page.url)
    page.locator("#kpis").get_by_role("link", name="Open items with a due date").first.click()
    link = page.locator("tbody th a").first
    assert re.fullmatch(r"https://jira\.invalid/browse/IT-\d+", link.get_attribute("href") or "")
    assert link.get_attribute("rel") == "noopener noreferrer"


def test_pictures_come_after_the_page_and_follow_the_scheme(opened: Opened) -> None:
    page = opened("/projects/1/progress", scheme="dark")
    pictures = page.locator("main img")
    page.evaluate("document.querySelectorAll('main img').forEach(it => { it.loading = 'eager'; })")
    page.evaluate("Promise.all([...document.querySelectorAll('main img')].map(it => it.decode()))")
    assert pictures.count() >= 3
    assert "invert" in pictures.first.evaluate("it => getComputedStyle(it).filter")
    page.emulate_media(media="print", color_scheme="light")
    assert pictures.first.evaluate("it => getComputedStyle(it).filter") == "none"


def test_tables_scroll_inside_themselves_on_a_phone(opened: Opened) -> None:
    page = opened("/", width=400)
    inside = page.locator(".scroll").first.evaluate("it => it.scrollWidth > it.clientWidth")
    assert inside
    assert page.locator(".scroll").first.get_attribute("tabindex") == "0"


def test_the_focus_can_be_seen(opened: Opened) -> None:
    page = opened("/")
    for _ in range(6):
        page.keyboard.press("Tab")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none"


def test_print_shows_the_table_and_not_the_tools(opened: Opened) -> None:
    page = opened("/")
    page.emulate_media(media="print")
    assert not page.locator(".filters").is_visible()
    assert not page.locator(".site-nav").is_visible()
    assert page.locator("table.tree").is_visible()
