"""A queue with tasks of its own, in real consumers."""
