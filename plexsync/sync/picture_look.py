"""What Stash has of a scene's pictures, compared with what Plex was sent; what fails is left out and noted."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import field

from plexsync.errors import PictureFailed
from plexsync.imports.late_dataclass import dataclass
from plexsync.ledger import Ledger, LeftOut, PictureRecord
from plexsync.ledger.left_out import PICTURE
from plexsync.model import Field, Picture
from plexsync.redaction import redact
from plexsync.stash import NoPicture, StashClient
from plexsync.sync.brake import Brake, PutOff
from plexsync.sync.image import UnfitImage, fit

DAY = 86400.0
#: Days for which a picture is tried once a day. After that it is tried only when its scene is synchronised anyway.
DAYS = 30
#: Seconds from one try to the next of a picture that was refused for what it is.
WAITS_REFUSED = (DAY,) * DAYS


def waits_by(times: Sequence[float]) -> tuple[float, ...]:
    """Seconds from one try of a picture to the next, the last of them a day each.

    :param times: seconds from the first try to each of the next, ascending (the setting ``late_polls``).
    """
    return (*(after - before for before, after in zip((0.0, *times), times, strict=False)), *WAITS_REFUSED)


#: The same where the setting is as it is at first.
WAITS = waits_by((60.0, 300.0, 900.0, 3600.0, DAY))


@dataclass(frozen=True, slots=True)
class Upload:
    """A picture to send for one field; ``doubtful`` when Plex may have it without our knowing.

    ``picture`` is Stash's, ``sent`` what Plex is given of it. ``begun`` is the SHA-1 of the bytes of which sending was
    begun before, if it was; ``under_way``: and of which it was never heard what became. ``was_left_out``: so far.
    """

    field: Field
    picture: Picture
    sent: Picture
    doubtful: bool
    begun: str | None = None
    under_way: bool = False
    was_left_out: bool = False

    @property
    def is_first(self) -> bool:
        """Whether nothing is known of any picture that the item was sent for the field."""
        return self.doubtful and self.begun is None


@dataclass(frozen=True, slots=True)
class Looked:
    """What became of a look at a scene's pictures.

    ``uploads`` are those that Plex does not have yet. ``may_come``: Stash may make one later that it lacks now.
    ``failed`` says, for a person, why a field's picture is left out for now.
    """

    uploads: Sequence[Upload] = ()
    may_come: bool = False
    failed: Mapping[Field, str] = field(default_factory=dict)


class PictureNotes:
    """Notes which pictures of scenes are left out, why, and when they are tried again.

    :param ledger: where.
    :param waits: seconds from one try to the next.
    """

    def __init__(self, ledger: Ledger, waits: Sequence[float]) -> None:
        self._left_out = ledger.left_out
        self._waits = waits

    def leave_out(
        self, scene_id: int, one: Field, reason: str, error: PictureFailed | None, picture: Picture | None = None
    ) -> str:
        """Note that a field's picture was tried and is left out.

        :param error: why, where it may pass; None where this picture cannot be sent.
        :param picture: as Stash has it, where it is known.
        :returns: the reason, as it may be shown.
        """
        reason = redact(reason)
        if isinstance(error, PutOff):
            self._left_out.put_off(scene_id, one, PICTURE, reason, time.time() + error.seconds)
            return reason
        refused = error is None or error.refused
        # What failed in passing is tried with each synchronisation. The same picture that was refused is not, nor is
        # one of which Plex gave no answer in time: it may be at it still.
        about = picture if refused or (error is not None and error.slow) else None
        at_least = (error.retry_after or 0.0) if error else 0.0
        waits = tuple(max(wait, at_least) for wait in (WAITS_REFUSED if refused else self._waits))
        self._left_out.note(scene_id, one, PICTURE, reason, waits, picture=about)
        return reason

    def settle(self, scene_id: int, one: Field) -> None:
        """Note that a field's picture is left out no longer."""
        self._left_out.settle(scene_id, one, PICTURE)


class Source:
    """Stash's pictures. Safe to share between threads.

    :param stash: where they are.
    """

    def __init__(self, stash: StashClient) -> None:
        self._stash = stash
        self._brake = Brake("Stash is slow to send pictures just now and was not asked for it")

    def get(self, address: str, etag: str | None) -> Picture | NoPicture | None:
        """What Stash has at an address, as ``StashClient.picture`` says.

        :raises PictureFailed: as there; also where Stash's pictures are left alone for now.
        """
        with self._brake.one():
            return self._stash.picture(address, etag)


