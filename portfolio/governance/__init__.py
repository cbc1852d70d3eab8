"""Governance: what the organisation decided about its figures: limits, targets, what is on, and KPIs of its own.

Whether somebody may decide is asked by the caller (`Capability.DEFINITIONS`, `Capability.GOVERNANCE`).
"""
