"""Writing: one draft for each conversation and mode, two languages side by side, and what stops a send."""
