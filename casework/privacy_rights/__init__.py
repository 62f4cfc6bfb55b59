"""What the law gives a person over their data, and by when: dated, cited data (`rights.toml`)."""

from casework.privacy_rights.clocks import Clock, clocks, days_of

__all__ = ["Clock", "clocks", "days_of"]
