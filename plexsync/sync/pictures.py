"""Posters and backgrounds: sent only when their bytes changed, and each only once, whatever dies in between.

A picture that Stash does not give, or Plex does not take, is left out with a note, and tried again on a schedule of its
own: all else of the scene does not wait for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field

from plexsync.errors import PictureFailed
from plexsync.imports.late_dataclass import dataclass
from plexsync.ledger import Ledger, LeftOut, PictureRecord
from plexsync.model import Field, Item, Picture
from plexsync.plex import PlexClient
from plexsync.plex.traits import Trait
from plexsync.stash import StashClient
from plexsync.sync.brake import Brake
from plexsync.sync.image import PROXY_MAX, UnfitImage, fit
from plexsync.sync.picture_locks import BY_UPLOAD, shown
from plexsync.sync.picture_look import WAITS, Looked, PictureLook, PictureNotes, Source, Upload


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a picture: it is there unless ``why_not`` says why it is left out for now.

    ``is_new``: it was not there before.
    """

    why_not: str | None = None
    is_new: bool = False


@dataclass(slots=True)
class NotedUploads:
    """Pictures that are noted as about to be sent (scene and field), and those that are in Plex since."""

    begun: set[tuple[int, Field]] = field(default_factory=set)
    arrived: list[tuple[int, int, Upload]] = field(default_factory=list)


