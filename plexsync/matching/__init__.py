"""Which Plex item a scene belongs to, and how sure we are. Pure: only looks up."""
