"""The conference: plan, agenda, the day itself, the conclusion notice."""
