"""The value of a field, read as what an attribute is. Pure and total: a value, nothing, or the reason why not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import NamedTuple

from connector.records import FieldValue
from sync.mapping.attributes import Attribute
from sync.mapping.numerals import UNIT_S, amount, decimal, duration_s
from sync.mapping.profile import Carrier, fold
from sync.mapping.values import text

LONGEST_TEXT = 4000
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(9999, 12, 31)
MOST_SECONDS = 2**40
"""What is beyond these is a slip of the pen. So much effort, 300 million hours, can be added up over millions of items
in whole numbers of 64 bits."""

_EPOCH = date(1970, 1, 1)
_STEPS = " / "
Day = Callable[[datetime], date]


class Value(NamedTuple):
    """A value: one of the first four is set, or `persons`, several accounts. `number` is in seconds for effort and a
    ratio for per cent."""

    number: Decimal | None = None
    text: str | None = None
    day: date | None = None
    person: str | None = None
    currency: str | None = None
    persons: tuple[str, ...] = ()


class Unreadable(NamedTuple):
    """Why a value is none, as half a sentence without the value."""

    reason: str


Reading = Value | Unreadable | None


class _Asked(NamedTuple):
    attribute: Attribute
    carrier: Carrier
    value: FieldValue
    day: Day


def read_value(attribute: Attribute, carrier: Carrier, value: FieldValue, day: Day) -> Reading:
    """What the field says of the attribute; None where it is empty. `day` tells the portfolio's day of an instant."""
    if value is None or value == [] or (isinstance(value, str) and not value.strip()):
        return None
    said = _said(carrier, value)
    return _READERS[attribute.type](_Asked(attribute, carrier, value if said is None else said, day))


def _said(carrier: Carrier, value: FieldValue) -> str | None:
    """What the rule says a choice means: by the whole of it before a step of it."""
    if not carrier.values:
        return None
    word = text(value) or ""
    whole = carrier.values.get(fold(word))
    return whole if whole is not None else carrier.values.get(fold(_step(word, carrier.level)))


def _step(word: str, level: int) -> str:
    """A step of a cascading choice "A / B": 1 the first, 0 the last; the last there is where it has fewer."""
    steps = word.split(_STEPS)
    return steps[min(level, len(steps)) - 1] if level > 0 else steps[-1]


def _effort(asked: _Asked) -> Reading:
    number = decimal(asked.value)
    if number is None:
        spelled = duration_s(text(asked.value) or "")
        if spelled is None:
            return Unreadable("no duration")
        seconds = spelled
    elif asked.carrier.unit in UNIT_S:
        seconds = round(number * UNIT_S[asked.carrier.unit])
    else:
        return Unreadable("a number without a unit, and the rule names none")
    return Value(Decimal(seconds)) if abs(seconds) <= MOST_SECONDS else Unreadable("an effort beyond reason")


def _number(asked: _Asked) -> Reading:
    found = decimal(asked.value)
    return Unreadable("no number, or one that can be read in two ways") if found is None else Value(_rounded(found))


def _percent(asked: _Asked) -> Reading:
    spelled = asked.value.strip() if isinstance(asked.value, str) else asked.value
    marked = isinstance(spelled, str) and spelled.endswith("%")
    found = decimal(spelled[:-1].strip() if marked and isinstance(spelled, str) else spelled)
    if found is None:
        return Unreadable("no number")
    if not marked and not asked.carrier.unit and 0 < found <= 1:
        return Unreadable("per cent or a ratio: the rule does not say")
    ratio = found if asked.carrier.unit == "ratio" and not marked else found / 100
    return Value(_rounded(ratio)) if 0 <= ratio <= 1 else Unreadable("beyond 0 to 100 per cent")


def _money(asked: _Asked) -> Reading:
    found = amount(asked.value, asked.carrier.unit)
    return Unreadable(found) if isinstance(found, str) else Value(_rounded(found[0]), currency=found[1])


def _date(asked: _Asked) -> Reading:
    word = text(asked.value) or ""
    try:
        moment = datetime.fromisoformat(word)
        found = moment.date() if moment.tzinfo is None else asked.day(moment.astimezone(UTC))
    except (ValueError, OverflowError):
        return Unreadable("no date")
    if found in (_EPOCH, date(1969, 12, 31)):
        # Nothing was planned for the first instant of Unix: trackers write it for none.
        return None
    return Value(day=found) if FIRST_DAY <= found < LAST_DAY else Unreadable("a date outside of any plan")


def _choice(asked: _Asked) -> Reading:
    word = text(asked.value)
    if word is None:
        return Unreadable("no choice")
    if not asked.attribute.choices:
        return Value(text=(_step(word, asked.carrier.level) if asked.carrier.level else word)[:LONGEST_TEXT])
    known = {fold(choice): choice for choice in asked.attribute.choices}
    found = known.get(fold(word)) or known.get(fold(_step(word, asked.carrier.level)))
    return Unreadable("a choice of which nothing is said") if found is None else Value(text=found)


def _person(asked: _Asked) -> Reading:
    word = text(asked.value)
    return Unreadable("no person") if word is None else Value(person=word)


def _persons(asked: _Asked) -> Reading:
    each = asked.value if isinstance(asked.value, list) else [asked.value]
    found = dict.fromkeys(word for one in each if (word := text(one)) is not None)
    return Value(persons=tuple(found)) if found else Unreadable("no person")


def _text(asked: _Asked) -> Reading:
    words = ", ".join(asked.value) if isinstance(asked.value, list) else text(asked.value)
    return Value(text=words.strip()[:LONGEST_TEXT]) if words and words.strip() else Unreadable("no text")


def _rounded(number: Decimal) -> Decimal:
    """As many digits as are kept."""
    return number.quantize(Decimal("0.000001")).normalize()


_READERS: dict[str, Callable[[_Asked], Reading]] = {
    "effort": _effort,
    "number": _number,
    "points": _number,
    "percent": _percent,
    "money": _money,
    "date": _date,
    "choice": _choice,
    "person": _person,
    "persons": _persons,
    "text": _text,
}
