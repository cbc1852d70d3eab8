"""What operators see of the syncing: a log of each run, figures for a monitoring system, and what is wrong.

Names of people, projects and items are in none of it.
"""
