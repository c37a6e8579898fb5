/// The object behind an `stg_instance`. C functions cannot be generic, so they
/// reach the strategy through this class's methods.
class AnyInstance {
    let host: Host
    init(host: Host) { self.host = host }
    func next(_ tell: Tell, _ out: UnsafeMutablePointer<stg_next>) throws { fatalError("abstract") }
    func save() -> stg_str { fatalError("abstract") }

    /// The instance's object, still owned by the host.
    static func from(_ raw: OpaquePointer) -> AnyInstance {
        Unmanaged<AnyInstance>.fromOpaque(UnsafeRawPointer(raw)).takeUnretainedValue()
    }
}

class Instance<S: Strategy>: AnyInstance {
    fileprivate var strategy: S
    fileprivate let outbox = Outbox()

    init(_ strategy: S, host: Host) {
        self.strategy = strategy
        super.init(host: host)
    }

    final override func next(_ tell: Tell, _ out: UnsafeMutablePointer<stg_next>) throws {
        switch try strategy.next(tell) {
        case .asks(let asks):
            out.pointee.kind = STG_NEXT_ASKS
            out.pointee.asks = outbox.fill(asks)
            out.pointee.ask_count = asks.count
        case .done(let answers):
            out.pointee.kind = STG_NEXT_DONE
            out.pointee.answers = outbox.fill(answers)
            out.pointee.answer_count = answers.count
        }
    }
}

final class ResumableInstance<S: ResumableStrategy>: Instance<S> {
    override func save() -> stg_str {
        var writer = StateWriter()
        strategy.save(to: &writer)
        return outbox.fill(writer.bytes)
    }
}

/// Makes the instances of one descriptor.
class Maker: @unchecked Sendable {  // immutable
    let parameters: [any AnyParameter]
    init(parameters: [any AnyParameter]) { self.parameters = parameters }
    var canRestore: Bool { false }
    func make(_ setup: Setup) throws -> AnyInstance { fatalError("abstract") }
    func restore(_ setup: Setup, _ state: inout StateReader) throws -> AnyInstance { fatalError("abstract") }

    static func of(_ type: any Strategy.Type) -> Maker {
        if let resumable = type as? any ResumableStrategy.Type { return of(resumable: resumable) }
        func open<S: Strategy>(_ type: S.Type) -> Maker { StrategyMaker<S>(parameters: S.info.parameters) }
        return open(type)
    }

    private static func of(resumable type: any ResumableStrategy.Type) -> Maker {
        func open<S: ResumableStrategy>(_ type: S.Type) -> Maker { ResumableMaker<S>(parameters: S.info.parameters) }
        return open(type)
    }
}

private final class StrategyMaker<S: Strategy>: Maker, @unchecked Sendable {
    override func make(_ setup: Setup) throws -> AnyInstance { Instance(try S(setup), host: setup.host) }
}

private final class ResumableMaker<S: ResumableStrategy>: Maker, @unchecked Sendable {
    override var canRestore: Bool { true }
    override func make(_ setup: Setup) throws -> AnyInstance { ResumableInstance(try S(setup), host: setup.host) }
    override func restore(_ setup: Setup, _ state: inout StateReader) throws -> AnyInstance {
        ResumableInstance(try S(setup, restoring: &state), host: setup.host)
    }
}
