"""The inbox: what trackers say that no rule understands yet, what figures rest on it, and what it could mean."""
