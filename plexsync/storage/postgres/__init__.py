"""PostgreSQL in place of the SQLite file: the same statements, translated, behind the same interface."""
