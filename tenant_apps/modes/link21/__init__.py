"""Link 2+1: agents and bosses in a line, two awards a pack, assigned when the order completes (MODES 7)."""
