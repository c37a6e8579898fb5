import SearchCore

/// How a server is run.
public struct ServerOptions: Sendable {
    public var address: ListenAddress
    /// Nil: everybody who reaches the server may use it.
    public var keys: KeyFile?
    public var limits = ServerLimits()
    /// Files that requests may name for parameters of kind `file`: name to path.
    public var files: [String: String] = [:]
    /// Names that a request's `Host` may have beside the address itself.
    public var hosts: [String] = []
    /// Problems that the page offers.
    public var examples: [String] = []
    /// Problems stand in the log. Otherwise no text of a request does.
    public var logsProblems = false
    /// Gets a line of JSON for each thing that happens. Called on any thread.
    public var log: @Sendable (String) -> Void = { _ in }

    public init(address: ListenAddress) { self.address = address }
}

/// What bounds a server's work and memory.
public struct ServerLimits: Sendable {
    /// Searches that run at the same time, and those that may wait for them.
    public var atOnce = 64
    public var waiting = 256
    /// A request's budget may not be larger; a limit that is nil here bounds nothing.
    public var budget = Limits(generations: 1024, tokens: 4_000_000)
    /// From a request's arrival to its answer, waiting included.
    public var deadline = Duration.seconds(300)
    /// How long searches may go on once the server is to end.
    public var drain = Duration.seconds(30)
    public var bodyBytes = 2 << 20
    /// For a request to arrive in full.
    public var bodySeconds = 30
    public var connections = 2048
    /// Runs that are kept to be looked at: how many, how long, and how many bytes of them.
    public var keptRuns = 200
    public var keptTime = Duration.seconds(3600)
    public var keptBytes = 128 << 20
    /// Between two signs of life in a stream that has nothing to say.
    public var keepAlive = Duration.seconds(10)

    public init() {}
}
