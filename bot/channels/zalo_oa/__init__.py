"""Zalo official account."""
