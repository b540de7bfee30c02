"""A self-test from its first look to the last one."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from plexsync.errors import AccessDenied, ItemGone, PlexSyncError
from plexsync.imports.late_dataclass import dataclass
from plexsync.ledger import Ledger
from plexsync.library import kinds
from plexsync.plex.edits import encode
from plexsync.plex.probing import ProbingClient
from plexsync.self_test.answer import SelfTestAnswer, agreed
from plexsync.self_test.budget import QUESTIONS as QUESTION_SECONDS
from plexsync.self_test.budget import REQUESTS, RESTORING, Budget
from plexsync.self_test.kept import keep
from plexsync.self_test.lock import only_self_test
from plexsync.self_test.marks import is_made_up
from plexsync.self_test.questions import QUESTIONS, Question
from plexsync.self_test.record import Record
from plexsync.self_test.restoring import Restored, restore, shown_pictures
from plexsync.self_test.state import LISTS, ItemState, state_of
from plexsync.self_test.stopping import Stopped, Stopping
from plexsync.self_test.subject import Subject, UnfitItem, whole_list
from plexsync.storage.consumer_lock import running_consumer

#: Bytes that a list of the item may take in a request beside what the questions write to it.
ROOM_OF_LIST = 4000
#: Seconds after which a question with an unusual answer is asked again.
AGAIN_AFTER = 1.0
#: The names of what the end of a self-test tells.
RESTORED, MEANWHILE = "item", "meanwhile"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The item that a self-test is to be made with: what it is called, its library, and what it holds."""

    rating_key: int
    section_id: int
    library: str
    title: str
    file: str
    state: ItemState


