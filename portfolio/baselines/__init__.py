"""Baselines: a project's plan as it was agreed, kept in versions, and how the plan of today differs from them."""
