"""What Front staff decide on opinions, what waits for them, and how the asker is told."""
