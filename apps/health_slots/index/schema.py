"""Tables of the index. Sessions are rows, slots are rows only once somebody touched them, as on the ledger.

`updated` is the chain's clock when a row was last written: the latest time of any transaction up to its block.
"""

from __future__ import annotations

VERSION = 10

POOLS = ("window", "online", "community", "reserved")
STATES = ("free", "held", "booked", "returned", "drawn", "stopped")
SESSION_STATES = ("committed", "published", "stopped")
PARTS = ("am", "pm", "night")
KINDS = ("general", "expert", "special")

TABLES = """
CREATE TABLE hospital (
    id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, name TEXT NOT NULL, msp_id TEXT NOT NULL,
    utc_offset INTEGER NOT NULL, collection TEXT NOT NULL);
CREATE TABLE subject (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE department (
    hospital INTEGER NOT NULL, code TEXT NOT NULL, subject INTEGER NOT NULL,
    PRIMARY KEY (hospital, code)) WITHOUT ROWID;
CREATE TABLE doctor (
    hospital INTEGER NOT NULL, code TEXT NOT NULL, department TEXT NOT NULL, name TEXT NOT NULL, title TEXT NOT NULL,
    PRIMARY KEY (hospital, code)) WITHOUT ROWID;
CREATE TABLE campus (
    id INTEGER PRIMARY KEY, hospital INTEGER NOT NULL, code TEXT NOT NULL, name TEXT NOT NULL,
    UNIQUE (hospital, code));
CREATE TABLE session (
    id INTEGER PRIMARY KEY, hospital INTEGER NOT NULL, code TEXT NOT NULL, subject INTEGER NOT NULL,
    department TEXT NOT NULL, doctor TEXT NOT NULL, date TEXT NOT NULL, shift INTEGER NOT NULL,
    part INTEGER NOT NULL, kind INTEGER NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    fee INTEGER NOT NULL, state INTEGER NOT NULL, slots INTEGER NOT NULL, added INTEGER NOT NULL,
    free INTEGER NOT NULL, free_window INTEGER NOT NULL, free_online INTEGER NOT NULL,
    free_community INTEGER NOT NULL, free_reserved INTEGER NOT NULL,
    held INTEGER NOT NULL, booked INTEGER NOT NULL, release_at INTEGER NOT NULL, late INTEGER NOT NULL,
    published_at INTEGER, committed_block INTEGER NOT NULL, published_block INTEGER, runs TEXT NOT NULL,
    root TEXT NOT NULL, committed_at INTEGER NOT NULL, committed_by TEXT NOT NULL, changes TEXT NOT NULL,
    policy TEXT NOT NULL, updated INTEGER NOT NULL, plan TEXT NOT NULL,
    campus INTEGER NOT NULL, referral_hours INTEGER NOT NULL);
CREATE INDEX session_updated ON session (updated);
CREATE UNIQUE INDEX session_code ON session (hospital, code);
CREATE INDEX session_day ON session (date, start, id) WHERE state = 1 AND free > 0;
CREATE INDEX session_hospital ON session (hospital, date, start, id);
CREATE INDEX session_subject ON session (subject, date, start, id) WHERE state = 1 AND free > 0;
CREATE INDEX session_kind ON session (kind, date, start, id) WHERE state = 1 AND free > 0;
CREATE INDEX session_part ON session (part, date, start, id) WHERE state = 1 AND free > 0;
CREATE INDEX session_part_kind ON session (part, kind, date, start, id) WHERE state = 1 AND free > 0;
CREATE TABLE slot (
    session INTEGER NOT NULL, number INTEGER NOT NULL, state INTEGER NOT NULL, pool INTEGER NOT NULL,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, added INTEGER NOT NULL, at INTEGER NOT NULL,
    block INTEGER NOT NULL, expires INTEGER, appointment TEXT, created_at INTEGER, updated INTEGER NOT NULL,
    PRIMARY KEY (session, number)) WITHOUT ROWID;
CREATE INDEX slot_updated ON slot (updated, session);
CREATE TABLE appointment (
    id TEXT PRIMARY KEY, hospital INTEGER NOT NULL, session INTEGER NOT NULL, number INTEGER NOT NULL,
    resident TEXT NOT NULL, payer TEXT NOT NULL, state TEXT NOT NULL, booker TEXT NOT NULL,
    created_at INTEGER NOT NULL, changed_at INTEGER NOT NULL, why TEXT NOT NULL, due INTEGER NOT NULL,
    paid INTEGER NOT NULL, refund_due INTEGER NOT NULL, refunded INTEGER NOT NULL, expires INTEGER,
    tx_id TEXT NOT NULL, block INTEGER NOT NULL, updated INTEGER NOT NULL, officer TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX appointment_officer ON appointment (officer, created_at) WHERE officer <> '';
CREATE INDEX appointment_updated ON appointment (booker, updated, id);
CREATE INDEX appointment_booker ON appointment (booker, created_at, id);
CREATE INDEX appointment_resident ON appointment (resident, created_at);
CREATE INDEX appointment_payer ON appointment (payer, created_at) WHERE payer <> '';
CREATE INDEX appointment_session ON appointment (session, number, created_at);
CREATE TABLE referral (
    hospital INTEGER NOT NULL, department TEXT NOT NULL, date TEXT NOT NULL, resident TEXT NOT NULL,
    clinic TEXT NOT NULL, officer TEXT NOT NULL, at INTEGER NOT NULL, block INTEGER NOT NULL,
    PRIMARY KEY (hospital, date, department, resident)) WITHOUT ROWID;
CREATE INDEX referral_clinic ON referral (clinic, date);
CREATE TABLE waiting (
    session INTEGER NOT NULL, place TEXT NOT NULL, tx_id TEXT NOT NULL, resident TEXT NOT NULL,
    PRIMARY KEY (session, place, tx_id)) WITHOUT ROWID;
CREATE TABLE consent (
    id TEXT PRIMARY KEY, resident TEXT NOT NULL, hospital TEXT NOT NULL, state TEXT NOT NULL, until INTEGER NOT NULL,
    at INTEGER NOT NULL, revoked_at INTEGER, tx_id TEXT NOT NULL, block INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX consent_resident ON consent (resident, at);
CREATE TABLE draw (id TEXT PRIMARY KEY, state TEXT NOT NULL, record TEXT NOT NULL, block INTEGER NOT NULL)
    WITHOUT ROWID;
CREATE TABLE posting (
    hospital INTEGER NOT NULL, date TEXT NOT NULL, appointment TEXT NOT NULL, number INTEGER NOT NULL,
    why TEXT NOT NULL, lines TEXT NOT NULL, reference TEXT NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (hospital, date, appointment, number)) WITHOUT ROWID;
"""

STATISTICS = """
ANALYZE sqlite_schema;
INSERT INTO sqlite_stat1 VALUES
    ('session', 'session_code', '500000 700 1'),
    ('session', 'session_day', '400000 14000 3000 1'),
    ('session', 'session_hospital', '500000 700 30 10 1'),
    ('session', 'session_subject', '400000 13000 450 100 1'),
    ('session', 'session_kind', '400000 130000 4500 1000 1'),
    ('session', 'session_part', '400000 130000 4500 1000 1'),
    ('session', 'session_part_kind', '400000 130000 45000 1500 400 1');
ANALYZE sqlite_schema;
"""
"""What a metropolis's index looks like, for SQLite's planner: fixed, so that equal ledgers give equal bytes."""
