"""A courier service that speaks Dada's protocol and a tracking service that speaks Kuaidi100's, on loopback: their own
code for signatures, nothing of the adapters'."""
