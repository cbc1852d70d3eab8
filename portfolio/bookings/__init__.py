"""Bookings of persons and roles that are made here, and requests for them: who decides what, and what becomes of it."""
