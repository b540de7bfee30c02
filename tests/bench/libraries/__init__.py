"""Libraries made from a seed, in which it is known which item is which scene's."""
