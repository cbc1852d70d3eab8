"""Capacity as it is entered by hand: calendars with their holidays, and when persons are away."""
