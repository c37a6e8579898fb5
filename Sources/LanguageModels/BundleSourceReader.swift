import SearchCore

extension Bundle {
    /// Where a role's texts or values come from: one key of `[models.ROLE]`, with the keys that belong to it.
    public enum Source: Sendable, Equatable {
        /// Weights for llama.cpp: a path, ready to open.
        case gguf(String)
        /// A hand-made tree: a path, ready to open.
        case script(String)
        /// A plugin's function of the hook `stratagem.verify/1`: its name.
        case function(String)
        case endpoint(Endpoint)
        case command(Command)

        /// The keys that name a source.
        public enum Kind: String, Sendable, CaseIterable { case gguf, script, function, endpoint, command }

        public var kind: Kind {
            switch self {
            case .gguf: .gguf
            case .script: .script
            case .function: .function
            case .endpoint: .endpoint
            case .command: .command
            }
        }

        /// The file of weights, if the source is one.
        public var gguf: String? { if case .gguf(let file) = self { file } else { nil } }
        /// True for a verifier that is shown a text and read at its tokens, and so has a template and a read-out.
        var readsByTokens: Bool { kind == .gguf || kind == .endpoint }
    }

    /// A program of the user's that judges: it reads questions and writes values as lines of JSON.
    public struct Command: Sendable, Equatable {
        /// The program and its arguments.
        public var arguments: [String]
        /// Where it runs: the bundle's folder.
        public var folder: String
        /// The number of seconds that one answer may take.
        public var timeout: Double
        /// The number of questions that it is asked before it answers the first.
        public var requests: Int

        public init(arguments: [String], folder: String, timeout: Double = 30, requests: Int = 1) {
            (self.arguments, self.folder) = (arguments, folder)
            (self.timeout, self.requests) = (timeout, requests)
        }
    }

    /// A model behind HTTP.
    public struct Endpoint: Sendable, Equatable {
        /// At least one address; several are replicas of one model.
        public var urls: [String]
        /// The server's name for the model; nil if the server has only one.
        public var model: String?
        /// The environment variable that holds the key, never the key itself.
        public var keyVariable: String?
        /// Which interface to speak; nil: the server is asked.
        public var server: String?
        /// The number of seconds that one request may take.
        public var timeout: Double?
        /// The largest number of requests in flight; nil: what the server's queue allows.
        public var requests: Int?
        /// How it is asked; nil: a verifier as its read-out and the server's kind demand, a policy by continuing a text.
        public var route: Route?

        /// The routes that a bundle may choose.
        public enum Route: String, Sendable, CaseIterable {
            /// A judge or a policy is asked in a conversation, or to continue a text.
            case chat, completions
            /// vLLM's routes for models with a head: the server computes the values.
            case pooling, classify, score

            /// Whether the server returns values, and not probabilities of tokens.
            public var givesValues: Bool { self == .pooling || self == .classify || self == .score }
        }

        public init(
            urls: [String], model: String? = nil, keyVariable: String? = nil, server: String? = nil,
            timeout: Double? = nil, requests: Int? = nil, route: Route? = nil
        ) {
            self.urls = urls
            self.model = model
            self.keyVariable = keyVariable
            self.server = server
            self.timeout = timeout
            self.requests = requests
            self.route = route
        }
    }
}

/// Reads a role's source from its table.
enum BundleSourceReader {
    static func read(_ table: inout BundleTable, role: String, kind: Bundle.Kind, checkingFiles: Bool)
        throws(StratagemError) -> Bundle.Source
    {
        let names = Bundle.Source.Kind.allCases.map(\.rawValue)
        let given = names.filter(table.names.contains)
        guard let first = given.first, let key = Bundle.Source.Kind(rawValue: first) else {
            // For a misspelt key, the error names the nearest known one.
            try table.finish(knowing: names + ["kind", "template", "read_out", "good", "bad"])
            throw table.missing(
                "gguf",
                "Name the role's source: gguf = \"FILE.gguf\", script = \"FILE.script\", function = \"NAME\", command = [\"PROGRAM\"] or endpoint = \"http://…\""
            )
        }
        guard given.count == 1 else {
            throw table.refuse(given[1], "and \(first) are both given: a role has one source. Remove one of them")
        }
        switch key {
        case .gguf: return .gguf(try table.path("gguf", kind: "a GGUF file", checking: checkingFiles))
        case .script: return .script(try table.path("script", kind: "a script", checking: checkingFiles))
        case .function:
            let name = try table.string("function")
            guard kind != .policy else { throw cannotWrite("function", table) }
            return .function(name)
        case .endpoint: return .endpoint(try endpoint(&table, kind))
        case .command:
            let command = try command(&table)
            guard kind != .policy else { throw cannotWrite("command", table) }
            return .command(command)
        }
    }

    private static func cannotWrite(_ key: String, _ table: BundleTable) -> StratagemError {
        table.refuse(
            key,
            "is a program that judges, and cannot be a policy. Add kind = \"orm\" (it judges whole answers) or kind = \"prm\" (every step)"
        )
    }

    private static func command(_ table: inout BundleTable) throws(StratagemError) -> Bundle.Command {
        let words = try table.strings("command", default: nil)
        guard let program = words.first, !program.isEmpty, !words.contains(where: { $0.contains("\0") }) else {
            throw table.refuse("command", "is empty. Name a program and its arguments: [\"python3\", \"verify.py\"]")
        }
        var command = Bundle.Command(arguments: words, folder: table.folder)
        if let timeout = try table.number("timeout", in: 0.001...86_400) { command.timeout = timeout }
        if table.names.contains("requests") { command.requests = try table.integer("requests", in: 1...1000) }
        return command
    }

    private static func endpoint(_ table: inout BundleTable, _ kind: Bundle.Kind) throws(StratagemError)
        -> Bundle.Endpoint
    {
        var endpoint = Bundle.Endpoint(urls: try table.strings("endpoint", default: nil))
        guard !endpoint.urls.isEmpty, !endpoint.urls.contains("") else {
            throw table.refuse("endpoint", "is empty. Name the server's address, such as \"http://localhost:8000/v1\"")
        }
        func optional(_ key: String) throws(StratagemError) -> String? {
            let text = try table.string(key, default: "")
            return text.isEmpty ? nil : text
        }
        endpoint.model = try optional("model")
        endpoint.keyVariable = try optional("key_env")
        endpoint.server = try optional("server")
        endpoint.timeout = try table.number("timeout", in: 0.001...86_400)
        if table.names.contains("requests") { endpoint.requests = try table.integer("requests", in: 1...100_000) }
        if let word = try optional("route") {
            let names = Bundle.Endpoint.Route.allCases.filter { kind != .policy || !$0.givesValues }.map(\.rawValue)
            endpoint.route = names.contains(word) ? Bundle.Endpoint.Route(rawValue: word) : nil
            guard endpoint.route != nil else {
                throw table.refuse(
                    "route",
                    "is '\(word)', which is not one of \(names.joined(separator: ", "))\(suggestion(for: word, among: names))"
                )
            }
        }
        return endpoint
    }
}
