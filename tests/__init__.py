"""The tests, in rooms as the program is; what several of them need is in ``tests.support``."""
