"""The ledger's tables. All statements that make or change them stand here, oldest first."""

from __future__ import annotations

#: One script per version; see ``Database.migrate``.
STEPS = (
    """
    create table scene (
        scene_id integer primary key,
        state text not null,
        rating_key integer,
        section_id integer,
        confidence integer,
        reasons text not null default '[]',
        notes text not null default '[]',
        title text not null default '',
        fingerprint text,
        pushed text,
        pushing text,
        attempts integer not null default 0,
        not_found integer not null default 0,
        later_looks integer not null default 0,
        read_at real,
        last_error text,
        last_error_at real,
        changed_at real not null,
        synced_at real
    );
    create index scene_state on scene (state);
    create index scene_rating_key on scene (rating_key);

    create table picture (
        scene_id integer not null,
        field text not null,
        rating_key integer not null,
        sha1 text not null,
        etag text,
        uploaded integer not null,
        primary key (scene_id, field)
    ) without rowid;

    create table outcome (
        id integer primary key,
        at real not null,
        scene_id integer not null,
        outcome text not null,
        error text
    );
    create index outcome_at on outcome (at);
    create index outcome_scene on outcome (scene_id, id);

    create table dead_letter (
        id integer primary key,
        scene_id integer not null,
        error_class text not null,
        message text not null,
        traceback text not null,
        attempts integer not null,
        failed_at real not null
    );
    create index dead_letter_scene on dead_letter (scene_id);
    create index dead_letter_failed_at on dead_letter (failed_at);

    create table candidate (
        scene_id integer not null,
        rating_key integer not null,
        confidence integer not null,
        reasons text not null,
        title text not null,
        path text not null,
        primary key (scene_id, rating_key)
    ) without rowid;

    create table section (
        section_id integer primary key,
        title text not null,
        locations text not null,
        items integer not null default 0,
        filled_at real
    );

    create table item (
        rating_key integer primary key,
        section_id integer not null,
        title text not null,
        added_at integer not null,
        updated_at integer not null,
        pass integer not null
    );
    create index item_section_pass on item (section_id, pass);
    create index item_section_updated on item (section_id, updated_at);
    create index item_section_added on item (section_id, added_at);

    create table part (
        rating_key integer not null,
        file text not null,
        path text not null,
        name text not null,
        size integer,
        duration_ms integer,
        primary key (rating_key, file)
    ) without rowid;
    create index part_path on part (path);
    create index part_name_size on part (name, size);

    create table fact (
        key text primary key,
        value text not null
    ) without rowid;
    """,
    """
    create table dead_letter_kept (
        id integer primary key autoincrement,
        scene_id integer not null unique,
        title text not null default '',
        error_class text not null,
        message text not null,
        traceback text not null,
        attempts integer not null,
        tries text not null default '[]',
        rating_key integer,
        confidence integer,
        reasons text not null default '[]',
        snapshot text not null default '{}',
        first_failed_at real not null,
        failed_at real not null
    );
    insert or replace into dead_letter_kept
        (id, scene_id, title, error_class, message, traceback, attempts, rating_key, confidence, reasons,
        first_failed_at, failed_at)
    select dead_letter.id, dead_letter.scene_id, coalesce(title, ''), error_class, message, traceback,
        dead_letter.attempts, rating_key, confidence, coalesce(reasons, '[]'), failed_at, failed_at
    from dead_letter left join scene on scene.scene_id = dead_letter.scene_id order by dead_letter.id;
    drop table dead_letter;
    alter table dead_letter_kept rename to dead_letter;
    create index dead_letter_failed_at on dead_letter (failed_at);
    """,
    """
    drop table part;
    drop table item;
    create table item (
        rating_key integer primary key,
        section_id integer not null,
        title text not null,
        studio text not null,
        date text not null,
        year integer,
        pass integer not null
    );
    create index item_section on item (section_id);

    create table part (
        rating_key integer not null,
        file text not null,
        folded_path text not null,
        stem text not null,
        size integer,
        duration_ms integer
    );
    create index part_item on part (rating_key);
    create index part_folded_path on part (folded_path);
    create index part_stem on part (stem);
    create index part_size on part (size);

    create virtual table item_words using fts5 (words, detail=none, columnsize=0, tokenize='ascii');
    create virtual table item_word_places using fts5vocab (item_words, instance);

    drop table section;
    create table section (
        section_id integer primary key,
        title text not null,
        locations text not null,
        filled_at real,
        content_changed_at integer,
        added_until integer not null default 0,
        updated_until integer not null default 0,
        pass integer not null default 0,
        pass_position integer,
        pass_updated_until integer not null default 0
    );

    alter table scene add column file text;
    alter table scene add column part_file text;

    create table sought (
        scene_id integer not null,
        stem text not null,
        size integer not null,
        appeared integer not null default 0,
        primary key (scene_id, stem, size)
    ) without rowid;
    create index sought_stem on sought (stem);
    create index sought_size on sought (size);
    create index sought_appeared on sought (scene_id) where appeared = 1;

    alter table candidate add column section_id integer not null default 0;
    alter table candidate add column file text not null default '';

    create table pin (
        scene_id integer primary key,
        rating_key integer not null,
        file text not null,
        pinned_at real not null
    );

    create table veto (
        scene_id integer not null,
        rating_key integer not null,
        file text not null,
        vetoed_at real not null,
        primary key (scene_id, rating_key)
    ) without rowid;

    create table folder_scan (
        folder text primary key,
        asked_at real not null
    ) without rowid;
    """,
    """
    alter table scene add column updated_at text;
    alter table scene add column looks_at real;
    alter table scene add column missing text;
    create index scene_looks_at on scene (looks_at) where looks_at is not null;
    alter table scene add column digest text;
    alter table item add column in_order text;
    alter table scene add column item_updated_at integer;
    alter table scene add column shown text not null default '{}';

    create table scene_part (
        kind text not null,
        part_id integer not null,
        scene_id integer not null,
        primary key (kind, part_id, scene_id)
    ) without rowid;
    create index scene_part_scene on scene_part (scene_id);

    create index scene_file on scene (file) where file is not null;
    create index candidate_item on candidate (rating_key);

    create table left_item (
        rating_key integer primary key,
        scene_id integer not null,
        pushed text,
        pushing text,
        left_at real not null
    );
    create index left_item_at on left_item (left_at);
    """,
    """
    alter table item add column stash_scene integer;
    create index item_stash_scene on item (stash_scene) where stash_scene is not null;
    -- What is in the index already is read once more: only a full pass meets items that are listed as they were.
    update section set filled_at = 0 where filled_at is not null;
    """,
    """
    -- Why the item is to be read, where that is no write that came to no end.
    alter table scene add column doubted_as text;
    """,
    """
    create table odd_item (
        section_id integer not null,
        mark text not null,
        rating_key integer,
        name text not null,
        fault text not null,
        twice integer not null default 0,
        pass integer not null default 0,
        seen_at real not null,
        primary key (section_id, mark)
    ) without rowid;
    create index odd_item_key on odd_item (rating_key) where rating_key is not null;

    alter table section add column missing_since real;
    alter table section add column count_off integer not null default 0;
    alter table section add column count_off_once integer not null default 0;
    """,
    """
    create table left_out (
        scene_id integer not null,
        field text not null,
        part text not null,
        reason text not null,
        tries integer not null,
        since real not null,
        tried_at real not null,
        next_at real,
        ask_at real,
        sha1 text,
        etag text,
        primary key (scene_id, field, part)
    ) without rowid;
    create index left_out_ask on left_out (ask_at) where ask_at is not null;
    alter table picture add column sent_sha1 text;
    """,
    """
    -- Of a scene: when Stash made it, by which it is known from another one under the same id. Of an item that a scene
    -- has left: the scene's file, and whether Stash has that scene no longer.
    alter table scene add column created_at text;
    alter table left_item add column file text;
    alter table left_item add column gone integer not null default 0;
    """,
    """
    -- The file of a scene of which a person has decided; and what people decided of scenes that Stash has no longer, by
    -- that file.
    create table decided_file (
        scene_id integer primary key,
        file text not null
    );
    create index decided_file_file on decided_file (file);
    create table left_decision (
        scene_file text not null,
        kind text not null,
        rating_key integer not null,
        file text not null,
        decided_at real not null,
        primary key (scene_file, kind, rating_key)
    ) without rowid;
    """,
    """
    -- The stamp in the address of a performer's picture: the one seen last, and the one that Plex is given as long as
    -- the picture is the same.
    create table performer_picture (
        performer_id integer primary key,
        seen integer not null,
        shown integer not null,
        etag text,
        looked_at real not null
    );
    """,
    """
    -- What identifies a section: one that was made anew has another.
    alter table section add column uuid text;
    -- The file in Plex for which a scene had the item that it left.
    alter table left_item add column part_file text;
    create index scene_part_file on scene (part_file) where part_file is not null;
    -- Scenes whose file has come to another item, or whose item holds other files now: nobody was told yet.
    create table moved (
        scene_id integer primary key
    );
    -- What a scene told its item and took back: a restored backup of Plex shows it again.
    alter table scene add column past text;
    """,
    """
    -- Whether sending a picture was begun without its being known what became of that; and not that it was there once.
    alter table picture add column under_way integer not null default 0;
    update picture set under_way = 1 where uploaded = 0;
    """,
    """
    -- What lists need: the newest first, by state or all, with what is searched for in the index.
    create index scene_listed on scene (state, changed_at desc, scene_id desc, title, file);
    create index scene_newest on scene (changed_at desc, scene_id desc, title, file);
    drop index outcome_at;
    create index outcome_at on outcome (at, outcome);
    -- The course of an attempt: when the hook laid its event, when the queue had it, when work began, how long it took,
    -- which fields were written (a JSON list), and to which item.
    alter table outcome add column event_at real;
    alter table outcome add column queued_at real;
    alter table outcome add column began_at real;
    alter table outcome add column seconds real;
    alter table outcome add column fields text;
    alter table outcome add column rating_key integer;
    """,
    """
    -- The path in Stash of the first file of a scene that waits for one; null for its other files.
    alter table sought add column file text;
    create index sought_file on sought (scene_id, file) where file is not null;
    """,
    """
    -- The events that an attempt was for (a JSON list of short ids and times), and when each of its steps was done (a
    -- JSON object); and which outcomes an event has led to.
    alter table outcome add column events text;
    alter table outcome add column steps text;
    create table event_outcome (
        id integer primary key,
        event text not null,
        outcome_id integer not null
    );
    create index event_outcome_event on event_outcome (event, outcome_id);
    """,
    """
    -- What each hour (since 1970) came to: how scenes fared, requests to Plex and for how many scenes, milliseconds
    -- from edits to Plex, and how many edits took how long, in steps (``hours.STEPS_END``).
    create table hour (
        hour integer primary key,
        synced integer not null,
        unchanged integer not null,
        retry integer not null,
        not_found integer not null,
        review integer not null,
        failed integer not null,
        skipped integer not null,
        gone integer not null,
        requests integer not null,
        scenes integer not null,
        took_ms integer not null,
        took_0 integer not null,
        took_1 integer not null,
        took_2 integer not null,
        took_3 integer not null,
        took_4 integer not null,
        took_5 integer not null,
        took_6 integer not null,
        took_7 integer not null,
        took_8 integer not null,
        took_9 integer not null,
        took_10 integer not null,
        took_11 integer not null,
        took_12 integer not null,
        took_13 integer not null,
        took_14 integer not null
    );
    """,
    """
    -- What the video of a file is like (``renewal.packed``); "" for not known, as in an index that was built before.
    alter table part add column video text not null default '';
    -- The OpenSubtitles hash of a file, by which its content is known, as Plex said when it was asked; "" where it had
    -- none. It holds for a file of this size.
    create table part_hash (
        rating_key integer not null,
        file text not null,
        size integer not null,
        oshash text not null,
        asked_at real not null,
        primary key (rating_key, file)
    ) without rowid;
    """,
    """
    -- What its agent says that an item is known by elsewhere; "" for nothing.
    alter table item add column external_id text not null default '';
    create index item_external_id on item (external_id) where external_id <> '';
    """,
    """
    -- Items that were read once more, and analysed by Plex, as a file at its path had another size and length; with the
    -- size that it was listed with.
    create table analysed_item (
        rating_key integer primary key,
        size integer not null,
        asked_at real not null
    );
    create index analysed_item_at on analysed_item (asked_at);
    """,
    """
    -- A digest of the row of Stash's with which a scene was found to stand as it was synchronised.
    alter table scene add column in_order text;
    """,
    """
    -- What a person is to compare to decide about a candidate, and its place among those of its scene.
    alter table candidate add column hint text not null default '';
    alter table candidate add column place integer not null default 0;
    -- What people said of matches: 'accepted', 'rejected' or 'changed', with the kinds of evidence (a JSON list) by
    -- which they had been found.
    create table verdict (
        id integer primary key,
        at real not null,
        scene_id integer not null,
        rating_key integer not null,
        kind text not null,
        confidence integer not null,
        evidence text not null
    );
    create index verdict_scene on verdict (scene_id);
    """,
    """
    -- How Plex called an item, and what else it showed of it, before PlexSync wrote to it: what speaks for a match then
    -- goes on doing so. Of items that were written to before this was kept it is not known.
    create table found_name (
        rating_key integer primary key,
        title text not null,
        studio text not null,
        date text not null,
        year integer
    );
    insert or ignore into found_name (rating_key, title, studio, date)
    select rating_key, '', '', '' from scene where rating_key is not null
    union select rating_key, '', '', '' from left_item;
    """,
    """
    -- Matching looks for items of one length, and of one day.
    create index part_duration on part (duration_ms);
    create index item_date on item (date) where date <> '';
    """,
)
