"""Outside systems played on loopback, speaking the real protocols: for the demo and for tests."""
