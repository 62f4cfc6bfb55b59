"""What the regulations ask of a conference's life: its plan, a change of its day, what is still owed. Pure rules."""