class Pictures:
    """Compares Stash's pictures with those last sent, and sends what differs.

    Plex keeps every picture it is ever given, so each upload is noted before it starts: what was noted but not
    confirmed is looked for in Plex before it is sent again. So is the first picture of each field that an item is sent:
    it may have been sent before the ledger was lost, or by another scene that had the item.

    :param ledger: where pictures sent, and pictures left out, are noted.
    :param stash: where pictures come from.
    :param plex: where they go.
    :param waits: seconds from one try of a picture that fails to the next.
    """

    def __init__(self, ledger: Ledger, stash: StashClient, plex: PlexClient, waits: Sequence[float] = WAITS) -> None:
        self._ledger = ledger
        self._source = Source(stash)
        self._plex = plex
        self._notes = PictureNotes(ledger, waits)
        self._brake = Brake("Plex is slow to take pictures just now and was not given it")

    def look(
        self,
        scene_id: int,
        rating_key: int,
        wanted: Mapping[Field, str],
        left_out: Sequence[LeftOut] = (),
        sent_before: Mapping[str, PictureRecord] | None = None,
        *,
        noting: bool = True,
    ) -> Looked:
        """Compare a scene's pictures with those that its item was sent.

        :param wanted: the address at Stash by field; fields with the same address cost one request together.
        :param left_out: what is left out of the scene so far.
        :param sent_before: the pictures that were sent, by field; None to read that.
        :param noting: note what is left out now; False for a person's question.
        """
        notes = self._notes if noting else None
        known = self._ledger.sent_pictures.many([scene_id])[scene_id] if sent_before is None else sent_before
        look = PictureLook(scene_id, rating_key, self._ledger, self._source, left_out, known, notes)
        look.look(wanted)
        return look.result

    def shown(self, scene_id: int, item: Item, thumb: str | None, art: str | None) -> dict[Field, str | None]:
        """The paths known to show our pictures in an item, None where ours is there under a path nobody knows.

        Fields for which we sent none, or that are known to show another one, are no keys.

        :param thumb: the poster's path when ours was read back last; ``art`` the background's.
        """
        known: dict[Field, str | None] = {}
        for one, path, before in ((Field.POSTER, item.thumb, thumb), (Field.BACKGROUND, item.art, art)):
            record = self._ledger.sent_pictures.get(scene_id, one)
            if record is None or not record.uploaded or record.rating_key != item.rating_key:
                continue
            known[one] = before
            if path != before and one in item.locked:
                is_ours = self._shows(item.rating_key, one, record.sent_sha1, unknown=False)
                if is_ours is False:
                    del known[one]
                else:
                    known[one] = path if is_ours else None
        return known

    def begin(self, scenes: Sequence[tuple[int, int, Sequence[Upload]]]) -> NotedUploads:
        """Note, in one transaction, that pictures are about to be sent: the first ones that items get.

        :param scenes: of each its id, the rating key of its item, and the pictures.
        :returns: what ``send`` and ``end`` are to be given.
        """
        noted = NotedUploads()
        if self._brake.is_off:
            first = [(one, key, upload) for one, key, uploads in scenes for upload in uploads if upload.is_first]
            if first:
                self._begin([(one, key, upload, upload.sent) for one, key, upload in first])
            noted.begun.update((one, upload.field) for one, _, upload in first)
        return noted

    def end(self, noted: NotedUploads) -> None:
        """Note which pictures are in Plex by now."""
        if noted.arrived:
            with self._ledger.database.write():
                for scene_id, rating_key, upload in noted.arrived:
                    self._ledger.sent_pictures.finish_upload(scene_id, upload.field, upload.picture.etag, rating_key)
                    if upload.was_left_out:
                        self._notes.settle(scene_id, upload.field)
        if noted.begun:
            # Nobody got to these: there is nothing to be looked for.
            self._ledger.sent_pictures.forget_uploads(list(noted.begun))

    def send(
        self, scene_id: int, item: Item, uploads: Sequence[Upload], noted: NotedUploads
    ) -> Iterator[tuple[Upload, Sent]]:
        """Bring pictures of a scene to Plex one by one; what became of each, as soon as that is known.

        :param item: as it was read a moment ago.
        :param noted: what ``begin`` has noted; ``end`` is called by the caller, whatever happens.
        """
        for upload in uploads:
            begun = (scene_id, upload.field) in noted.begun
            noted.begun.discard((scene_id, upload.field))
            sent = self._send(scene_id, item, upload, begun=begun)
            if sent.why_not is None:
                noted.arrived.append((scene_id, item.rating_key, upload))
            yield upload, sent

    def _send(self, scene_id: int, item: Item, upload: Upload, *, begun: bool) -> Sent:
        is_new, rating_key = False, item.rating_key
        try:
            with self._brake.one():
                if not begun:
                    self._begin([(scene_id, rating_key, upload, upload.sent)])
                if not (self._may_be_there(upload, item) and self._is_there(rating_key, upload)):
                    self._upload(scene_id, rating_key, upload)
                    is_new = True
        except PictureFailed as error:
            how = "left out" if error.refused else "not sent yet"
            return Sent(self._notes.leave_out(scene_id, upload.field, f"{how}, {error}", error, upload.picture))
        return Sent(is_new=is_new)

    def not_shown(self, scene_id: int, rating_key: int, upload: Upload) -> str:
        """Note that Plex took a picture, and that the item shows none all the same.

        :returns: the same for a person.
        """
        self._begin([(scene_id, rating_key, upload, upload.sent)])
        why = "sent, and the item shows none"
        return self._notes.leave_out(scene_id, upload.field, why, PictureFailed(why, refused=True), upload.picture)

    def _begin(self, uploads: Sequence[tuple[int, int, Upload, Picture]]) -> None:
        """Note what is sent of pictures: of each its scene, the rating key, and the bytes that are sent."""
        self._ledger.sent_pictures.begin_uploads(
            [
                (one, key, upload.field, upload.picture.sha1, None if sent.sha1 == upload.picture.sha1 else sent.sha1)
                for one, key, upload, sent in uploads
            ]
        )

    def _upload(self, scene_id: int, rating_key: int, upload: Upload) -> None:
        """Send it, once more and smaller where it may have been too large.

        :raises PictureFailed: it is not there, or it is not known whether it is.
        """
        sent = upload.sent
        try:
            self._plex.upload(rating_key, upload.field, sent)
        except PictureFailed as error:
            if self._has_arrived(rating_key, upload, error):
                return
            # One that Plex may be at still is looked for later, and not sent in another size.
            if error.slow or not error.too_large or len(sent.data) <= PROXY_MAX:
                raise
            smaller = fit(upload.picture, PROXY_MAX)
            if isinstance(smaller, UnfitImage):
                raise PictureFailed(f"{error}; {smaller.reason}", refused=error.refused) from error
            self._begin([(scene_id, rating_key, upload, smaller)])
            self._plex.upload(rating_key, upload.field, smaller)

    def _has_arrived(self, rating_key: int, upload: Upload, error: PictureFailed) -> bool:
        """Whether Plex has the picture although sending it failed: an answer may be lost, or be another's.

        :raises PictureFailed: that cannot be told.
        """
        try:
            sent = upload.sent
            return bool(self._plex.has_picture(rating_key, upload.field, sent.sha1, sent.data))
        except PictureFailed:
            if error.refused:
                return False
            raise

    def _may_be_there(self, upload: Upload, item: Item) -> bool:
        """Whether the item's list of pictures has to be looked at before this one is sent.

        :param item: as it was before.
        """
        if not upload.doubtful or upload.under_way:
            return upload.doubtful
        if shown(upload.field, item) is None:
            # Whatever the list has, none is shown.
            return False
        locks = self._plex.traits.peek(Trait.PICTURE_LOCKS)
        return upload.field in item.locked or locks != BY_UPLOAD

    def _is_there(self, rating_key: int, upload: Upload) -> bool:
        """Whether Plex has the picture, and does not show another one in its place: another scene's, say.

        :raises PictureFailed: it may have it, and does not tell.
        """
        sent, begun = upload.sent, upload.begun
        try:
            found = self._plex.find_picture(rating_key, upload.field, [begun or sent.sha1, sent.sha1], sent.data)
        except PictureFailed as error:
            if error.absent and begun is None:
                # Nothing was sent that we know of, and there is no list that it could be in.
                return False
            raise
        if found.there is None and begun is not None:
            raise PictureFailed("it may be there already: a picture of the item's cannot be read")
        return bool(found.there) and found.shown is not False

    def _shows(self, rating_key: int, one: Field, sha1: str, *, unknown: bool | None) -> bool | None:
        try:
            return self._plex.shows_picture(rating_key, one, sha1)
        except PictureFailed:
            return unknown
