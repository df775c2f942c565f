-- The audit log of each city, chained. One text for SQLite and PostgreSQL: SQLite keeps a BYTEA as it comes.
CREATE TABLE entries (
    city      TEXT   NOT NULL,
    seq       BIGINT NOT NULL, -- 1, 2, 3 ... without a gap
    log_id    TEXT   NOT NULL, -- id in the audit log; empty for what the archive notes itself
    commit_no BIGINT NOT NULL,
    at_ms     BIGINT NOT NULL,
    id        TEXT   NOT NULL, -- from here to `figures`: read out of `body`
    type      TEXT   NOT NULL,
    version   BIGINT NOT NULL,
    person    TEXT   NOT NULL,
    role      TEXT   NOT NULL,
    things    TEXT   NOT NULL,
    figures   BIGINT NOT NULL, -- 1: a report reads it
    body      BYTEA  NOT NULL, -- exactly the bytes that were logged
    prev_hash BYTEA  NOT NULL,
    hash      BYTEA  NOT NULL,
    PRIMARY KEY (city, seq)
);
CREATE INDEX entries_by_person ON entries (city, person, seq);
CREATE INDEX entries_by_figures ON entries (city, figures, at_ms);

-- How far each city's log is archived: written in the transaction of the rows.
CREATE TABLE positions (
    city   TEXT   NOT NULL PRIMARY KEY,
    kind   TEXT   NOT NULL, -- demo or real: the two never mix
    epoch  TEXT   NOT NULL,
    log_id TEXT   NOT NULL,
    seq    BIGINT NOT NULL,
    hash   BYTEA  NOT NULL
);

-- Heads that were signed.
CREATE TABLE heads (
    city       TEXT   NOT NULL,
    seq        BIGINT NOT NULL,
    hash       BYTEA  NOT NULL,
    at_ms      BIGINT NOT NULL,
    public_key TEXT   NOT NULL,
    signature  TEXT   NOT NULL,
    PRIMARY KEY (city, at_ms)
);
