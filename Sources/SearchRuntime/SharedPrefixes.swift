import DequeModule
import LanguageModels

/// What sharing saved: work that was paid for by a run, and done for another.
public struct SharingStatistics: Sendable, Equatable, Codable {
    public var samples = 0
    public var scores = 0
    /// Sampled, read by models, and read by verifiers.
    public var tokens = 0
    public var promptTokens = 0
    public var verifierTokens = 0
    public var flops = 0.0
    public init() {}

    mutating func add(_ other: SharingStatistics) {
        samples += other.samples
        scores += other.scores
        tokens += other.tokens
        promptTokens += other.promptTokens
        verifierTokens += other.verifierTokens
        flops += other.flops
    }
}

/// The prefixes that a shared model or verifier has issued, and what is known below
/// each root. `Key` says what was asked for, `Completion` what came of it.
///
/// A root lives as long as one run holds a prefix below it, and a while longer: runs
/// that come one after the other find what the one before them left. Below a root
/// nothing is let go of alone.
///
/// Every issue has its own number, so that one run's releases cannot take away
/// what another run holds.
final class SharedPrefixes<Key: Hashable, Completion> {
    final class Root {
        fileprivate let text: [UInt8]
        /// The backend's prefix of the prompt, and its own tokens.
        let handle: PrefixHandle
        let tokens: Int
        /// Of the backend, each to be released once.
        fileprivate var handles: [PrefixHandle]
        fileprivate var issues = 0
        /// Jobs of the backend's that are under way.
        fileprivate var jobs = 0
        /// When it was last without issues and jobs.
        fileprivate var idleSince: UInt64?
        fileprivate var bytes: Int
        var known: [Key: Completion] = [:]
        /// Who waits for what is being computed.
        var underWay: [Key: [UInt64]] = [:]
        var literals: [Literal: (handle: PrefixHandle, tokens: Int)] = [:]

        fileprivate init(text: [UInt8], handle: PrefixHandle, tokens: Int) {
            (self.text, self.handle, self.tokens) = (text, handle, tokens)
            handles = [handle]
            bytes = text.count + 256
        }

        /// Takes over a prefix that the backend issued.
        func own(_ handle: PrefixHandle, bytes: Int) {
            handles.append(handle)
            self.bytes += bytes + 64
        }

        fileprivate func forget() {
            (handles, known, literals) = ([], [:], [:])
        }
    }

    /// Text that was put below a prefix.
    struct Literal: Hashable {
        var parent: PrefixHandle
        var text: [UInt8]
    }

    private struct Issue {
        var root: Root?
        var handle: PrefixHandle
        /// Tells a stale number from one that was given to another.
        var uses: UInt32
    }

    /// Of roots that no run holds; with all other models of the lane.
    private let memory: IdleMemory
    private var idle: Deque<(root: Root, since: UInt64)> = []
    private var clock: UInt64 = 0
    private var roots: [[UInt8]: Root] = [:]
    private var issues: [Issue] = []
    private var free: [Int] = []
    private let release: (PrefixHandle) -> Void

    /// - Parameter release: gives a prefix back to the backend.
    init(idle memory: IdleMemory, release: @escaping (PrefixHandle) -> Void) {
        (self.memory, self.release) = (memory, release)
    }

    func root(showing text: [UInt8]) -> Root? { roots[text] }

    func addRoot(showing text: [UInt8], handle: PrefixHandle, tokens: Int) -> Root {
        let root = Root(text: text, handle: handle, tokens: tokens)
        roots[text] = root
        return root
    }

    /// A new number for a prefix of the backend's below `root`.
    func issue(_ handle: PrefixHandle, of root: Root) -> PrefixHandle {
        root.issues += 1
        if root.idleSince != nil {
            root.idleSince = nil
            memory.bytes -= root.bytes
        }
        let slot = free.popLast() ?? issues.count
        if slot == issues.count {
            issues.append(Issue(root: root, handle: handle, uses: 0))
        } else {
            issues[slot] = Issue(root: root, handle: handle, uses: issues[slot].uses &+ 1)
        }
        return PrefixHandle(raw: UInt64(issues[slot].uses) << 32 | UInt64(slot))
    }

    /// The root and the backend's prefix; nil for one that was released.
    func find(_ issued: PrefixHandle) -> (root: Root, handle: PrefixHandle)? {
        let slot = Int(issued.raw & 0xFFFF_FFFF)
        guard slot < issues.count, issues[slot].uses == UInt32(issued.raw >> 32), let root = issues[slot].root else {
            return nil
        }
        return (root, issues[slot].handle)
    }

    func giveBack(_ issued: PrefixHandle) {
        guard let (root, _) = find(issued) else { return }
        let slot = Int(issued.raw & 0xFFFF_FFFF)
        issues[slot].root = nil
        free.append(slot)
        root.issues -= 1
        restIfIdle(root)
    }

    /// A job of the backend's below `root` begins, or has come back: a run that failed
    /// may be over before its jobs are.
    func jobBegan(_ root: Root) { root.jobs += 1 }
    func jobEnded(_ root: Root) {
        root.jobs -= 1
        restIfIdle(root)
    }

    private func restIfIdle(_ root: Root) {
        guard root.issues == 0, root.jobs == 0 else { return }
        clock += 1
        root.idleSince = clock
        memory.bytes += root.bytes
        idle.append((root, clock))
        while let oldest = idle.first, oldest.root.idleSince != oldest.since || memory.isOver {
            idle.removeFirst()
            if oldest.root.idleSince == oldest.since { drop(oldest.root) }
        }
    }

    private func drop(_ root: Root) {
        memory.bytes -= root.bytes
        roots[root.text] = nil
        for handle in root.handles { release(handle) }
        root.forget()
    }
}

/// What a lane's models keep below roots that no run holds: one limit for all of them.
final class IdleMemory {
    let bytesMax: Int
    var bytes = 0
    init(bytesMax: Int) { self.bytesMax = bytesMax }
    var isOver: Bool { bytes > bytesMax }
}

extension ModelSet {
    /// The same models, each behind what its runs share.
    convenience init(sharing models: ModelSet, bytesMax: Int) {
        let idle = IdleMemory(bytesMax: bytesMax)
        self.init(
            models: models.models.mapValues { SharingModel($0, idle: idle) },
            verifiers: models.verifiers.mapValues { SharingVerifier($0, idle: idle) })
    }

    var sharing: SharingStatistics {
        var total = SharingStatistics()
        for case let model as SharingModel in models.values { total.add(model.sharing) }
        for case let verifier as SharingVerifier in verifiers.values { total.add(verifier.sharing) }
        return total
    }
}

extension Array where Element == PromptPart {
    /// Equal for equal prompts and for no others.
    var spelled: [UInt8] {
        var bytes: [UInt8] = []
        for part in self {
            bytes.append(part.isTemplate ? 1 : 0)
            bytes.appendCounted(part.bytes)
        }
        return bytes
    }
}

extension [UInt8] {
    mutating func appendCounted(_ text: [UInt8]) {
        Swift.withUnsafeBytes(of: UInt32(truncatingIfNeeded: text.count).littleEndian) { append(contentsOf: $0) }
        append(contentsOf: text)
    }
}
