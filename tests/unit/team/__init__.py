"""Tests of the team: members and presence."""
