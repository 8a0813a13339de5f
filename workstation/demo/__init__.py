"""The demo: a throw-away home, real servers on loopback, and the whole loop walked through."""
