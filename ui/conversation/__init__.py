"""Reading a conversation: the timeline, its translations, its files, and how each reply is doing."""
