"""The staff's side of the chat: commands and buttons over the use cases of moderation."""
