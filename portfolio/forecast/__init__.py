"""What is to be expected of work that goes on as it went: when it will be finished, and how much of it by a day.

Pure. A forecast draws whole weeks from the sample of past weeks, each as likely as the others, zeros included. Where
few numbers are involved it is exact, else it is simulated; the same sample always gives the same forecast.

numpy is imported where it is used: it is large, and a run that changes nothing forecasts nothing.
"""
