"""Bad weather for a consumer: kills, faults and outages, and the tally of what became of each edit."""
