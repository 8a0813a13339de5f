"""Frozen nouns that two or more features share. Nothing here does I/O."""
