"""The core's own machinery: its thread, its event bus, long jobs, and whether the network is there."""
