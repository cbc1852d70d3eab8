"""Operations of scenarios, and new projects, from what was typed in forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portfolio.scenario.faults import Fault, ScenarioError
from portfolio.scenario.new_project import NewProject, checked
from portfolio.scenario.operations import Operation
from portfolio.scenario.read import read_operations

FIELDS: Mapping[str, tuple[str, ...]] = {
    "reassign": ("item", "persons", "connection"),
    "set_due": ("item", "day", "connection"),
    "set_start": ("item", "day", "connection"),
    "scale_effort": ("item", "project", "factor", "connection"),
    "add_allocation": ("project", "person", "role", "from", "to", "amount", "unit", "kind"),
    "add_person": ("role", "name", "from", "until", "fte", "calendar"),
    "drop_project": ("project",),
    "delay_project": ("project", "workdays"),
    "convert_soft": ("project", "person", "role"),
}
"""The fields of each kind of operation, as they stand in its form."""
UNITS = ("percent", "hours_per_day", "total_hours")
NUMBERS = ("factor", "amount", "fte")
MOST_ROLES = 8


def read_operation(form: Mapping[str, str]) -> Operation:
    """The operation a form says. Raises `ScenarioError`."""
    kind = form.get("op", "")
    if kind not in FIELDS:
        raise ScenarioError(Fault(0, "There is no such operation."))
    raw: dict[str, Any] = {"op": kind}
    for name in FIELDS[kind]:
        text = form.get(name, "").strip()
        if text:
            raw[name] = _number(name, text) if name in NUMBERS else text
    if "persons" in raw:
        raw["persons"] = [name for each in raw["persons"].split(",") if (name := each.strip())]
    if "workdays" in raw:
        raw["workdays"] = _whole("workdays", raw["workdays"])
    if kind == "add_allocation":
        amount, unit = raw.pop("amount", None), raw.pop("unit", UNITS[0])
        if amount is not None and unit in UNITS:
            raw[unit] = amount
    try:
        return read_operations([raw])[0]
    except ScenarioError as error:
        raise ScenarioError(*(Fault(0, it.text) for it in error.faults)) from error


def typed_operation(form: Mapping[str, str]) -> Mapping[str, str]:
    """The fields of the operation a form says but for its item, as they were typed."""
    kind = form.get("op", "")
    names = ("do", "op", *(name for name in FIELDS.get(kind, ()) if name not in ("item", "connection")))
    return {name: form[name] for name in names if form.get(name)}


def read_demand(form: Mapping[str, str]) -> NewProject | None:
    """The new project an address says: `weeks`, and `role1` with `hours1` and so on; None where there is none.

    Hours are a number, or numbers week by week with a space between. Raises `ScenarioError`.
    """
    roles: dict[str, float | tuple[float, ...]] = {}
    for place in range(1, MOST_ROLES + 1):
        role, hours = (form.get(f"{name}{place}", "").strip() for name in ("role", "hours"))
        if role and hours:
            each = tuple(_number(role, word) for word in hours.split())
            roles[role] = each[0] if len(each) == 1 else each
    if not roles:
        return None
    return checked(NewProject(_whole("weeks", form.get("weeks", "").strip()), roles))


def _number(name: str, text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise ScenarioError(Fault(0, f"{name}: {text} is no number. Write one like 1.5.")) from None


def _whole(name: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 7):
        raise ScenarioError(Fault(0, f"{name}: {text or 'nothing'} is no whole number. Write one like 10."))
    return int(text)
