"""What people and programs see of a running consumer, and what they ask of it."""
