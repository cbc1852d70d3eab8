"""The made-up company, built once small and once whole."""

from __future__ import annotations

from datetime import date

import pytest

from simulator.company.build import Company, build_company

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="session")
def small() -> Company:
    return build_company(today=TODAY, scale=0.05)


@pytest.fixture(scope="session")
def whole() -> Company:
    return build_company(today=TODAY)
