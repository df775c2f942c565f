-- Rows out of which something was taken when its time was over, and proof of what was left.
CREATE TABLE prunes (
    city       TEXT   NOT NULL,
    first_seq  BIGINT NOT NULL,
    last_seq   BIGINT NOT NULL, -- both counted; no two of a city overlap
    gone       TEXT   NOT NULL, -- kinds of fields, by their name, a space between
    marks      BYTEA  NOT NULL, -- 16 bytes for each row: a hash of what was left of it
    at_ms      BIGINT NOT NULL,
    public_key TEXT   NOT NULL,
    signature  TEXT   NOT NULL,
    PRIMARY KEY (city, first_seq)
);
