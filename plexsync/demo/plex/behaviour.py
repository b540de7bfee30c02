"""What differs from one Plex server to the next, or is only believed: the switches of the simulated one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass
class Behaviour:
    """How the simulated Plex behaves; may be changed while it runs. Beside each switch stands where it comes from.

    :param page_cap: items a listing shows at most, however many were asked for; None for no cap.
    :param write_delay: seconds each write takes; only one is carried out at a time.
    :param busy_limit: writes that may wait for their turn, one more gets "database is busy"; None for any number.
    :param scan_delay: seconds from a scan's request until its files have become items.
    :param dedupe_pictures: a picture that is uploaded again is kept once.
    :param uploads_by_sha1: False gives uploaded pictures names of their own.
    :param uploads_lock: uploading or choosing a picture locks it; False leaves that to the edit that does.
    :param text_max: characters that are kept of a text, by the name that edits have for it.
    :param honours_excludes: ``excludeElements`` and ``excludeFields`` are obeyed.
    :param max_request_line: bytes; a longer request line is refused.
    :param long_requests: how: with status 414, or by dropping the connection.
    :param tag_lists: what ``genre[0].tag.tag=`` does to the names that are there and not named: sources disagree.
    :param tag_order: whether names stand by the index they were written with (the earlier of two with the same index
        first), or in the order they came.
    :param folds: which names the server takes for one: those that differ in the case of ASCII letters (believed), in
        what Unicode folds, or none. Set it before there are tags.
    :param removals_decoded: how often a name to be removed is decoded; python-plexapi encodes it twice.
    :param commas_kept: False takes a name to be removed for several where it has a comma, however that is encoded.
    :param removals_last: names are added before others are removed, so that a name meant for both is gone.
    :param group_reads_whole: False shows items that are read together as a listing does: without locks, with the first
        tags of each list.
    :param upload_max: bytes of a picture, above which an upload fails with 500; None for no limit.
    :param starting: the server is not there yet: "503" to everything, or later "400" to all but ``/identity``.
    :param total_size: "absent" leaves ``totalSize`` out where one page shows the whole section.
    :param listings_without: elements and fields that listings leave out although nobody asked for that.
    :param files_shown: False leaves the paths of files out everywhere, as for a token that may not see them.
    :param paging_required: True refuses (400) a listing that does not say which page it wants.
    :param scans_by: the methods that start a scan.
    :param scan_refusal: the status for any other.
    :param rating_step: ratings are rounded to the next multiple of it; None keeps them as they come.
    :param year: "follows" the date of an edit; or "takes" a ``year.value``; or "stays" as it is, whatever is sent.
    :param sort_title: what a new title does to the title to sort by, where that is not locked: it "stays" as it is, or
        "follows".
    :param hashes: whether the trees of items show the hashes of files, or there are no trees.
    :param not_owner: the status for a user who is not the owner, where only the owner may.
    """

    # "Some endpoints will force pagination and limit number of elements returned" (Plex's API document, Pagination).
    page_cap: int | None = None
    # One writer, and "database is busy" when it has too much to do (Kometa issue 596, Maintainerr issue 3716).
    write_delay: float = 0.0
    busy_limit: int | None = None
    scan_delay: float = 0.0
    # The key of an upload is its SHA-1; whether the same bytes are kept once is believed.
    dedupe_pictures: bool = False
    uploads_by_sha1: bool = True
    # Plex's forum (764732): posters that somebody selected are locked, until an edit says thumb.locked=0. Of an upload
    # through the API it is believed; python-plexapi (lockPoster, lockArt) and others lock by an edit of their own.
    uploads_lock: bool = True
    # "These inclusions/exclusions are treated as requests, not guarantees" (API document, Response Customization).
    # No bound is documented; that there is none is not known either.
    text_max: dict[str, int] = field(default_factory=dict)
    honours_excludes: bool = True
    # Too many ids in one request (Kometa issue 2284); nginx and Apache stop at 8 KiB.
    max_request_line: int = 8192
    long_requests: Literal["414", "drop"] = "414"
    tag_lists: Literal["add", "replace"] = "add"
    tag_order: Literal["index", "arrival"] = "index"
    folds: Literal["ascii", "unicode", "none"] = "ascii"
    removals_decoded: Literal["twice", "once"] = "twice"
    # python-plexapi's tests remove a name with a comma; that every version takes it for one is not known.
    commas_kept: bool = True
    removals_last: bool = False
    # python-plexapi takes items that were fetched together for partial ones and reads each again (isFullObject).
    group_reads_whole: bool = True
    # About 10 MB (Mediux-Posters issue 44, TitleCardMaker issue 259; Kometa sends 10,480,000 bytes at most).
    upload_max: int | None = 10 * 1024 * 1024
    # 503 for some 15 s, and 400 "still starting up" to some requests.
    starting: Literal["no", "503", "400"] = "no"
    # "Optional but typically present" (API document, Pagination).
    total_size: Literal["present", "absent"] = "present"
    # "Others may ignore them for specific items", and some clients find listings shorter than documented.
    listings_without: tuple[str, ...] = ()
    files_shown: bool = True
    # Announced: missing paging headers are to become a 400.
    paging_required: bool = False
    # The document has POST; python-plexapi, Kometa and every other client sends GET.
    scans_by: tuple[str, ...] = ("GET", "POST")
    scan_refusal: int = 404
    # Clients show half stars, which are whole numbers of ten; whether a server rounds is not known.
    rating_step: float | None = None
    # "year" is among the fields that an edit of several items can have (API document, mixedFields); no client sends it.
    year: Literal["follows", "takes", "stays"] = "follows"
    # Plex's scanners make it of the title, without its article; whether an edit does so, too, is believed.
    sort_title: Literal["stays", "follows"] = "stays"
    # Plex's forum (803621) and the examples of its API document show them; that every server does is not known.
    hashes: Literal["shown", "none", "no trees"] = "shown"
    # 403 to a shared user (Home Assistant core issue 181394), 401 in older reports (python-plexapi issue 155).
    not_owner: Literal[401, 403] = 403
