"""Shopping coins (MODES 11a, 11b): given on purchase, spent on goods, expiring; never sold, handed on or cashed."""
