"""Orders, parcels and refunds: imported from files, fetched from shops and carriers, linked to conversations."""
