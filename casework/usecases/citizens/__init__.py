"""What citizens do: their turn of the talk, their opinions, who they are, what looks alike."""
