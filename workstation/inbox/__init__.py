"""The inbox: mailboxes, conversations and messages, their clocks, their states and how they are found."""
