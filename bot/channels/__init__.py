"""One folder per platform: each translates between it and the neutral messages, and does nothing else."""