class PictureLook:
    """One look at a scene's pictures; what it comes to is in ``result``.

    :param scene_id: the scene.
    :param rating_key: its item.
    :param ledger: where is noted that one is there.
    :param source: where they come from.
    :param left_out: what is left out of the scene so far.
    :param sent_before: the pictures that were sent, by field.
    :param notes: where what is left out now is noted; None for a person's question.
    """

    def __init__(
        self,
        scene_id: int,
        rating_key: int,
        ledger: Ledger,
        source: Source,
        left_out: Sequence[LeftOut],
        sent_before: Mapping[str, PictureRecord],
        notes: PictureNotes | None,
    ) -> None:
        self._scene_id = scene_id
        self._rating_key = rating_key
        self._sent_pictures = ledger.sent_pictures
        self._source = source
        self._rows = {one.field: one for one in left_out if one.part == PICTURE}
        self._sent_before = sent_before
        self._notes = notes
        self._now = time.time()
        self._uploads: list[Upload] = []
        self._may_come = False
        self._failed: dict[Field, str] = {}

    @property
    def result(self) -> Looked:
        """What was found so far."""
        return Looked(tuple(self._uploads), self._may_come, self._failed)

    def look(self, wanted: Mapping[Field, str]) -> None:
        """Look at all pictures that are wanted.

        :param wanted: the address at Stash by field; fields with the same address cost one request together.
        """
        for other in self._rows.keys() - wanted.keys():
            self._settle(other)
        known = self._sent_before
        for address in dict.fromkeys(wanted.values()):
            self._at(address, {one: known.get(one) for one, other in wanted.items() if other == address})

    def _at(self, address: str, records: Mapping[Field, PictureRecord | None]) -> None:
        fields = list(records)
        try:
            found = self._source.get(address, self._common_etag(records))
        except PictureFailed as error:
            for one in fields:
                self._fail(one, f"missing, {error}", error)
            return
        if isinstance(found, Picture):
            sent: Picture | UnfitImage | None = None
            for one, record in records.items():
                if self._is_to_be_sent(one, record, found):
                    sent = sent or fit(found)
                    self._plan(one, record, found, sent)
            return
        for one in fields:
            if found is None and self._is_held(one):
                self._failed[one] = self._rows[one].reason
            else:
                # Plex has it, or there is none.
                self._settle(one)
        self._may_come = self._may_come or (found is not None and found.may_come)

    def _is_to_be_sent(self, one: Field, record: PictureRecord | None, found: Picture) -> bool:
        if record and record.uploaded and (record.rating_key, record.sha1) == (self._rating_key, found.sha1):
            if record.etag != found.etag:
                self._sent_pictures.finish_upload(self._scene_id, one, found.etag)
            self._settle(one)
            return False
        row = self._rows.get(one)
        if row and row.sha1 == found.sha1 and self._is_held(one):
            self._failed[one] = row.reason
            return False
        return True

    def _plan(self, one: Field, record: PictureRecord | None, found: Picture, sent: Picture | UnfitImage) -> None:
        if isinstance(sent, UnfitImage):
            self._fail(one, sent.reason, None, found)
            return
        is_first = record is None or record.rating_key != self._rating_key
        begun = record.sent_sha1 if record and not is_first and record.sha1 == found.sha1 else None
        under_way = begun is not None and record is not None and record.under_way
        doubtful = is_first or begun is not None
        left_out = one in self._rows
        self._uploads.append(Upload(one, found, sent, doubtful, begun, under_way, was_left_out=left_out))

    def _fail(self, one: Field, reason: str, error: PictureFailed | None, found: Picture | None = None) -> None:
        if self._notes is not None:
            reason = self._notes.leave_out(self._scene_id, one, reason, error, found)
        self._failed[one] = reason

    def _settle(self, one: Field) -> None:
        if self._notes is not None and one in self._rows:
            self._notes.settle(self._scene_id, one)

    def _is_held(self, one: Field) -> bool:
        """Whether it is one certain picture that is left out for the field, and not to be tried yet."""
        row = self._rows.get(one)
        return row is not None and row.sha1 is not None and row.is_held(self._now)

    def _common_etag(self, records: Mapping[Field, PictureRecord | None]) -> str | None:
        """The tag under which nothing is to be done for any of the fields, if there is one."""
        tags = {self._etag(one, record) for one, record in records.items()}
        return tags.pop() if len(tags) == 1 else None

    def _etag(self, one: Field, record: PictureRecord | None) -> str | None:
        row = self._rows.get(one)
        if row and row.sha1 is not None:
            return row.etag if self._is_held(one) else None
        return record.etag if record and record.uploaded and record.rating_key == self._rating_key else None
