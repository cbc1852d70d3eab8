"""What charts of one project show, as of a day or over a series of days.

Grouped in the database, so that a project of 300,000 items costs what a small one does, but for reading its states.
Not who sees the project: that is asked before.
"""
