"""The kinds of table, by name. A new one is a line in this list."""

from __future__ import annotations

from sync.capacity.kinds.bookings import BOOKINGS
from sync.capacity.kinds.calendar_hours import CALENDAR_HOURS
from sync.capacity.kinds.holidays import HOLIDAYS
from sync.capacity.kinds.shares import SHARES
from sync.capacity.kinds.skills import ROLE_SKILLS, SKILLS
from sync.capacity.kinds.terms import TERMS
from sync.capacity.kinds.time_off import TIME_OFF

KINDS = {kind.name: kind for kind in (TERMS, TIME_OFF, CALENDAR_HOURS, HOLIDAYS, SHARES, SKILLS, ROLE_SKILLS, BOOKINGS)}
