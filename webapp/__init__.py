"""The face: pages and sign-in. Thin: it asks, shows and links; no rule and no formula lives here."""
