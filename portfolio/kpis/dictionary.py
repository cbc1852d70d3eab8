"""The KPI dictionary as a document, made from the declarations so that it cannot drift from them.

python -m portfolio.kpis.dictionary > docs/kpis.md
"""

from __future__ import annotations

import sys

from portfolio.kpis.awaited import AWAITED
from portfolio.kpis.catalogue import KPIS
from portfolio.kpis.declare import Kpi
from portfolio.kpis.reading import Reason
from portfolio.kpis.singly import SINGLY, Singly
from portfolio.kpis.thresholds import Direction

_OPENING = """# KPI dictionary

Made from the code by `make docs`; do not edit. Each KPI is a pure function from a project's facts to a *reading*:
value, numerator, denominator, n, coverage, reason, rag. Values are compared with their limits before any rounding;
a value that meets a limit exactly has met it. No data gives a reason and grey, never 0 and never green.
"""
_AWAITED = """These KPIs of the catalogue have no reading yet (`NOT_AVAILABLE_YET`), because what they need is not kept.
"""

_SINGLY = """These KPIs are shown on the pages of load, to whoever may see it by name. No reading of them is kept.
"""

_BETTER = {
    Direction.HIGHER: "higher is better",
    Direction.LOWER: "lower is better",
    Direction.BAND: "better between two limits",
}


def markdown() -> str:
    """The whole document."""
    parts = [_OPENING, "## Reasons\n", *(f"- `{reason.value}`" for reason in Reason), ""]
    parts += [_entry(kpi) for kpi in KPIS.values()]
    parts += ["## Of single persons\n", _SINGLY, *(_single(it) for it in SINGLY.values())]
    parts += ["## Awaited\n", _AWAITED, *(f"- {it.id} {it.name}: needs {it.needs}" for it in AWAITED.values()), ""]
    return "\n".join(parts)


def _entry(kpi: Kpi) -> str:
    limits = kpi.thresholds
    formula = f"- formula: `{kpi.symbols}`\n" if kpi.symbols else ""
    behind = f"- items behind: {', '.join(kpi.behind)}\n" if kpi.behind else ""
    colours = f"green from {limits.green}, amber from {limits.amber}" if limits else "no limits, so grey"
    colours += f", held against {kpi.judged}" if kpi.judged else ""
    words = "\n".join(line.strip() for line in kpi.words.splitlines())
    return (
        f"## {kpi.id} {kpi.name}\n\n{words}\n\n"
        f"{formula}- unit: {kpi.unit.value}; {_BETTER[kpi.direction]}; {colours}\n"
        f"- over several projects: {kpi.together.value}\n"
        f"{behind}- source: {kpi.source}\n"
    )


def _single(it: Singly) -> str:
    return f"### {it.id} {it.name}\n\n{it.words}\n\n- shown: {it.place}\n- source: {it.source}\n"


if __name__ == "__main__":
    sys.stdout.write(markdown())
