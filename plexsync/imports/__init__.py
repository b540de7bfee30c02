"""What a start puts off until it is used: patterns, methods of data classes, and parts of others' packages."""
