"""What decides about vendors' own domains, without Django: names, states, what the DNS says, filing numbers."""
