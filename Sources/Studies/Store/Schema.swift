/// The tables of an eval store. `docs/store.md` explains them to people who bring
/// their own SQL; a change of meaning gets a new version.
enum Schema {
    /// `PRAGMA user_version`. 2 has `cells.defaults`, and lets `runs.flops` be NULL.
    static let version = 2
    /// Those that can be read.
    static let readable = 1...version
    /// `PRAGMA application_id`: "Strg". Tells our files from other SQLite files.
    static let applicationID = 0x53747267

    /// Columns that earlier versions of the program did not write, by table.
    static let laterColumns: [String: [(name: String, type: String)]] = [
        "study": [("extract", "TEXT"), ("equal", "TEXT"), ("answers_by", "TEXT")],
        "runs": [("ended", "INTEGER"), ("truncated", "INTEGER"), ("unscored", "INTEGER")],
    ]

    static let sql = """
        -- One row: what every run of this store has in common.
        CREATE TABLE study (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            stratagem TEXT NOT NULL,        -- version of the program that made it
            bundle TEXT NOT NULL,           -- its name, and a hash of what it says besides weights
            data_name TEXT NOT NULL,        -- file that the problems came from
            data_sha256 TEXT NOT NULL,      -- of all problems' texts and answers, in order
            shard_index INTEGER NOT NULL,   -- from 1; 1 of 1: the whole study
            shard_count INTEGER NOT NULL,
            created TEXT NOT NULL,          -- UTC, ISO 8601
            extract TEXT,                   -- function that finds an answer; NULL: an earlier version wrote it
            equal TEXT,                     -- function that compares answers; likewise
            answers_by TEXT                 -- who chose the two: option, bundle, data or default; likewise
        ) STRICT;

        -- The weights, by role (policy, prm, orm, reviser, large …).
        CREATE TABLE models (
            role TEXT PRIMARY KEY,
            sha256 TEXT NOT NULL,           -- of the weights' file
            parameters INTEGER              -- NULL: not known
        ) STRICT, WITHOUT ROWID;

        -- The problems of the data set, all of them, whatever the shard.
        CREATE TABLE problems (
            id INTEGER PRIMARY KEY,         -- place in the data, from 0
            text TEXT NOT NULL,
            answer TEXT NOT NULL            -- the reference answer
        ) STRICT;

        -- What is measured: a strategy with parameters, at a budget, with a seed.
        CREATE TABLE cells (
            id INTEGER PRIMARY KEY,
            strategy TEXT NOT NULL,         -- short name
            strategy_id TEXT NOT NULL,      -- for ever the same: "org.example.beam"
            params TEXT NOT NULL,           -- JSON, keys sorted, defaults filled in
            defaults TEXT,                  -- JSON, keys sorted: what the plugin takes where nothing is given;
                                            -- NULL: not known, for a version 1 of the store had made the cell
            budget TEXT NOT NULL,           -- as it is typed: "16", "16+seconds=5"
            generations INTEGER,            -- of the budget; NULL: no such limit
            seed INTEGER NOT NULL,          -- the bits of an unsigned number
            plugin TEXT NOT NULL,           -- name and version
            plugin_sha256 TEXT NOT NULL,    -- of the plugin's file
            UNIQUE (strategy_id, params, budget, seed)
        ) STRICT;

        \(runs)

        -- The vote of a run, heaviest first.
        CREATE TABLE votes (
            run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
            rank INTEGER NOT NULL,          -- from 0
            answer TEXT NOT NULL,
            weight REAL NOT NULL,
            count INTEGER NOT NULL,
            PRIMARY KEY (run, rank)
        ) STRICT, WITHOUT ROWID;

        -- The finished answers that a run's strategy ranked, best first.
        CREATE TABLE candidates (
            run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
            rank INTEGER NOT NULL,          -- from 0
            node INTEGER NOT NULL,          -- in the run's tree: in order of birth
            previous INTEGER,               -- node of the attempt that it revises; NULL: none
            revision INTEGER NOT NULL,      -- attempts before it, all along its chain: 0 for a first one
            answer TEXT,
            correct INTEGER NOT NULL,       -- 0 or 1
            score REAL,                     -- the verifier's value of the whole answer
            steps BLOB,                     -- the verifier's value of each step: 32-bit floats, little-endian
            tokens INTEGER NOT NULL,        -- of the answer below its root
            text INTEGER,                   -- texts.id
            PRIMARY KEY (run, rank)
        ) STRICT, WITHOUT ROWID;

        -- The candidates' texts, each once: best-of-4's are also best-of-64's.
        CREATE TABLE texts (
            id INTEGER PRIMARY KEY,         -- a 64-bit hash of the text
            text TEXT NOT NULL
        ) STRICT;
        """

    /// Of its own, since an older store's is made again.
    static let runs = """
        -- One cell on one problem. A run is in the store whole or not at all.
        CREATE TABLE runs (
            id INTEGER PRIMARY KEY,
            cell INTEGER NOT NULL REFERENCES cells,
            problem INTEGER NOT NULL REFERENCES problems,
            answer TEXT,                    -- canonical; NULL: none
            correct INTEGER NOT NULL,       -- 0 or 1; a failed run is 0
            error_origin TEXT,              -- NULL: the run did not fail
            error_code TEXT,
            error_message TEXT,
            generations INTEGER NOT NULL,   -- what it cost
            tokens INTEGER NOT NULL,
            prompt_tokens INTEGER NOT NULL,
            verifier_tokens INTEGER NOT NULL,
            wasted_tokens INTEGER NOT NULL,
            flops REAL,                     -- NULL: not known, for the shape of a model is not
            seconds REAL NOT NULL,          -- wall clock, the neighbours' work included
            ended INTEGER,                  -- texts sampled to an end; NULL: an earlier version wrote it
            truncated INTEGER,              -- of these, cut by a limit: max_tokens, the budget, the context; likewise
            unscored INTEGER,               -- texts that a verifier gave no number in [0, 1] for; likewise
            UNIQUE (cell, problem)
        ) STRICT;
        """
}
