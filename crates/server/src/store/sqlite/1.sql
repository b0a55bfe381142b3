-- Times are milliseconds since 1970; ids of guests and launches are their 16 bytes.

CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE vm (
    tenant TEXT NOT NULL,
    vmid BLOB NOT NULL,
    version INTEGER NOT NULL,
    guest TEXT NOT NULL,
    registration TEXT NOT NULL,
    identity BLOB NOT NULL,
    scheme TEXT NOT NULL,
    candidates INTEGER NOT NULL,
    table_bytes INTEGER NOT NULL,
    created INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    next_expiry INTEGER,
    deleted INTEGER NOT NULL,
    UNIQUE (tenant, vmid)
) STRICT;
CREATE INDEX vm_next_expiry ON vm (next_expiry) WHERE next_expiry IS NOT NULL;

CREATE TABLE material (
    tenant TEXT NOT NULL,
    vmid BLOB NOT NULL,
    registration INTEGER NOT NULL,
    candidates BLOB NOT NULL,
    sealed BLOB,
    UNIQUE (tenant, vmid)
) STRICT;

CREATE TABLE launch (
    tenant TEXT NOT NULL,
    vmid BLOB NOT NULL,
    launch BLOB NOT NULL,
    sealed BLOB,
    nonce BLOB,
    actor_kind TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    platform TEXT NOT NULL,
    registration INTEGER NOT NULL,
    UNIQUE (tenant, vmid, launch)
) STRICT;

-- kind 1: launch, name is the hashed idempotency key; kind 2: validate, name is the launch.
CREATE TABLE answer (
    tenant TEXT NOT NULL,
    vmid BLOB NOT NULL,
    kind INTEGER NOT NULL,
    name BLOB NOT NULL,
    request BLOB NOT NULL,
    status INTEGER NOT NULL,
    body BLOB NOT NULL,
    until INTEGER NOT NULL,
    UNIQUE (tenant, vmid, kind, name)
) STRICT;
CREATE INDEX answer_until ON answer (until);

CREATE TABLE firmware (
    tenant TEXT NOT NULL,
    sha256 BLOB NOT NULL,
    entry BLOB NOT NULL,
    image BLOB,
    created INTEGER NOT NULL,
    UNIQUE (tenant, sha256)
) STRICT;

CREATE TABLE token (
    id TEXT PRIMARY KEY,
    tenant TEXT NOT NULL,
    vmid BLOB,
    hash BLOB NOT NULL,
    view TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX token_tenant ON token (tenant);

CREATE TABLE audit (
    tenant TEXT NOT NULL,
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL,
    line TEXT NOT NULL,
    UNIQUE (tenant, seq)
) STRICT;
-- REPLACE deletes without the trigger of a deletion, so an insertion is looked at too.
CREATE TRIGGER audit_only_grows BEFORE INSERT ON audit
WHEN NEW.seq <> 1 + coalesce((SELECT max(seq) FROM audit WHERE tenant = NEW.tenant), 0)
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;

CREATE TABLE checkpoint (
    tenant TEXT NOT NULL,
    seq INTEGER NOT NULL,
    signed TEXT NOT NULL,
    UNIQUE (tenant, seq)
) STRICT;