class SelfTest:
    """Asks a Plex server what it does, with one of its items.

    :param client: the server.
    :param ledger: where it is kept.
    :param folder: the data folder.
    :param tell: called with each answer as it comes.
    :param progress: called with the number of questions that are over, before each.
    :param again_after: seconds after which a question with an unusual answer is asked again.
    """

    def __init__(
        self,
        client: ProbingClient,
        ledger: Ledger,
        folder: Path,
        tell: Callable[[SelfTestAnswer], object],
        progress: Callable[[int], object] = lambda _done: None,
        again_after: float = AGAIN_AFTER,
    ) -> None:
        self._client = client
        self._ledger = ledger
        self._folder = folder
        self._tell = tell
        self._progress = progress
        self._again_after = again_after
        self._answers: list[SelfTestAnswer] = []

    def look(self, rating_key: int) -> Chosen:
        """The item that is to be asked with. Nothing is written.

        :raises UnfitItem: this one cannot be.
        :raises PlexSyncError: Plex cannot be asked.
        """
        try:
            entry = self._client.entries([rating_key]).get(rating_key)
        except ItemGone:
            entry = None
        if entry is None:
            raise UnfitItem(f"Plex has no item {rating_key}")
        if entry.get("type") not in (None, *(kind.name for kind in kinds.USED)):
            raise UnfitItem(f"item {rating_key} is a {entry['type']}: name one of a library that PlexSync uses")
        state = replace(state_of(entry), shown=shown_pictures(self._client, rating_key))
        section = entry.get("librarySectionID")
        if not isinstance(section, int):
            raise UnfitItem(f"Plex does not say which library item {rating_key} belongs to")
        self._check(rating_key, state)
        library = str(entry.get("librarySectionTitle") or section)
        return Chosen(rating_key, section, library, state.texts.get("title", ""), next(iter(state.files), ""), state)

    def run(self, chosen: Chosen) -> bool:
        """Ask all questions, put the item back, and keep what was found out.

        :param chosen: as ``look`` has told it.
        :returns: whether the item is as it was; what is not is told.
        :raises UnfitItem: somebody else writes to the item.
        :raises Stopped: Ctrl-C or SIGTERM came; the item was put back as far as ``tell`` was told.
        """
        stopping = Stopping()
        with only_self_test(self._folder), stopping.listening():
            # It may have been edited since it was shown to the person.
            chosen = self.look(chosen.rating_key)
            subject = self.begin(chosen)
            is_back = False
            try:
                with stopping.asking():
                    self._ask(subject)
            except Stopped:
                pass
            finally:
                is_back = self._end(subject)
        if stopping.signal is not None:
            raise Stopped(stopping.signal)
        return is_back

    # -----------------------------------------------------------------------------------------------------------------

    def _check(self, rating_key: int, state: ItemState) -> None:
        """See that an item can be put back.

        :raises UnfitItem: it cannot.
        """
        if not state.texts.get("title"):
            raise UnfitItem(f"item {rating_key} has no title: it could not be given back")
        for kind in LISTS:
            if any(is_made_up(name) for name in state.names(kind)):
                raise UnfitItem(
                    f"item {rating_key} has names of an earlier self-test in its {kind}: remove them in Plex"
                )
        for kind in ("genre", "actor"):
            if len(encode(whole_list(kind, state.lists.get(kind, ())))) > ROOM_OF_LIST:
                raise UnfitItem(f"item {rating_key} has too many names in its {kind}: name an item with fewer")

    def begin(self, chosen: Chosen) -> Subject:
        """Note what the item holds, and hold it.

        :raises UnfitItem: somebody else writes to it.
        """
        now = time.time()
        until = now + QUESTION_SECONDS + RESTORING
        record = Record(
            server=self._client.identity(),
            rating_key=chosen.rating_key,
            section_id=chosen.section_id,
            title=chosen.title,
            file=chosen.file,
            began=now,
            before=chosen.state,
        )
        items, key = self._ledger.held_items, chosen.rating_key
        writing = items.begin(key, until, record.to_json(), others_write=_others_write(self._folder))
        if writing is not None:
            raise UnfitItem(
                f"scene {writing} is being synced to item {key}: try again when that is done, or another item"
            )
        budget = Budget(QUESTION_SECONDS, REQUESTS)
        return Subject(self._client, record, lambda one: items.note(key, until, one.to_json()), budget)

    def _ask(self, subject: Subject) -> None:
        for number, question in enumerate(QUESTIONS):
            self._progress(number)
            answers = _answers(subject, question)
            self._tidy(subject, question)
            if any(one.is_unusual for one in answers):
                # A server may show late what was written, once. What is kept has to be so twice.
                time.sleep(self._again_after)
                answers = agreed(answers, _answers(subject, question))
                self._tidy(subject, question)
            for answer in answers:
                self._learn(answer)
        self._progress(len(QUESTIONS))

    def _learn(self, answer: SelfTestAnswer) -> None:
        for trait, value in answer.traits.items():
            self._client.traits.put(trait, value)
        self._answers.append(answer)
        self._tell(answer)

    def _tidy(self, subject: Subject, question: Question) -> None:
        """Put the item back after a question, so that the next one begins afresh."""
        try:
            restored = restore(self._client, subject.record, subject.encoded)
        except (AccessDenied, ItemGone):
            raise
        except PlexSyncError:
            # The end will tell.
            return
        if restored.left and "genre" in question.writes:
            subject.removable = False

    def _end(self, subject: Subject) -> bool:
        """Put the item back for good, whatever has come before."""
        try:
            restored = restore(self._client, subject.record, subject.encoded)
        except PlexSyncError as error:
            told = f"could not be put back: {error}. What it held is noted: doctor puts it back when Plex is there"
            self._tell(SelfTestAnswer(RESTORED, told, ok=False))
            return False
        for answer in _told(restored, subject):
            self._tell(answer)
        if restored.left:
            return False
        self._ledger.held_items.over()
        if self._answers:
            keep(self._ledger.facts, self._client.traits.server(), time.time(), self._answers)
        return True


def _answers(subject: Subject, question: Question) -> list[SelfTestAnswer]:
    try:
        return list(question.ask(subject))
    except (AccessDenied, ItemGone):
        raise
    except PlexSyncError as error:
        return [SelfTestAnswer(question.name, f"could not be found out: {error}", ok=False)]


def _told(restored: Restored, subject: Subject) -> list[SelfTestAnswer]:
    foreign = list(dict.fromkeys([*restored.foreign, *subject.foreign.values()]))
    found = []
    if foreign:
        text = f"somebody else edited the item, which is left so: {'; '.join(foreign)}"
        found.append(SelfTestAnswer(MEANWHILE, text, doubtful=True))
    if restored.left:
        text = f"is not as it was: {'; '.join(restored.left)}. What it held is noted: doctor tries again"
        found.append(SelfTestAnswer(RESTORED, text, ok=False))
    else:
        text = "is as it was: texts, names and their order, rating, year, locks and pictures were compared"
        found.append(SelfTestAnswer(RESTORED, text))
    return found


def _others_write(folder: Path) -> bool:
    try:
        return running_consumer(folder) is not None
    except OSError:
        return True
