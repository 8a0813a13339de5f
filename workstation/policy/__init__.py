"""Policy packs: versioned data by platform and region, and the rules that read them."""
