"""Tests of the customers."""
