"""What can be set of a KPI in a scope: limits, a target, whether it is computed at all, and what plans are counted
in."""

from __future__ import annotations

import re

import msgspec

from portfolio.facts.units import UNITS
from portfolio.governance.errors import FaultySettingError
from portfolio.kpis.declare import Kpi
from portfolio.kpis.earned import UNIT_SET_WITH
from portfolio.kpis.thresholds import Direction, Thresholds

# Twelve digits before the point and six after it: more says nothing, and a longer one costs time to read.
_NUMBER = re.compile(r"-?(\d{1,12}(\.\d{0,6})?|\.\d{1,6})", re.ASCII)


class KpiSetting(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is set; None is inherited. Numbers are decimal text, limits in the words of `Thresholds`.

    The limits come together or not at all, so that amber always reaches beyond green. `counted_in` is what plans
    without a baseline and new baselines are counted in, for all KPIs that rest on them; it is set with `UNIT_SET_WITH`
    alone.
    """

    green: str | None = None
    amber: str | None = None
    target: str | None = None
    on: bool | None = None
    counted_in: str | None = None


def read_setting(body: str) -> KpiSetting:
    """What is kept as text. What a newer version wrote beside it is passed over."""
    return msgspec.json.decode(body, type=KpiSetting)


def written(setting: KpiSetting) -> str | None:
    """The text that is kept; None where nothing is set."""
    return None if setting == KpiSetting() else msgspec.json.encode(setting).decode()


def limits_of(direction: Direction, green: str | None, amber: str | None) -> Thresholds | None:
    """The limits that were typed, None where none were. Raises `FaultySettingError`."""
    if green is None and amber is None:
        return None
    if green is None or amber is None:
        field = "green" if green is None else "amber"
        raise FaultySettingError(field, "the limits come together: say where green ends and where amber does")
    for field, limit in (("green", green), ("amber", amber)):
        _require_limit(field, limit, direction)
    try:
        return Thresholds(direction, green, amber)
    except ValueError as error:
        raise FaultySettingError("amber", str(error)) from error


def require_sound(setting: KpiSetting, kpi: Kpi) -> None:
    """Raise `FaultySettingError` for what cannot be set of the KPI."""
    limits_of(kpi.direction, setting.green, setting.amber)
    if setting.target is not None:
        require_number("target", setting.target)
    if setting.counted_in is not None:
        if kpi.id != UNIT_SET_WITH:
            raise FaultySettingError("counted_in", f"what plans are counted in is set with {UNIT_SET_WITH}")
        if setting.counted_in not in UNITS:
            raise FaultySettingError("counted_in", f"choose one of {', '.join(UNITS)}")


def require_number(field: str, text: str) -> None:
    """Raise `FaultySettingError` for what is no decimal number of sensible length."""
    if not _NUMBER.fullmatch(text):
        raise FaultySettingError(field, f"write a number like 5 or .95, not {text[:40]!r}")


def _require_limit(field: str, text: str, direction: Direction) -> None:
    if direction is not Direction.BAND:
        return require_number(field, text)
    low, dots, high = text.partition("..")
    if not (dots and _NUMBER.fullmatch(low) and _NUMBER.fullmatch(high)):
        raise FaultySettingError(field, f"write two numbers like .9..1.1, not {text[:40]!r}")
    return None
