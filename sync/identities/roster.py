"""What a row of a table makes of whom it is about. Writes nothing."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from sqlalchemy import Connection

from portfolio.resources.hours import HoursError, read_hours
from sync.errors import PersonDecisionError
from sync.identities.details import Details, calendars, fault, read_details
from sync.identities.finding import Finder, fold
from sync.identities.managers import circles
from sync.mapping.projects import clean
from sync.people import email_hash

CLEAR = "-"
_SHARE = re.compile(r"^(.*?)\s*(?:\(?([0-9.,]+)\s*%\)?)?$")
_YES = frozenset({"yes", "true", "1", "y", "ja", "oui", "si", "sí", "sì", "sim", "да", "enabled", "active", "是"})
_NO = frozenset({"no", "false", "0", "n", "nein", "non", "não", "нет", "disabled", "inactive", "否"})
ADDED, CHANGED, SAME = "added", "changed", "same"


class Plan:
    """What one row asks for."""

    def __init__(self, person_id: int | None, found_by: str | None, before: Details | None) -> None:
        self.person_id = person_id
        self.found_by = found_by
        self.before = before
        self.after = before or Details("")
        self.trace: str | None = None
        self.fault: str | None = None

    @property
    def outcome(self) -> str:
        return ADDED if self.before is None else SAME if self.before == self.after else CHANGED


class Roster:
    """Everybody, and what is entered of them."""

    def __init__(self, store: Connection, day: date) -> None:
        self._details = read_details(store, day)
        self._calendars = calendars(store)
        self._finder = Finder(store, {who: details.name for who, details in self._details.items()})

    def plan(self, row: Mapping[str, str]) -> Plan:
        """Who the row is about, and what it makes of them."""
        row = dict(row)
        if not row.get("name") and (row.get("given") or row.get("family")):
            row["name"] = f"{row.get('given', '')} {row.get('family', '')}".strip()
        try:
            found_by, person_id = self._finder.find(row)
            plan = Plan(person_id, found_by, self._details[person_id] if person_id is not None else None)
            plan.trace = email_hash(row.get("email"))
            plan.after = self._read(row, plan.after)
            wrong = fault(plan.after, self._calendars)
            plan.fault = f"{wrong[0]}: {wrong[1]}" if wrong else None
        except PersonDecisionError as error:
            plan = Plan(None, None, None)
            plan.fault = str(error)
        return plan

    def _read(self, row: Mapping[str, str], before: Details) -> Details:
        changes: dict[str, object] = {}
        if row.get("name"):
            changes["name"] = clean(row["name"])
        for name in ("role", "segment", "seniority", "location", "calendar"):
            if text := row.get(name):
                changes[name] = None if text == CLEAR else text
        if text := row.get("fte"):
            changes["fte"] = Decimal(1) if text == CLEAR else read_share(text)
        if text := row.get("hours"):
            try:
                changes["hours"] = None if text == CLEAR else read_hours(text)
            except HoursError as error:
                raise PersonDecisionError(f"hours: {error}") from error
        if text := row.get("active"):
            if text.casefold() not in _YES | _NO:
                raise PersonDecisionError(f"active: {text[:40]!r} is neither yes nor no.")
            changes["active"] = text.casefold() in _YES
        if text := row.get("teams"):
            changes["teams"] = () if text == CLEAR else read_teams(text)
        return before._replace(**changes)  # type: ignore[arg-type]

    def refuse_doubles(self, plans: Iterable[Plan]) -> None:
        """No two rows may be about one person."""
        plans = list(plans)
        named = Counter(plan.person_id or plan.trace for plan in plans if not plan.fault)
        for plan in plans:
            who = plan.person_id or plan.trace
            if not plan.fault and who is not None and named[who] > 1:
                plan.fault = "another row is about the same person."

    def place_managers(self, rows: Iterable[Mapping[str, str]], plans: list[Plan]) -> None:
        """Who manages whom, once all are known. Somebody the file adds has no number yet: they are minus their row."""
        added: dict[str, set[int]] = defaultdict(set)
        for place, plan in enumerate(plans, 1):
            if plan.before is None and not plan.fault:
                for key in (plan.trace, fold(plan.after.name)):
                    if key:
                        added[key].add(-place)
        for row, plan in zip(rows, plans, strict=True):
            text = row.get("manager", "")
            if not text or plan.fault:
                continue
            try:
                manager = None if text == CLEAR else self._finder.named(text, "manager", added)
            except PersonDecisionError as error:
                plan.fault = str(error)
                continue
            plan.after = plan.after._replace(manager_id=manager)
        above = {who: it.manager_id for who, it in self._details.items()}
        above |= {plan.person_id or -place: plan.after.manager_id for place, plan in enumerate(plans, 1)}
        round_about = circles({who: manager for who, manager in above.items() if manager is not None})
        for place, plan in enumerate(plans, 1):
            if not plan.fault and (plan.person_id or -place) in round_about:
                plan.fault = "manager: this person would be above themselves. Mind who manages whom in the file."


def read_teams(text: str) -> tuple[tuple[str, Decimal], ...]:
    """Teams with shares as people write them: "Alpha 60%; Beta 40%". Without a share it is all of the person."""
    found = []
    for part in text.split(";"):
        if not part.strip():
            continue
        match = _SHARE.match(part.strip())
        name, share = (match[1], match[2]) if match else (part, None)
        found.append((name.strip(), read_share(f"{share}%") if share else Decimal(1)))
    return tuple(sorted(found))


def read_share(text: str) -> Decimal:
    """A share: 0.8, 0,8 or 80%."""
    plain = text.replace(",", ".").replace("%", "").strip()
    try:
        value = Decimal(plain)
        value = value / 100 if "%" in text else value
        if value.is_finite() and abs(value) < 1000:
            return value.quantize(Decimal("0.001"))
    except InvalidOperation:
        pass
    raise PersonDecisionError(f"{text[:40]!r} is no share: write 0.8 or 80%.")
