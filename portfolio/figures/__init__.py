"""Figures: computed from facts by the KPIs, judged, kept while they hold, and restated when the past turns out another.

Nothing here defines a figure; that is what `portfolio.facts` and `portfolio.kpis` do.
"""
