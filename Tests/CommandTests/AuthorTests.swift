import Foundation
import Testing

/// What an author does: new, build, check, solve; in each language, as its page in
/// docs/authors says. Where a language's tools are missing, its tests are skipped.
@Suite(.serialized) struct AuthorTests {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
    private let command: Command

    init() throws { command = try Command() }

    struct Kit: Sendable, CustomTestStringConvertible {
        var language: String
        var tools: [String]
        var product: String
        var testDescription: String { language }

        var missing: String? { tools.first { !Self.isThere($0) } }

        /// Of the toolchain, not of a shim that only says that it is missing.
        private static func isThere(_ tool: String) -> Bool {
            (try? AuthorTests.shell("\(tool) --version", environment: [:]).status) == 0
        }
    }

    static let kits = [
        Kit(language: "c", tools: ["make", "cc"], product: "my-search.so"),
        Kit(language: "cpp", tools: ["make", "c++"], product: "my-search.so"),
        Kit(language: "swift", tools: ["swift"], product: ".build/release/libmy-search.so"),
        Kit(language: "rust", tools: ["cargo", "rustc"], product: "target/release/libmy_search.so"),
        Kit(language: "python", tools: ["make", "cc", "python3"], product: "my-search.so"),
    ]
    #if SANITIZED
    /// The program is instrumented and slow; what the others build is not instrumented.
    static let available = kits.filter { $0.language == "c" && $0.missing == nil }
    #else
    static let available = kits.filter { $0.missing == nil }
    #endif

    static func shell(_ command: String, in folder: String? = nil, environment: [String: String]) throws -> (
        status: Int32, output: String
    ) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", command]
        if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    private func project(_ language: String) -> String { command.path("pages/\(language)/my-search") }

    /// The pages say what happens (numbers aside), a check at the highest level among it;
    /// and the plugins that they make give the same answer, whatever they are written in.
    @Test func pagesAreTrueAndTheKitsAgree() throws {
        defer { command.remove() }
        for kit in Self.kits {
            if let missing = kit.missing { print("skipped: the kit for \(kit.language), since there is no \(missing)") }
        }
        let names = Self.available.map(\.language).joined(separator: " ")
        let check = try Self.shell(
            "docs/authors/refresh.py --check --program '\(Command.program)' --folder '\(command.path("pages"))' \(names)",
            in: Self.root, environment: ["STRATAGEM": Command.program])
        #expect(check.status == 0, "\(check.output)")
        var first: (name: String, result: String)?
        for kit in Self.available {
            let plugin = project(kit.language) + "/" + kit.product
            for strategy in kit.language == "c" ? ["my-search"] : ["my-search", "my-search-loop"] {
                let name = "\(kit.language), \(strategy)"
                let result = try solve("\(plugin)#\(strategy)")
                if let first {
                    #expect(result == first.result, "\(name) differs from \(first.name)")
                } else {
                    first = (name, result)
                }
            }
        }
        // The one that ships says the same of the candidates, which do not name the strategy.
        #expect(first?.result.contains("\"answer\": \"54\"") == true)
    }

    /// All of the result but its name and the time it took.
    private func solve(_ strategy: String) throws -> String {
        let outcome = try Self.shell(
            "'\(Command.program)' solve --example 42 --json --seed 7 --strategy '\(strategy)' 2>/dev/null",
            environment: [:])
        #expect(outcome.status == 0, "\(strategy): \(outcome.output)")
        return outcome.output.split(separator: "\n").filter {
            !$0.contains("\"seconds\"") && !$0.contains("\"strategy\"")
        }.joined(separator: "\n")
    }

    // MARK: - what goes wrong in a strategy

