"""The catalogue is whole: each of its KPIs is computed, shown of single persons, or awaited, and none is two of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from portfolio.kpis.awaited import AWAITED
from portfolio.kpis.catalogue import KPIS
from portfolio.kpis.reading import Reason
from portfolio.kpis.singly import SINGLY

CATALOGUE = Path(__file__).parents[2].parent / "shared" / "catalogue" / "kpis.json"


def test_every_kpi_of_the_catalogue_is_computed_or_shown_of_persons_or_awaited() -> None:
    if not CATALOGUE.exists():
        pytest.skip(f"the catalogue is not here: no file {CATALOGUE}")
    wanted = {entry["id"] for entry in json.loads(CATALOGUE.read_text(encoding="utf-8"))}
    assert len(wanted) == 94
    assert wanted - KPIS.keys() - AWAITED.keys() - SINGLY.keys() == set()
    assert AWAITED.keys() | SINGLY.keys() <= wanted


def test_none_is_both_and_each_says_what_it_needs() -> None:
    assert not AWAITED.keys() & KPIS.keys()
    assert not SINGLY.keys() & (KPIS.keys() | AWAITED.keys())
    assert {it.reason for it in AWAITED.values()} == {Reason.NOT_AVAILABLE_YET}
    assert all(it.name and it.needs for it in AWAITED.values())
