"""Partner membership (MODES 9a): a year of member prices for a fee; half of it to the licensed store, never to a person."""
