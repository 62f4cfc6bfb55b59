"""The chats: channels, durable inbox and outbox, the conversation, the schedule and the web server."""
