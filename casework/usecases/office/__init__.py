"""Setting up: the office and its villages, its staff, and the check of our promises."""
