"""Use cases that make documents: they read the case file, the filling knows nothing of it.

Each module with `KINDS` is a family of documents, listed by `casework.documents.registry`.
"""
