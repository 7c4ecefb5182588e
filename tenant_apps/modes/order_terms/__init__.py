"""Terms of placing an order: freight, the time to pay, how many pieces."""
