"""Written answers: who owes them, writing, approving, publishing to every asker."""
