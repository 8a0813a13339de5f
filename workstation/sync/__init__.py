"""Copying upstream and back: events out, changes in, blobs across, and a digest to prove both sides agree."""
