"""Use cases: gather what the documents of a conference are made of."""
