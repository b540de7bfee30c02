"""What bounds PlexSync as a library grows: measured costs, formulas, a simulation, and the tables of the page."""
