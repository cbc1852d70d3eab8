"""The temperaments of projects: how promises turn into dates, and what is said about it."""

from __future__ import annotations

from dataclasses import dataclass
from math import log


@dataclass(frozen=True, slots=True)
class Temper:
    """`drag` stretches the course of work (1 keeps the plan; above, work starts near plan and decays). Shares are 0..1.

    `cycle_days` is the median of working days from start to finish, growing by `cycle_growth` over the project.
    `replans` is the chance that a due date about to be missed is moved; `by_days` how far, in working days.
    `told` are the words the project reports of itself, spread evenly over its life so far.
    """

    drag: float
    told: tuple[str, ...]
    cycle_days: float = 3.6
    cycle_growth: float = 0.1
    jitter: float = 2.5
    slack: tuple[float, float] = (4, 9)
    dated: float = 0.94
    estimated: float = 0.92
    replans: float = 0.85
    by_days: tuple[int, int] = (4, 9)
    growth: float = 0.2
    reopened: float = 0.04
    blocked: float = 0.05
    overrun: float = 1.05
    slips_told: bool = True


def reached(temper: Temper, planned: float) -> float:
    """When (as a share of the planned time) the share `planned` of the work is done."""
    if temper.drag <= 1:
        return planned * temper.drag
    return -temper.drag * log(1 - 0.92 * planned) / -log(0.08)


TEMPERS: dict[str, Temper] = {
    "healthy": Temper(0.98, ("on_track",)),
    "steady": Temper(1.0, ("on_track", "at_risk", "on_track", "on_track"), jitter=3.5, reopened=0.06),
    "amber": Temper(
        2.25, ("on_track", "on_track", "at_risk"), cycle_days=4.2, cycle_growth=0.6, dated=0.85, estimated=0.8,
        replans=0.8, growth=0.3, reopened=0.08, blocked=0.1, overrun=1.2,
    ),
    "red": Temper(
        2.9, ("on_track", "at_risk", "off_track", "off_track"), cycle_days=4.6, cycle_growth=1.6, dated=0.92,
        estimated=0.95, replans=0.6, by_days=(5, 15), growth=0.4, reopened=0.14, blocked=0.18, overrun=1.45,
    ),
    "watermelon": Temper(
        2.8, ("on_track",), cycle_days=4.6, cycle_growth=1.5, dated=0.95, estimated=0.96, replans=0.25, growth=0.35,
        reopened=0.13, blocked=0.16, overrun=1.4, slips_told=False,
    ),
    "finished": Temper(1.0, ("on_track", "on_track", "at_risk", "on_track", "complete"), jitter=3),
    "on_hold": Temper(1.1, ("on_track", "on_track", "on_hold"), dated=0.8, replans=0.5),
    "fresh": Temper(1.0, ("on_track",), growth=0.05),
    "thin": Temper(1.0, ("on_track",), dated=0.3, estimated=0.2, replans=0.3),
}  # fmt: skip
