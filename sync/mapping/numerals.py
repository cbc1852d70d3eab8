"""Numbers, durations and amounts as people spell them. Pure; what can be read in two ways is not read: no guesses."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from connector.records import FieldValue

# A day has 8 hours of work and a week 5 days, as trackers count unless told otherwise.
UNIT_S = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 8 * 3600, "weeks": 5 * 8 * 3600}
_WORDS = {
    "seconds": "s sec secs second seconds sek sekunde sekunden",
    "minutes": "m min mins minute minutes minuten minuto minutos",
    "hours": "h hr hrs hour hours std stunde stunden heure heures hora horas",
    "days": "d day days t tag tage jour jours día días pd pt",
    "weeks": "w wk wks week weeks woche wochen semaine semaines semana semanas",
}
_SPELLED = {word: UNIT_S[unit] for unit, words in _WORDS.items() for word in words.split()}
_STEP = re.compile(r"([0-9][0-9.,]*)\s*([^\W\d_]+)\.?\s*")
_BLANKS = re.compile(r"(?<=\d)[\s\u00a0\u202f'’](?=\d{3}(?!\d))")  # noqa: RUF001 - as people part thousands
_PLAIN = re.compile(r"[+-]?\d+(\.\d+)?")
_GREATEST = Decimal(10) ** 17

_SIGNS = {"€": "EUR", "£": "GBP", "₹": "INR", "₽": "RUB", "zł": "PLN", "₩": "KRW", "₪": "ILS", "₺": "TRY", "us$": "USD"}
_SHARED = {
    "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"),
    "¥": ("JPY", "CNY"),
    "kr": ("SEK", "NOK", "DKK", "ISK"),
    "fr": ("CHF", "XAF", "XOF"),
}
CURRENCIES = frozenset(
    [
        "AED",
        "ARS",
        "AUD",
        "BGN",
        "BHD",
        "BRL",
        "CAD",
        "CHF",
        "CLP",
        "CNY",
        "COP",
        "CZK",
        "DKK",
        "EGP",
        "EUR",
        "GBP",
        "HKD",
        "HUF",
        "IDR",
        "ILS",
        "INR",
        "ISK",
        "JPY",
        "KES",
        "KRW",
        "KWD",
        "MAD",
        "MXN",
        "MYR",
        "NGN",
        "NOK",
        "NZD",
        "PEN",
        "PHP",
        "PKR",
        "PLN",
        "QAR",
        "RON",
        "RSD",
        "RUB",
        "SAR",
        "SEK",
        "SGD",
        "THB",
        "TND",
        "TRY",
        "TWD",
        "UAH",
        "USD",
        "UYU",
        "VND",
        "XAF",
        "XOF",
        "ZAR",
    ]
)
"""The currencies a rule may name, by ISO 4217."""


def decimal(value: FieldValue) -> Decimal | None:
    """A number exactly as it was written; None when it is none, or one that has two readings ("1.200").

    The last of two different marks parts the decimals; a mark that stands several times parts thousands, and so do
    blanks. One mark alone parts decimals unless exactly three digits follow it.
    """
    if isinstance(value, bool) or value is None or isinstance(value, list):
        return None
    if isinstance(value, int | float):
        return _bounded(str(value))
    spelled = _BLANKS.sub("", value.strip()).replace("−", "-")  # noqa: RUF001 - as spreadsheets write a minus
    marks = [mark for mark in spelled if mark in ".,"]
    if not marks:
        return _bounded(spelled)
    last = marks[-1]
    other = "," if last == "." else "."
    if other in marks:
        if marks.count(last) > 1 or not _grouped(spelled.rpartition(last)[0], other):
            return None
        return _bounded(spelled.replace(other, "").replace(last, "."))
    if len(marks) > 1:
        return _bounded(spelled.replace(last, "")) if _grouped(spelled, last) else None
    whole, _, rest = spelled.partition(last)
    if len(rest) == 3 and whole.lstrip("+-") not in ("", "0") and len(whole.lstrip("+-")) <= 3:
        return None
    return _bounded(f"{whole or '0'}.{rest}")


def _grouped(spelled: str, mark: str) -> bool:
    first, *groups = spelled.lstrip("+-").split(mark)
    return 1 <= len(first) <= 3 and all(len(group) == 3 for group in groups)


def _bounded(spelled: str) -> Decimal | None:
    if not _PLAIN.fullmatch(spelled) and "e" not in spelled.lower():
        return None
    try:
        found = Decimal(spelled)
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) < _GREATEST else None


def duration_s(spelled: str) -> int | None:
    """Seconds of "1w 2d 3h" or "2,5 h"; None where a step has no unit that is known, or no step is there."""
    folded = spelled.strip().casefold()
    total, at = Decimal(0), 0
    while at < len(folded):
        step = _STEP.match(folded, at)
        count = decimal(step[1].rstrip(".,")) if step else None
        unit = _SPELLED.get(step[2]) if step else None
        if step is None or count is None or unit is None:
            return None
        total += count * unit
        at = step.end()
    return round(total) if at and total < _GREATEST else None


def amount(value: FieldValue, currency: str) -> tuple[Decimal, str] | str:
    """An amount with its currency, or why it is none. `currency` is the rule's, "" for none.

    What the text names goes before the rule's; a sign that several currencies share needs the rule to say which.
    """
    mark, found = "", None
    if isinstance(value, str):
        text = value.strip()
        number = text.strip("".join(set(text) - set("0123456789.,+-−' \u00a0\u202f"))).strip()  # noqa: RUF001
        mark = text.replace(number, "", 1).strip().rstrip(".") if number else text
        found = decimal(number)
    else:
        # A number as such is never written in two ways.
        found = decimal(value)
    if found is None:
        return "no amount, or one that can be read in two ways"
    if not mark:
        return (found, currency) if currency else "an amount without a currency, and the rule names none"
    if mark.upper() in CURRENCIES:
        return found, mark.upper()
    if mark.casefold() in _SIGNS:
        return found, _SIGNS[mark.casefold()]
    shared = _SHARED.get(mark.casefold())
    if shared is not None:
        return (
            (found, currency) if currency in shared else "a sign that several currencies share: the rule must name one"
        )
    return "an amount in a currency that is not known"
