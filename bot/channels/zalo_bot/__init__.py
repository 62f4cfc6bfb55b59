"""The Zalo Bot Platform: a bot with a token, without buttons, for staff and small pilots."""
