"""Posters and backgrounds: sent only when their bytes changed, and each only once, whatever dies in between."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from plexsync.ledger import PictureRecord, SceneLedger
from plexsync.model import Field, Item, Picture
from plexsync.plex import PlexClient
from plexsync.stash import StashClient


@dataclass(frozen=True, slots=True)
class Upload:
    """A picture to send for one field; ``doubtful`` when Plex may have it without our knowing."""

    field: Field
    picture: Picture
    doubtful: bool


class Pictures:
    """Compares Stash's pictures with those last sent, and sends what differs.

    Plex keeps every picture it is ever given, so each upload is noted before it starts: what was noted but not
    confirmed is looked for in Plex before it is sent again. So is the first picture of each field that an item is sent:
    it may have been sent before the ledger was lost, or by another scene that had the item.

    :param ledger: where pictures sent are noted.
    :param stash: where pictures come from.
    :param plex: where they go.
    """

    def __init__(self, ledger: SceneLedger, stash: StashClient, plex: PlexClient) -> None:
        self._ledger = ledger
        self._stash = stash
        self._plex = plex

    def changed(self, scene_id: int, rating_key: int, wanted: Mapping[Field, str]) -> tuple[list[Upload], bool]:
        """The pictures Plex does not have yet, and whether Stash may make one later that it lacks now.

        :param wanted: the address at Stash by field; fields with the same address cost one request together.
        """
        uploads: list[Upload] = []
        missing = False
        for address in dict.fromkeys(wanted.values()):
            records = {
                field: self._ledger.picture(scene_id, field) for field, other in wanted.items() if other == address
            }
            picture = self._stash.picture(address, _common_etag(rating_key, records))
            if not isinstance(picture, Picture):
                # None: still the one Plex has.
                missing = missing or (picture is not None and picture.may_come)
                continue
            for field, record in records.items():
                ours = record if record and record.rating_key == rating_key and record.sha1 == picture.sha1 else None
                if ours and ours.uploaded:
                    if ours.etag != picture.etag:
                        self._ledger.finish_upload(scene_id, field, picture.etag)
                else:
                    is_first = record is None or record.rating_key != rating_key
                    uploads.append(Upload(field, picture, doubtful=is_first or ours is not None))
        return uploads, missing

    def shown(self, scene_id: int, item: Item, thumb: str | None, art: str | None) -> dict[Field, str | None]:
        """The paths known to show our pictures in an item, None where ours is there under a path nobody knows.

        Fields for which we sent none are no keys.

        :param thumb: the poster's path when ours was read back last; ``art`` the background's.
        """
        known: dict[Field, str | None] = {}
        for field, path, before in ((Field.POSTER, item.thumb, thumb), (Field.BACKGROUND, item.art, art)):
            record = self._ledger.picture(scene_id, field)
            if record is None or not record.uploaded or record.rating_key != item.rating_key:
                continue
            known[field] = before
            if path != before and field in item.locked:
                is_ours = self._plex.shows_picture(item.rating_key, field, record.sha1)
                known[field] = path if is_ours else before if is_ours is False else None
        return known

    def send(self, scene_id: int, rating_key: int, upload: Upload) -> None:
        """Bring one picture to Plex."""
        picture = upload.picture
        self._ledger.begin_upload(scene_id, upload.field, rating_key, picture.sha1)
        if not (upload.doubtful and self._is_there(rating_key, upload)):
            self._plex.upload(rating_key, upload.field, picture)
        self._ledger.finish_upload(scene_id, upload.field, picture.etag)

    def _is_there(self, rating_key: int, upload: Upload) -> bool:
        """Whether Plex has the picture, and does not show another one in its place: another scene's, say."""
        picture = upload.picture
        return (
            self._plex.has_picture(rating_key, upload.field, picture.sha1, picture.data)
            and self._plex.shows_picture(rating_key, upload.field, picture.sha1) is not False
        )


def _common_etag(rating_key: int, records: Mapping[Field, PictureRecord | None]) -> str | None:
    """The tag under which all the fields' pictures stand in this item, if there is one."""
    tags = {
        record.etag if record and record.uploaded and record.rating_key == rating_key else None
        for record in records.values()
    }
    return tags.pop() if len(tags) == 1 else None
