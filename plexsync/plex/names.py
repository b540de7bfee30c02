"""What Plex calls the fields PlexSync carries."""

from __future__ import annotations

from plexsync.model import Field

#: Texts, as an item holds them and an edit names them.
TEXT_NAMES = {
    Field.TITLE: "title",
    Field.SUMMARY: "summary",
    Field.STUDIO: "studio",
    Field.DATE: "originallyAvailableAt",
    Field.CONTENT_RATING: "contentRating",
}
#: Tag lists, as an edit names them.
TAG_NAMES = {
    Field.PERFORMERS: "actor",
    Field.TAGS: "genre",
    Field.DIRECTOR: "director",
    Field.GROUPS: "collection",
}
#: Tag lists, as an item holds them.
TAG_ELEMENTS = {
    Field.PERFORMERS: "Role",
    Field.TAGS: "Genre",
    Field.DIRECTOR: "Director",
    Field.GROUPS: "Collection",
}
#: Pictures: the folder of an item they are read from and uploaded to.
PICTURE_FOLDERS = {Field.POSTER: "posters", Field.BACKGROUND: "arts"}
#: Pictures: what one is chosen as.
PICTURE_ELEMENTS = {Field.POSTER: "poster", Field.BACKGROUND: "art"}
#: What locks go by. The owner's rating has none.
LOCK_NAMES = {**TEXT_NAMES, **TAG_NAMES, Field.POSTER: "thumb", Field.BACKGROUND: "art"}
