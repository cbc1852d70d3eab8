"""Governance: what the organisation decided about its figures (limits, targets, what is on, KPIs of its own), the rules
it sets, what they find of each project, and who was let off.

A rule is an entry of data (`rules`, shipped in `catalogue`) over a small library of `predicates`, which compile to the
same SQL that counts, and that lists the evidence. `run` judges all projects, `score` weighs what was found. Gates,
templates, audits and corrective actions are not here yet: rules that need them stand in `later`.

Whether somebody may decide is asked by the caller (`Capability.DEFINITIONS`, `Capability.GOVERNANCE`).
"""
