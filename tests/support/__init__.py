"""Rigs: simulated servers with the program between them, real processes, and values to try it with."""
