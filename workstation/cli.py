"""The command line. Without arguments it opens the window."""
