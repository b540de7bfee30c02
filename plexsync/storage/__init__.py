"""The one database: how it is opened, locked, written and migrated, and how its loss is noticed."""
