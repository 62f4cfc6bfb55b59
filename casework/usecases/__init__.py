"""The verbs: one use case is one function, one command in, one unit of work. Only here are units of work opened."""
