"""A seeded, made-up company: what its projects lived through, and how three trackers would show it."""
