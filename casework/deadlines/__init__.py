"""Working days, periods of the law and the dates they lead to: pure functions on plain values."""
