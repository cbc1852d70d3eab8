"""What a PMO knows: the model, its store, facts, KPIs. Knows no tracker, no HTTP, no Flask."""
