"""One person across channels: proposed with reasons, merged and parted by people only."""
