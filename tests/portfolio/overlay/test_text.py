"""What people type into overlay fields is read into one form, or refused with a sentence."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.model.structure import Project
from portfolio.overlay.fields import FIELDS, Type
from portfolio.overlay.text import OverlayError, Value, columns_of, field_of, read_text


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        ("budget", "120000 eur", "120000.00 EUR"),
        ("budget", "EUR 120,000.5", "120000.50 EUR"),
        ("budget", "1 200 000.00 CHF", "1200000.00 CHF"),
        ("budget", "1'200CHF", "1200.00 CHF"),
        ("budget", "0 USD", "0.00 USD"),
        ("due", " 2026-03-14 ", "2026-03-14"),
        ("type", "Client delivery", "client_delivery"),
        ("size", "m", "M"),
        ("client", "  Ada   & Sons ", "Ada & Sons"),
    ],
)
def test_it_is_kept_in_one_form(field: str, typed: str, kept: str) -> None:
    assert read_text(FIELDS[field], typed) == kept


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [
        ("budget", "120000", "Write it like 120000.00 EUR"),
        ("budget", "1.200,50 EUR", "Write it like 120000.00 EUR"),
        ("budget", "-5 EUR", "Write it like 120000.00 EUR"),
        ("budget", "1,20 EUR", "Write it like 120000.00 EUR"),
        ("budget", "10000000000000000 EUR", "more than can be kept"),
        ("due", "14.03.2026", "Write it like 2026-03-14"),
        ("due", "20260314", "Write it like 2026-03-14"),
        ("due", "0001-01-01", "Write it like 2026-03-14"),
        ("type", "waterfall", "product, service"),
        ("client", "x" * 201, "longer than 200"),
        ("client", "a\u202eb", "cannot be seen"),
    ],
)
def test_it_is_refused_with_the_remedy(field: str, typed: str, says: str) -> None:
    with pytest.raises(OverlayError) as refused:
        read_text(FIELDS[field], typed)
    assert refused.value.field == field
    assert says in refused.value.message


def test_a_field_that_is_none_is_refused_with_those_there_are() -> None:
    with pytest.raises(OverlayError, match="There are: manager, sponsor"):
        field_of("colour")


@given(st.sampled_from([each for each in FIELDS.values() if each.type is not Type.PERSON]), st.text(max_size=300))
def test_reading_is_total_and_reading_again_changes_nothing(field: object, typed: str) -> None:
    found = FIELDS[field.name]  # type: ignore[attr-defined]
    try:
        kept = read_text(found, typed)
    except OverlayError:
        return
    assert read_text(found, kept) == kept
    if kept:
        assert set(columns_of(found, Value(kept))) == set(found.columns)


def test_the_columns_hold_it_typed() -> None:
    assert columns_of(FIELDS["budget"], Value("1200.50 EUR")) == {
        "budget": Decimal("1200.50"),
        "budget_currency": "EUR",
    }
    assert columns_of(FIELDS["due"], Value("2026-03-14")) == {"due": date(2026, 3, 14)}
    assert columns_of(FIELDS["sponsor"], Value(person_id=7)) == {"sponsor_id": 7}
    assert columns_of(FIELDS["budget"], None) == {"budget": None, "budget_currency": None}


def test_every_field_has_its_columns_and_those_by_which_projects_are_seen_are_no_managers_to_enter() -> None:
    columns = {name for field in FIELDS.values() for name in field.columns}
    assert columns <= set(Project.__table__.columns.keys())
    assert not {name for name in ("manager", "sponsor", "segment") if FIELDS[name].by_manager}
