"""What a setting may look like, where it stands, and what is wrong with it."""
