"""Reading mails in a process of its own, so that a long first reading takes both sides of the computer."""
