"""The local store: encrypted tables, files and index, with units of work that announce what changed."""
