// Made by docs/generate.py of plexsync/configuration/form.py and settings.py: change those.

PlexSync.part("settings table", (ui) => {
  ui.SETTINGS = {
    "groups": [
      {
        "title": "Connection to Plex",
        "fields": [
          {
            "name": "plex_token",
            "key": "plexToken",
            "also": [],
            "variable": "PLEXSYNC_PLEX_TOKEN",
            "label": "Plex token",
            "description": "Plex's access token (X-Plex-Token) of the server's owner. Required, here or as PLEXSYNC_PLEX_TOKEN.",
            "default": "",
            "kind": "secret",
            "choices": []
          },
          {
            "name": "plex_url",
            "key": "plexUrl",
            "also": [],
            "variable": "PLEXSYNC_PLEX_URL",
            "label": "Plex address",
            "description": "Where the consumer reaches Plex, such as http://192.168.1.10:32400.",
            "default": "Default: http://localhost:32400.",
            "kind": "text",
            "choices": []
          },
          {
            "name": "plex_libraries",
            "key": "plexLibraries",
            "also": [],
            "variable": "PLEXSYNC_PLEX_LIBRARIES",
            "label": "Plex libraries",
            "description": "The libraries to sync. If you type them, separate their names or ids by commas.",
            "default": "Default: all of type movie.",
            "kind": "libraries",
            "choices": []
          },
          {
            "name": "plex_verify_tls",
            "key": "plexVerifyTls",
            "also": [],
            "variable": "PLEXSYNC_PLEX_VERIFY_TLS",
            "label": "Check Plex's certificate",
            "description": "true, false, or the path of a file with the certificate authority's certificates.",
            "default": "Default: true.",
            "kind": "text",
            "choices": []
          }
        ]
      },
      {
        "title": "Files",
        "fields": [
          {
            "name": "path_map",
            "key": "pathMap",
            "also": [],
            "variable": "PLEXSYNC_PATH_MAP",
            "label": "Path map",
            "description": "Which folder of Stash is which of Plex: /stash/prefix=>/plex/prefix, several separated by ';'.",
            "default": "Default: inferred.",
            "kind": "paths",
            "choices": []
          },
          {
            "name": "scan_missing",
            "key": "scanMissing",
            "also": [],
            "variable": "PLEXSYNC_SCAN_MISSING",
            "label": "Scan for missing files",
            "description": "Ask Plex to scan the folder of a file that it does not have yet, each at most once an hour.",
            "default": "",
            "kind": "switch",
            "choices": []
          }
        ]
      },
      {
        "title": "What is written to Plex",
        "fields": [
          {
            "name": "fields",
            "key": "fields",
            "also": [],
            "variable": "PLEXSYNC_FIELDS",
            "label": "Fields",
            "description": "What is carried to Plex. Fields that are left out stay in Plex as they are.",
            "default": "Default: all.",
            "kind": "fields",
            "choices": []
          },
          {
            "name": "tagline",
            "key": "tagline",
            "also": [],
            "variable": "PLEXSYNC_TAGLINE",
            "label": "Tagline",
            "description": "What Plex shows as tagline: code (the studio code), or a template such as {studio} - {date}.",
            "default": "Default: none.",
            "kind": "text",
            "choices": []
          },
          {
            "name": "sort_title",
            "key": "sortTitle",
            "also": [],
            "variable": "PLEXSYNC_SORT_TITLE",
            "label": "Sort title",
            "description": "What Plex sorts by: a template such as {studio} {date} {title}. Without one Plex sorts by title.",
            "default": "Default: none.",
            "kind": "text",
            "choices": []
          },
          {
            "name": "content_rating",
            "key": "contentRating",
            "also": [],
            "variable": "PLEXSYNC_CONTENT_RATING",
            "label": "Content rating",
            "description": "Written to every item, such as XXX.",
            "default": "Default: none.",
            "kind": "text",
            "choices": []
          },
          {
            "name": "only_organized",
            "key": "skipUnorganized",
            "also": [
              "onlyOrganized"
            ],
            "variable": "PLEXSYNC_ONLY_ORGANIZED",
            "label": "Only organized scenes",
            "description": "Sync only scenes that are marked as organized.",
            "default": "",
            "kind": "switch",
            "choices": []
          },
          {
            "name": "ascii_titles",
            "key": "cleanTitles",
            "also": [
              "asciiTitles"
            ],
            "variable": "PLEXSYNC_ASCII_TITLES",
            "label": "Plain titles",
            "description": "Write titles in Plex with plain Latin letters only (ASCII).",
            "default": "",
            "kind": "switch",
            "choices": []
          },
          {
            "name": "lock_fields",
            "key": "lockFields",
            "also": [],
            "variable": "PLEXSYNC_LOCK_FIELDS",
            "label": "Lock written fields",
            "description": "Keep Plex's own agent from changing them when it refreshes an item.",
            "default": "Default: on.",
            "kind": "switch",
            "choices": []
          },
          {
            "name": "preserve_plex_edits",
            "key": "preservePlexEdits",
            "also": [],
            "variable": "PLEXSYNC_PRESERVE_PLEX_EDITS",
            "label": "Keep edits made in Plex",
            "description": "Leave alone the fields that a person has changed in Plex.",
            "default": "",
            "kind": "switch",
            "choices": []
          },
          {
            "name": "stash_public_url",
            "key": "stashPublicUrl",
            "also": [],
            "variable": "PLEXSYNC_STASH_PUBLIC_URL",
            "label": "Stash's address for viewers",
            "description": "Where viewers' devices reach Stash, for performers' pictures. Only if Stash asks for no password.",
            "default": "Default: none.",
            "kind": "text",
            "choices": []
          }
        ]
      },
      {
        "title": "Matching",
        "fields": [
          {
            "name": "all_items",
            "key": "allItems",
            "also": [],
            "variable": "PLEXSYNC_ALL_ITEMS",
            "label": "All items of a scene",
            "description": "If a scene has several items in Plex (two resolutions, two libraries), write to all of them.",
            "default": "Default: on.",
            "kind": "switch",
            "choices": []
          },
          {
            "name": "match_auto",
            "key": "matchAuto",
            "also": [],
            "variable": "PLEXSYNC_MATCH_AUTO",
            "label": "Sync from confidence",
            "description": "From this confidence on (0 to 100) a scene is synced with the item that was found for it.",
            "default": "Default: 90.",
            "kind": "number",
            "choices": []
          },
          {
            "name": "match_review",
            "key": "matchReview",
            "also": [],
            "variable": "PLEXSYNC_MATCH_REVIEW",
            "label": "Ask from confidence",
            "description": "From this confidence on (0 to 100) a match waits for your decision. Below, it is not considered.",
            "default": "Default: 60.",
            "kind": "number",
            "choices": []
          }
        ]
      },
      {
        "title": "Running",
        "fields": [
          {
            "name": "autostart",
            "key": "autostart",
            "also": [],
            "variable": "PLEXSYNC_AUTOSTART",
            "label": "Start by itself",
            "description": "Let Stash start the consumer if none runs. Switch it off if a service or a container runs it.",
            "default": "Default: on.",
            "kind": "switch",
            "choices": []
          },
          {
            "name": "reconcile",
            "key": "reconcile",
            "also": [],
            "variable": "PLEXSYNC_RECONCILE",
            "label": "Daily comparison",
            "description": "When to compare everything, such as 04:00; off for never.",
            "default": "Default: 04:00.",
            "kind": "text",
            "choices": []
          },
          {
            "name": "max_writes_per_second",
            "key": "maxWritesPerSecond",
            "also": [],
            "variable": "PLEXSYNC_MAX_WRITES_PER_SECOND",
            "label": "Writes per second",
            "description": "At most so many writes to Plex. 0: as many as it handles easily.",
            "default": "Default: 0.",
            "kind": "number",
            "choices": []
          },
          {
            "name": "dry_run",
            "key": "dryRun",
            "also": [],
            "variable": "PLEXSYNC_DRY_RUN",
            "label": "Dry run",
            "description": "Write nothing to Plex; the log says what would be written.",
            "default": "",
            "kind": "switch",
            "choices": []
          },
          {
            "name": "log_level",
            "key": "logLevel",
            "also": [],
            "variable": "PLEXSYNC_LOG_LEVEL",
            "label": "Log",
            "description": "How much the consumer logs. It takes effect when the consumer is restarted.",
            "default": "Default: info.",
            "kind": "choice",
            "choices": [
              "debug",
              "info",
              "warning",
              "error"
            ]
          }
        ]
      }
    ],
    "fields": [
      "title",
      "summary",
      "studio",
      "date",
      "performers",
      "tags",
      "rating",
      "director",
      "groups",
      "poster",
      "background",
      "content_rating"
    ]
  };
});
