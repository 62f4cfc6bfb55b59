"""What the promises look like in the data: one small check each, read-only, on any database."""
