"""A courier service that speaks Dada's protocol on loopback: its own code for signatures, nothing of the adapter's."""
