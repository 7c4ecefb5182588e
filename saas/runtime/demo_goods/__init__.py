"""What the demo's malls sell: products as tables, and the pictures that the project draws of them."""
