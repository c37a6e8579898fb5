/// A search strategy: a small state machine, with one value for each active problem.
///
/// The host calls `next` with the results of the last batch of asks, and does what `next` returns. `next` never waits:
/// it looks at the nodes that it was told, decides, and returns within microseconds. Calls on one value never overlap,
/// but may come from different threads one after another.
///
/// A thrown error ends the run, with the error's text as the reason. A trap (an index out of range, an overflow) ends
/// the process that the plugin runs in.
public protocol Strategy {
    /// What the host shows and checks: name, version, parameters.
    static var info: StrategyInfo { get }

    /// A new run. No work may be asked for yet; a `StrategyError` refuses the run.
    init(_ setup: Setup) throws

    /// One turn. After `.done`, or a thrown error, it is not called again.
    mutating func next(_ tell: Tell) throws -> Next
}

/// A strategy whose state can be moved to another process between two turns.
public protocol ResumableStrategy: Strategy {
    /// Saves everything that `init(_:)` cannot compute again from the setup.
    func save(to state: inout StateWriter)

    /// Continues exactly where `save` left off. The bytes may be anything: the reader throws if they do not fit, and
    /// values that it reads must be checked before they are used.
    init(_ setup: Setup, restoring state: inout StateReader) throws
}

/// A strategy's description of itself.
public struct StrategyInfo: Sendable {
    public var id: String
    public var name: String
    public var version: String
    public var summary: String
    public var parameters: [any AnyParameter]
    public var takesBatch: Bool
    /// All roles that it needs, and all that it can use. Empty if it does not say.
    public var roles: [Role]

    /// - Parameters:
    ///   - id: a reverse-URI name that never changes: `org.example.beam`.
    ///   - name: what people type: `[a-z0-9-]+`.
    ///   - version: a semantic version.
    ///   - summary: one line of text.
    ///   - parameters: in the order in which users see them.
    ///   - takesBatch: whether one instance may be given several problems.
    ///   - roles: the host refuses a run that needs a role which the bundle lacks.
    public init(
        id: String, name: String, version: String, summary: String, parameters: [any AnyParameter] = [],
        takesBatch: Bool = false, roles: [Role] = []
    ) {
        self.id = id
        self.name = name
        self.version = version
        self.summary = summary
        self.parameters = parameters
        self.takesBatch = takesBatch
        self.roles = roles
    }
}

/// The data for a new run. Valid only inside the strategy's `init`.
public struct Setup {
    public let host: Host
    let raw: UnsafePointer<stg_create_info>
    let rows: [any AnyParameter]

    /// The problem; the first one of a batch.
    public var problem: Problem { problems[0] }

    /// One, unless the strategy takes batches.
    public var problems: [Problem] {
        (0..<Int(raw.pointee.problem_count)).map { index in
            let problem = strided(raw.pointee.problems, index, by: Int(raw.pointee.problems.pointee.struct_size))
            return Problem(text: Text(problem.pointee.text), root: NodeID(problem.pointee.root))
        }
    }

    /// The value that the user gave, or the default. The host has checked it against the table; a value of the wrong
    /// kind throws an error that blames the host.
    public subscript<Value>(parameter: Parameter<Value>) -> Value {
        get throws {
            guard let index = rows.firstIndex(where: { $0.row.id == parameter.row.id }) else {
                throw StrategyError("parameter \(parameter.row.id) is not in the strategy's table")
            }
            guard index < raw.pointee.param_count else { return try parameter.decode(stg_value()) }
            return try parameter.decode(raw.pointee.params[index])
        }
    }
}

/// A problem to solve.
public struct Problem {
    /// UTF-8. Valid only inside `init`: make a `String` of what you want to keep.
    public let text: Text
    /// The root that shows the problem to the policy.
    public let root: NodeID
}

/// Why a strategy cannot continue, in words for the user.
public struct StrategyError: Error, CustomStringConvertible {
    public var description: String
    /// One of the header's `STG_…` codes.
    public var status: stg_status

    public init(_ description: String, status: stg_status = STG_ERROR) {
        self.description = description
        self.status = status
    }
}

/// Element `index` of an array whose elements are `stride` bytes apart: the host may have been built with a header
/// whose structs have grown.
func strided<Element>(_ base: UnsafePointer<Element>, _ index: Int, by stride: Int) -> UnsafePointer<Element> {
    (UnsafeRawPointer(base) + index * stride).assumingMemoryBound(to: Element.self)
}
