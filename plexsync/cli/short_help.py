"""What ``help`` says of each command, so that it imports none of them; tests hold that the commands say the same."""

from __future__ import annotations

#: The first paragraph of each command's own help; a command that is not here is not listed.
SHORT_HELP = {
    "status": "Show how it is going: the queue, scenes by state, dead letters, outages.",
    "scene": (
        "Show what is known of a scene: its state, its item in Plex and why, what was written or left out, and errors."
    ),
    "sync": "Queue scenes, as if each had just been edited in Stash.",
    "scenes": "Scenes by state.",
    "activity": "List what was done lately, the newest first.",
    "trace": "Show one event's way from the hook to Plex.",
    "stats": (
        "Show what the last day, week, month and year came to: scenes synced and failed, how long edits took, outages."
    ),
    "watch": (
        "Show how it is going, live, until you press Ctrl-C. Where the output is no terminal, a line for each change."
    ),
    "failed": "Dead letters: scenes that PlexSync gave up.",
    "review": "Decide which item of Plex is a scene's, where PlexSync is not sure.",
    "matching": "Show how well scenes and items of Plex are matched in your libraries.",
    "reconcile": "Compare everything in Stash with Plex, and queue what differs.",
    "doctor": "Check everything: settings, Stash, Plex, libraries, paths, queue, disk, clock.",
    "report": (
        "Write a report to share: versions, findings, status, settings and recent logs, without names and secrets."
    ),
    "backup": "Copy the database, while the consumer runs, to FILE or among those that are made every night.",
    "restore": "Put a copy of the database back. Stop the consumer first; what was there before is kept.",
    "migrate": "Carry the database from the SQLite file to PostgreSQL, or back. Stop the consumer first.",
    "login": "Sign in to Plex: shows a code to enter at plex.tv, and stores the token privately.",
    "instances": "Sync to several Plex servers: one consumer, with a data folder of its own, for each.",
}
