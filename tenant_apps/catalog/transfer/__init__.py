"""Files of products: what stands in them, read and written. No database here; services.importing brings it to the tables."""
