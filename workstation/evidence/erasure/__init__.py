"""Erasure of a case's personal data: its values. What erases is in erasing.py, deadlines.py and holds.py."""
