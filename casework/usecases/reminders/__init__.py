"""Reminding the person who must act: ladders as data, who is told, one message a day."""
