"""Deadlines on live data: the office's calendar, what is owed, recomputing after a change."""
