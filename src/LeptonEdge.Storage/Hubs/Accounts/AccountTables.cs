namespace LeptonEdge.Storage.Hubs.Accounts;

/// <summary>What layout 7 has more: accounts, sessions, tokens, and the audit log, which SQLite itself lets nobody change:
/// entries are only added, and numbered without a gap. Secrets are kept as SHA-256, passwords as their hasher made
/// them.</summary>
internal static class AccountTables
{
    public const string Create = """

        CREATE TABLE account (id INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, name TEXT NOT NULL,
            hash TEXT NOT NULL, role INTEGER NOT NULL, sites TEXT, operator_sites TEXT, created INTEGER NOT NULL, version INTEGER NOT NULL,
            failures INTEGER NOT NULL DEFAULT 0, locked_until INTEGER NOT NULL DEFAULT 0,
            last_sign_in INTEGER NOT NULL DEFAULT 0, UNIQUE (tenant, name));
        CREATE TABLE session (id INTEGER PRIMARY KEY AUTOINCREMENT, account_id INTEGER NOT NULL, digest BLOB NOT NULL UNIQUE,
            created INTEGER NOT NULL, seen INTEGER NOT NULL, address TEXT NOT NULL, agent TEXT NOT NULL);
        CREATE INDEX session_account ON session (account_id);
        CREATE TABLE access_token (id INTEGER PRIMARY KEY AUTOINCREMENT, account_id INTEGER NOT NULL,
            digest BLOB NOT NULL UNIQUE, name TEXT NOT NULL, role INTEGER NOT NULL, scopes INTEGER NOT NULL, sites TEXT,
            created INTEGER NOT NULL, expires INTEGER NOT NULL, used INTEGER NOT NULL DEFAULT 0);
        CREATE INDEX access_token_account ON access_token (account_id);
        CREATE TABLE audit (sequence INTEGER PRIMARY KEY, time INTEGER NOT NULL, actor TEXT NOT NULL, kind TEXT NOT NULL,
            address TEXT NOT NULL, action TEXT NOT NULL, target TEXT NOT NULL, outcome TEXT NOT NULL, before TEXT, after TEXT,
            hash BLOB NOT NULL);
        CREATE INDEX audit_actor ON audit (actor, sequence);
        CREATE INDEX audit_action ON audit (action, sequence);
        CREATE INDEX audit_target ON audit (target, sequence);
        CREATE TRIGGER audit_in_order BEFORE INSERT ON audit
            WHEN NEW.sequence <> (SELECT coalesce(max(sequence), 0) + 1 FROM audit)
            BEGIN SELECT raise(ABORT, 'audit entries are added in order'); END;
        CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit
            BEGIN SELECT raise(ABORT, 'audit entries do not change'); END;
        CREATE TRIGGER audit_kept BEFORE DELETE ON audit
            BEGIN SELECT raise(ABORT, 'audit entries are not removed'); END;
        """;
}
