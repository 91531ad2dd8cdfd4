"""Redaction gateway: live calls go in, the same calls come out bleeped, with redacted captions."""

__version__ = "0.1.0"
