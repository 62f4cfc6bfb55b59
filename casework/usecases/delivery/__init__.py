"""The outbox as records: claiming and recording sends, and what staff see of them."""
