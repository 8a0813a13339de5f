"""The upstream server: takes events, gives changes, keeps sealed files, and proves what it holds.

docs/sync-protocol.md describes what it speaks. Nothing here is imported by a desktop that has no hub of its own.
"""
