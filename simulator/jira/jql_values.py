"""What an operand of JQL stands for, and by which texts a field's value can be named."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from simulator.jira.jql import Clause, QueryError, Value
from simulator.jira.site import Issue

Test = Callable[[Issue], bool]

COMPARE = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
_RELATIVE = re.compile(r"([+-]?)((?:\d+[wdhm]\s*)+)$")
_UNITS = {"w": 10_080, "d": 1_440, "h": 60, "m": 1}
_FORMATS = ("%Y/%m/%d %H:%M", "%Y-%m-%d %H:%M", "%Y/%m/%d", "%Y-%m-%d")


def moment(value: Value, field: str, now: datetime, zone: ZoneInfo, *, milliseconds: bool = True) -> int:
    """Milliseconds since the epoch of a date operand: `now()`, a bare number, a period from `now`, or a text in `zone`.

    `milliseconds` tells whether a bare number is taken.
    Raises `QueryError` for anything else, a text with seconds among them.
    """
    text = value.text.strip()
    if text == "now()":
        return round(now.timestamp() * 1000)
    if milliseconds and not value.quoted and re.fullmatch(r"-?\d{5,}", text):
        return int(text)
    if relative := _RELATIVE.fullmatch(text):
        minutes = sum(int(n) * _UNITS[unit] for n, unit in re.findall(r"(\d+)([wdhm])", relative[2]))
        offset = timedelta(minutes=-minutes if relative[1] == "-" else minutes)
        return round((now + offset).timestamp() * 1000)
    for form in _FORMATS:
        try:
            local = datetime.strptime(text, form).replace(tzinfo=zone)
        except ValueError:
            continue
        return round(local.timestamp() * 1000)
    raise QueryError(
        f"Date value '{value.text}' for field '{field}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', "
        "'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'."
    )


def compared(clause: Clause, ident: str) -> Test:
    compare = COMPARE[clause.op]
    try:
        bound = float(clause.values[0].text)
    except ValueError:
        raise QueryError(
            f"The operator '{clause.op}' is not supported by the '{clause.field}' field for this value."
        ) from None
    return lambda issue: isinstance(issue.fields.get(ident), int | float) and compare(issue.fields[ident], bound)


def spellings(value: Any) -> set[str]:
    """All the texts a field's value can be named by: the value, or its ids and names."""
    if value is None:
        return set()
    if isinstance(value, list):
        return {spelling for part in value for spelling in spellings(part)}
    if isinstance(value, dict):
        names = ("id", "key", "name", "value", "accountId", "displayName")
        return {str(value[name]).casefold() for name in names if value.get(name) is not None}
    text = str(value)
    if text.startswith("com.atlassian.greenhopper"):
        return set(re.findall(r"[\[,]id=(\d+)", text))
    return {text.casefold()}
