"""The upstream server: the same core behind HTTP, with receipts, a feed, blobs and roles. Extra: hub."""
