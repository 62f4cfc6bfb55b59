"""Zalo template messages (ZBS) to phone numbers whose owners agreed to that."""