    /// What a strategy throws ends its own run with its words, in each kit's way.
    @Test(arguments: [
        (
            "cpp", "my_search.cpp", "if (answers.empty()) {", "throw std::runtime_error(\"broken on purpose\");",
            "broken on purpose"
        ),
        ("cpp", "my_search.cpp", "if (answers.empty()) {", "throw 7;", "no std::exception"),
        (
            "rust", "src/lib.rs", "if self.answers.is_empty() {", "panic!(\"broken on {}\", \"purpose\");",
            "panicked: broken on purpose"
        ),
        (
            "python", "my_search.py", "        if not self.answers:", "        raise KeyError('on purpose')",
            "KeyError: 'on purpose' (my_search.py, line 26, in next)"
        ),
        ("python", "my_search.py", "        if not self.answers:", "        raise SystemExit(3)", "SystemExit: 3"),
        (
            "python", "my_search.py", "        if not self.answers:", "        import no_such_module",
            "No module named 'no_such_module'"
        ),
        (
            "python", "my_search.py", "        if not self.answers:", "        return 'more, please'",
            "a turn is a list of asks"
        ),
        ("python", "my_search.py", "        if not self.answers:", "        return [Sample(-1)]", "a node is -1"),
    ])
    func whatIsThrownIsExplained(_ language: String, _ file: String, _ place: String, _ fault: String, _ words: String)
        throws
    {
        defer { command.remove() }
        guard let kit = Self.available.first(where: { $0.language == language }) else { return }
        let plugin = try broken(kit, file, place, fault)
        let outcome = try command.run("solve", "What is 2 + 2?", "--strategy", "\(plugin)#my-search")
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains(words), "\(outcome.errors)")
        #expect(outcome.errors.contains("[strategy_failed]"), "\(outcome.errors)")
    }

    /// `save` and `restore`, as each kit has them, keep all that the header says of them.
    @Test(arguments: [
        (
            "cpp", "my_search.cpp", "    Next next(const Tell &tell) override {",
            """
                std::string save() const {
                    std::string state(1, char(answers.size()));
                    return state.append(reinterpret_cast<const char *>(answers.data()), answers.size() * sizeof(Node));
                }
                MySearch(const Setup &setup, std::string_view state) : MySearch(setup) {
                    if (state.empty() || state.size() != 1 + sizeof(Node) * (unsigned char)state[0]) throw bad_state();
                    for (std::size_t at = 1; at < state.size(); at += sizeof(Node)) {
                        Node node = 0;
                        state.copy(reinterpret_cast<char *>(&node), sizeof node, at);
                        answers.push_back(node);
                    }
                }
            """
        ),
        (
            "rust", "src/lib.rs", "    fn next(&mut self, host: &Host, tell: &Tell)",
            """
                const RESUMABLE: bool = true;
                fn save(&self) -> Vec<u8> {
                    let mut state = vec![self.answers.len() as u8];
                    for node in &self.answers { state.extend(node.0.to_le_bytes()); }
                    state
                }
                fn restore(setup: &Setup, state: &[u8]) -> Result<Self, Error> {
                    let (count, nodes) = state.split_first().ok_or(Error::bad_state())?;
                    if nodes.len() != 8 * *count as usize { return Err(Error::bad_state()); }
                    let mut made = Self::new(setup)?;
                    made.answers = nodes.chunks(8).map(|node| Node(u64::from_le_bytes(node.try_into().unwrap()))).collect();
                    Ok(made)
                }
            """
        ),
        (
            "python", "my_search.py", "    def next(self, host, tell):",
            """
                def save(self):
                    return bytes([len(self.answers)]) + b"".join(node.to_bytes(8, "little") for node in self.answers)
                @classmethod
                def restore(cls, setup, state):
                    if not state or len(state) != 1 + 8 * state[0]:
                        raise bad_state()
                    made = cls(setup)
                    made.answers = [int.from_bytes(state[at:at + 8], "little") for at in range(1, len(state), 8)]
                    return made
            """
        ),
    ])
    func whatIsSavedIsRestored(_ language: String, _ file: String, _ place: String, _ code: String) throws {
        defer { command.remove() }
        guard let kit = Self.available.first(where: { $0.language == language }) else { return }
        let plugin = try broken(kit, file, place, code, importing: "bad_state")
        let outcome = try command.run("check", plugin, "--level", "7", "--json")
        #expect(outcome.status == 0, "\(outcome.output)")
        let report = try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [[String: Any]])
        let results = try #require(report[0]["results"] as? [[String: Any]])
        for name in [
            "save-restore", "save-harmless", "restore-random", "restore-short", "restore-damaged", "restore-kept",
        ] {
            #expect(results.first { $0["check"] as? String == name }?["status"] as? String == "passed", "\(name)")
        }
    }

    /// `print` and `log` reach the user and never the result.
    @Test func whatPythonPrintsIsALogLine() throws {
        defer { command.remove() }
        guard let kit = Self.available.first(where: { $0.language == "python" }) else { return }
        let plugin = try broken(
            kit, "my_search.py", "        if not self.answers:", "        print('seen', len(tell), sep=': ')")
        let outcome = try command.run("solve", "What is 2 + 2?", "--strategy", "\(plugin)#my-search", "--json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.contains("seen: 1"))
        #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) }
    }

    /// In its own process, where the environment reaches it: a plugin that is trusted.
    @Test func withoutPythonTheRunIsRefused() throws {
        defer { command.remove() }
        guard let kit = Self.available.first(where: { $0.language == "python" }) else { return }
        let plugin = try broken(kit, "my_search.py", "        if not self.answers:", "        pass")
        #expect(try command.run("trust", plugin).status == 0)
        let run = {
            try command.run(
                "solve", "What is 2 + 2?", "--strategy", "\(plugin)#my-search", environment: ["STRATAGEM_PYTHON": $0])
        }
        let refused = try run("/nowhere/libpython3.so")
        #expect(refused.status != 0)
        #expect(refused.errors.contains("STRATAGEM_PYTHON names /nowhere/libpython3.so"), "\(refused.errors)")
        #expect(try run("").status == 0)

        // The same file where no Python is to be found: it looks for other names.
        var bytes = try Data(contentsOf: URL(fileURLWithPath: plugin))
        let name = try #require(bytes.range(of: Data("libpython3.%d.so".utf8)))
        bytes.replaceSubrange(name, with: Data("libpythox3.%d.so".utf8))
        try bytes.write(to: URL(fileURLWithPath: command.path("lonely.so")))
        let lonely = try command.run("solve", "What is 2 + 2?", "--strategy", command.path("lonely.so") + "#my-search")
        #expect(lonely.status == 1)
        #expect(lonely.errors.contains("no libpython3.so from 3.8 to 3.13 was found. Install it"), "\(lonely.errors)")
    }

    /// A project with `fault` before the line that begins with `place`, built.
    private func broken(_ kit: Kit, _ file: String, _ place: String, _ fault: String, importing name: String? = nil)
        throws -> String
    {
        let folder = command.path("broken")
        #expect(try command.run("new", "my-search", "--lang", kit.language, folder).status == 0)
        let text = try String(contentsOfFile: folder + "/" + file, encoding: .utf8)
        try #require(text.contains(place))
        let imports = kit.language == "python" && name != nil ? "from stratagem import \(name ?? "")\n" : ""
        try (imports + text.replacingOccurrences(of: place, with: fault + "\n" + place)).write(
            toFile: folder + "/" + file, atomically: true, encoding: .utf8)
        let build = kit.language == "rust" ? "cargo build --release --offline" : "make"
        let built = try Self.shell(
            build, in: folder, environment: ["CXXFLAGS": "-O0", "CARGO_PROFILE_RELEASE_OPT_LEVEL": "0"])
        try #require(built.status == 0, "\(built.output)")
        return folder + "/" + kit.product
    }

    // MARK: - names

    /// A second build takes what was changed since the first, though what that left lies
    /// beside the sources: Python would import sampler.so instead of sampler.py.
    @Test(arguments: [
        ("python", "sampler"), ("python", "kit"), ("python", "build"), ("c", "roles"), ("c", "stg-node"), ("c", "log"),
        ("cpp", "log"), ("cpp", "roles"),
    ])
    func anyNameIsBuiltTwice(_ language: String, _ name: String) throws {
        defer { command.remove() }
        guard let kit = Self.available.first(where: { $0.language == language }) else { return }
        let folder = command.path("named")
        #expect(try command.run("new", name, "--lang", kit.language, folder).status == 0)
        let file =
            "\(folder)/\(name.replacing("-", with: "_")).\(["python": "py", "c": "c", "cpp": "cpp"][language] ?? "")"
        for summary in ["N whole answers, chosen by the verifier", "Changed since"] {
            let text = try String(contentsOfFile: file, encoding: .utf8)
            try text.replacing("N whole answers, chosen by the verifier", with: summary).write(
                toFile: file, atomically: true, encoding: .utf8)
            let built = try Self.shell("make -B", in: folder, environment: ["CXXFLAGS": "-O0", "CFLAGS": "-O0"])
            #expect(built.status == 0, "\(built.output)")
            let listed = try command.run("plugins", "--plugin-path", "\(folder)/\(name).so")
            #expect(listed.output.contains(summary), "\(listed.output)\(listed.errors)")
        }
    }

    // MARK: - usage

    @Test func newRefuses() throws {
        defer { command.remove() }
        let inside = command.path("there")
        try FileManager.default.createDirectory(atPath: inside, withIntermediateDirectories: true)
        try command.write("there/file", "mine")
        let refusals: [([String], String)] = [
            (["my-search", "--lang", "cobol"], "[unknown_language]"),
            (["class", "--lang", "cpp", command.path("x")], "[bad_name]"),
            (["My_Search", "--lang", "c", command.path("x")], "'my-search'"),
            (["my-search", "--lang", "c", inside], "[folder_exists]"),
            (["my-search", "--lang", "c", "/proc/x"], "[unwritable]"), (["my-search"], "--lang"),
        ]
        for (arguments, words) in refusals {
            let outcome = try command.start(["new"] + arguments).wait()
            #expect(outcome.status == 2 && outcome.output == "", "\(arguments)")
            #expect(outcome.errors.contains(words), "\(outcome.errors)")
        }
        #expect(!FileManager.default.fileExists(atPath: command.path("x")))
    }

    @Test func newSaysWhatItMade() throws {
        defer { command.remove() }
        let outcome = try command.run("new", "zeta", "--lang", "rust", command.path("z"), "--json")
        let json = try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
        #expect(json["plugin"] as? String == "target/release/libzeta.so")
        #expect(json["language"] as? String == "rust")
        let files = try #require(json["files"] as? [String])
        for file in files { #expect(FileManager.default.fileExists(atPath: command.path("z/" + file)), "\(file)") }
        #expect(files.contains("Cargo.toml"))
    }
}
