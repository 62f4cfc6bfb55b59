"""Text in, judgement out: labels, places, personal data and likeness of citizens' messages."""
