"""The company's projects, as a table: what they are, where they live, and how they fare."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.company.plan import Tracker

C, D, A = Tracker.CLOUD, Tracker.DATACENTER, Tracker.ASANA

PROGRAMS: dict[str, str] = {
    "Customer Platform": "Growth",
    "Market Entry": "Growth",
    "Partner Network": "Growth",
    "Supply Chain": "Operations",
    "Finance Renewal": "Operations",
    "Workplace": "Operations",
    "Data Platform": "Foundations",
    "Safety and Compliance": "Foundations",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """`size` is the number of items at scale 1. `months` are (begin, due) in months from today, begin negative.

    `method`: scrum, kanban or plain (no board of its own). `estimates`: points, time or none. Quirks are words that the
    story and the renderers look for.
    """

    code: str
    name: str
    tracker: Tracker
    program: str
    temper: str
    size: int
    months: tuple[float, float]
    method: str
    estimates: str
    flow: str
    logs: bool = False
    quirks: tuple[str, ...] = ()


PROJECTS: tuple[Entry, ...] = (
    Entry("LAMP", "Member App", C, "Customer Platform", "healthy", 620, (-18, 6), "scrum", "points", "review"),
    Entry("BASKET", "Basket and Checkout", C, "Customer Platform", "watermelon", 560, (-15, 3), "scrum", "points",
          "delivery", True),
    Entry("BELL", "Call Desk Tools", C, "Customer Platform", "steady", 420, (-16, 5), "kanban", "time", "service",
          True),
    Entry("DUNE", "Southern Launch", C, "Market Entry", "amber", 430, (-13, 3), "scrum", "points", "portuguese", True),
    Entry("FJORD", "Northern Launch", C, "Market Entry", "healthy", 460, (-14, 6), "scrum", "time", "german", True),
    Entry("REEF", "Island Pilot", C, "Market Entry", "on_hold", 260, (-12, 4), "kanban", "none", "simple"),
    Entry("BRIDGE", "Partner Gateway", C, "Partner Network", "red", 500, (-16, 1), "scrum", "points", "delivery", True),
    Entry("KNOT", "Partner Contracts", C, "Partner Network", "steady", 330, (-12, 5), "kanban", "none", "signature"),
    Entry("CRANE", "Route Planner", C, "Supply Chain", "healthy", 480, (-17, 4), "scrum", "time", "delivery", True),
    Entry("TINKER", "Label Workshop", C, "Supply Chain", "steady", 290, (-10, 5), "kanban", "points", "simple", False,
          ("team_managed",)),
    Entry("DESK", "Desk Booking", C, "Workplace", "healthy", 240, (-9, 4), "scrum", "points", "review", False,
          ("team_managed",)),
    Entry("RIVER", "Event Stream", C, "Data Platform", "steady", 520, (-18, 5), "scrum", "points", "review", True),
    Entry("WELL", "Data Quality", C, "Data Platform", "watermelon", 400, (-14, 2), "kanban", "time", "service", True),
    Entry("SHIELD", "Access Renewal", C, "Safety and Compliance", "red", 430, (-15, 0.5), "scrum", "time", "review",
          True),
    Entry("MOSS", "Consent Banner", C, "Customer Platform", "finished", 350, (-18, -5), "scrum", "points", "review",
          True),
    Entry("SPROUT", "Loyalty Trial", C, "Customer Platform", "thin", 3, (-0.8, 5), "kanban", "none", "simple", False,
          ("three_items",)),
    Entry("ANVIL", "Warehouse Core", D, "Supply Chain", "healthy", 520, (-18, 7), "scrum", "time", "review", True),
    Entry("PULLEY", "Stock Ledger", D, "Supply Chain", "watermelon", 430, (-16, 2), "scrum", "time", "delivery", True),
    Entry("GEAR", "Shift Roster", D, "Workplace", "steady", 310, (-13, 5), "kanban", "time", "service", True),
    Entry("QUILL", "Invoice Layouts", D, "Finance Renewal", "healthy", 380, (-15, 4), "scrum", "points", "german",
          True),
    Entry("LEDGER", "General Ledger Move", D, "Finance Renewal", "red", 470, (-17, 0.8), "scrum", "time", "delivery",
          True),
    Entry("COIN", "Cash Forecast", D, "Finance Renewal", "amber", 340, (-12, 4), "kanban", "points", "review"),
    Entry("VAULT", "Archive Keeping", D, "Safety and Compliance", "steady", 300, (-14, 6), "kanban", "none", "service"),
    Entry("TORCH", "Fire Drill Records", D, "Safety and Compliance", "finished", 280, (-17, -4), "scrum", "time",
          "review", True),
    Entry("MILL", "Nightly Exports", D, "Data Platform", "amber", 360, (-13, 3), "scrum", "points", "review", True),
    Entry("SEED", "Supplier Scorecards", D, "Supply Chain", "fresh", 40, (-1, 9), "kanban", "time", "review", True),
    Entry("A-BRAND", "Brand Refresh", A, "Customer Platform", "watermelon", 260, (-12, 2), "plain", "time",
          "stages", True),
    Entry("A-SHOPS", "Shop Openings", A, "Market Entry", "healthy", 280, (-14, 5), "plain", "time", "stages", True),
    Entry("A-RULES", "Local Rules Check", A, "Market Entry", "red", 230, (-13, 1), "plain", "none", "enum", False,
          ("enum_status",)),
    Entry("A-FAIR", "Partner Fair", A, "Partner Network", "finished", 190, (-15, -3), "plain", "none", "columns", False,
          ("archived",)),
    Entry("A-GUIDE", "Partner Handbook", A, "Partner Network", "steady", 200, (-11, 4), "plain", "points", "enum",
          False, ("enum_status",)),
    Entry("A-FLEET", "Fleet Change", A, "Supply Chain", "amber", 250, (-12, 4), "plain", "time", "stages", True),
    Entry("A-CLOSE", "Faster Month End", A, "Finance Renewal", "watermelon", 240, (-13, 2), "plain", "time", "enum",
          True, ("enum_status",)),
    Entry("A-MOVE", "Office Move", A, "Workplace", "steady", 270, (-10, 3), "plain", "none", "odd columns"),
    Entry("A-LEARN", "Learning Weeks", A, "Workplace", "healthy", 230, (-12, 6), "plain", "time", "columns", True),
    Entry("A-HIRE", "Hiring Wave", A, "Workplace", "on_hold", 150, (-9, 4), "plain", "none", "portuguese columns"),
    Entry("A-MAP", "Data Map", A, "Data Platform", "thin", 90, (-8, 5), "plain", "none", "columns", False,
          ("undated",)),
    Entry("A-AUDIT", "Audit Readiness", A, "Safety and Compliance", "healthy", 260, (-14, 5), "plain", "time", "enum",
          True, ("enum_status",)),
    Entry("A-KITS", "Safety Kits", A, "Safety and Compliance", "fresh", 30, (-1.2, 7), "plain", "time", "columns"),
    Entry("A-SPARK", "Idea Box", A, "Data Platform", "thin", 3, (-0.6, 4), "plain", "none", "columns", False,
          ("three_items",)),
)  # fmt: skip
