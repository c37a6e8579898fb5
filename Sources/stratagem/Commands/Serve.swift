import ArgumentParser
import Engine
import Foundation
import Glibc
import LanguageModels
import ReferenceModels
import SearchCore
import Server
import Studies

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve searches over HTTP: OpenAI's interface, and a page that shows them at work.",
        discussion: """
            Every strategy at a budget is a model: best-of-n@16, beam-search:beam_width=4@64. SIGTERM or \
            Ctrl-C lets the searches at work come to an end, then ends the server.

            Examples:
              stratagem serve
              stratagem serve --port 9000 --bundle my-model.toml --max-budget 256+tokens=200000
              stratagem serve --new-key alice >> keys && chmod 600 keys
              stratagem serve --host 0.0.0.0 --allow-host search.example.org --keys keys
            """)

    @Option(
        help: ArgumentHelp(
            "The address to listen at. Beyond this machine needs --keys, or --without-keys.", valueName: "address"))
    var host = "127.0.0.1"

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The port; 0 takes a free one, and says which.", valueName: "number"))
    var port = 8080

    @Option(
        help: ArgumentHelp(
            "A file of keys: a line NAME SHA-256 [requests=N] [tokens=N] [generations=N] each, that only you can read.",
            valueName: "file"), completion: .file())
    var keys: String?

    @Flag(name: .customLong("without-keys"), help: "Let everybody in who reaches the server.")
    var withoutKeys = false

    @Option(
        name: .customLong("new-key"),
        help: ArgumentHelp(
            "Make a key: print its line for the keys file, and the key itself on standard error.", valueName: "name"))
    var newKey: String?

    @Option(
        name: .customLong("allow-host"),
        help: ArgumentHelp(
            "A name that the server is called by, beside its address. May be repeated.", valueName: "name"))
    var allowHost: [String] = []

    @Option(
        name: .customLong("file"),
        help: ArgumentHelp(
            "A file that requests may name for a strategy's FILE parameter. May be repeated.", valueName: "name=path"))
    var files: [String] = []

    @Option(
        name: .customLong("max-budget"), parsing: .unconditional,
        help: ArgumentHelp("The largest budget of a request.", valueName: "budget"))
    var maxBudget = "1024+tokens=4000000"

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Seconds that a request may take, waiting included.", valueName: "seconds"))
    var deadline = 300

    @Option(
        name: .customLong("at-once"), parsing: .unconditional,
        help: ArgumentHelp("Searches that run at the same time.", valueName: "n"))
    var atOnce = 64

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Searches that may wait; later requests are told when to try again.", valueName: "n"))
    var queue = 256

    @Option(
        name: .customLong("keep-runs"), parsing: .unconditional,
        help: ArgumentHelp("Runs that are kept for an hour to be looked at.", valueName: "n"))
    var keepRuns = 200

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Seconds that searches may go on once the server is to end.", valueName: "seconds"))
    var drain = 30

    @Flag(
        name: .customLong("log-problems"), help: "Put problems into the log. Otherwise no text of a request is in it.")
    var logProblems = false

    @OptionGroup var arguments: EngineArguments

    mutating func validate() throws {
        for (name, value, range) in [
            ("deadline", deadline, 1...86_400), ("at-once", atOnce, 1...4096), ("queue", queue, 0...100_000),
            ("keep-runs", keepRuns, 0...100_000), ("drain", drain, 0...3600),
        ] where !range.contains(value) {
            throw ValidationError("--\(name) must be from \(range.lowerBound) to \(range.upperBound), found \(value).")
        }
        if keys != nil, withoutKeys { throw ValidationError("--keys and --without-keys exclude each other.") }
    }

    mutating func run() async throws {
        if let newKey {
            let made = try KeyFile.newKey(name: newKey)
            Output.line(made.line)
            return Output.note("the key, shown this once: \(made.key)")
        }
        let options = try options()
        Output.waitForNobody()
        let registry = arguments.plugins.registry()
        registry.sayShadowings()
        let engine = try arguments.open(registry: registry, sharesSamples: true, endsRunsOnInterrupt: false)
        let server = SearchServer(engine, options)
        Interrupt.onRequest { Task { await server.drain() } }
        try await server.run { [address = options.address] port in
            Output.note(
                "stratagem serves at http://\(address.isWildcard ? "localhost" : address.inURL):\(port) (page: /, OpenAI's interface: /v1)"
            )
        }
    }

    private func options() throws(StratagemError) -> ServerOptions {
        var options = ServerOptions(address: try ListenAddress(host: host, port: port))
        guard options.address.isLoopback || keys != nil || withoutKeys else {
            throw StratagemError(
                .user, .noKeys,
                "--host \(host) can be reached from other machines, and there are no keys. Give --keys FILE (a line is made by --new-key NAME), or accept every request with --without-keys"
            )
        }
        if let keys { options.keys = try KeyFile(reading: keys) }
        options.limits.budget = try Limits(parsing: maxBudget)
        options.limits.deadline = .seconds(deadline)
        options.limits.drain = .seconds(drain)
        (options.limits.atOnce, options.limits.waiting, options.limits.keptRuns) = (atOnce, queue, keepRuns)
        for text in files {
            let pair = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard pair.count == 2, !pair[0].isEmpty, access(pair[1], R_OK) == 0 else {
                throw StratagemError(.user, .badFile, "--file '\(text)' is not NAME=PATH with a file that can be read")
            }
            options.files[pair[0]] = pair[1]
        }
        options.hosts = allowHost
        options.logsProblems = logProblems
        if arguments.bundle == nil, arguments.endpoint == nil { options.examples = Self.examples }
        options.log = { Output.note($0) }
        return options
    }

    /// Of the reference models' test problems. The page does without, if they are not there.
    private static var examples: [String] {
        guard let models = try? ReferenceModels.find(), let data = try? DataSet.read(file: models.testProblems) else {
            return []
        }
        return data.items.prefix(60).enumerated().filter { $0.offset % 5 == 2 }.map(\.element.problem.text)
    }
}
