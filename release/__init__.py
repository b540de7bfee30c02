"""What makes a release of PlexSync. None of it runs where PlexSync is installed."""
