"""Telegram: python-telegram-bot's `Bot` and types over one aiohttp session, without its queues and handlers."""
