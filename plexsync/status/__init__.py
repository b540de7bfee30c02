"""What people and programs see of a running consumer, and what they ask of it: a snapshot, and answers to requests."""
