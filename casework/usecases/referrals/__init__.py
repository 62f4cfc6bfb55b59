"""Use cases: matters beyond the commune's competence on their way up, and back."""
