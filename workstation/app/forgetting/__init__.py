"""Erasing what the store holds of a buyer beside evidence: `whose` says of every table what is personal in it, `data`
puts the features' own erasing together, `rest` is what stands around their rows, `hearing` what the hub tells."""
