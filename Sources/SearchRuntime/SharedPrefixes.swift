import DequeModule
import LanguageModels

/// The work that sharing saved: it was charged to one run, but done for another.
public struct SharingStatistics: Sendable, Equatable, Codable {
    public var samples = 0
    public var scores = 0
    /// Tokens that were sampled, read by models, and read by verifiers.
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

/// The prefixes that a shared model or verifier has issued, and what is known below each root. `Key` identifies a
/// request, `Completion` is its result.
///
/// A root lives as long as a run holds a prefix below it, and for some time after that, so that a later run can use
/// what an earlier one left. Nothing below a root is released separately.
///
/// Every issued prefix has its own number, so that a release by one run cannot take away what another run holds.
final class SharedPrefixes<Key: Hashable, Completion> {
    final class Root {
        fileprivate let text: [UInt8]
        /// The backend's prefix of the prompt, and the number of its own tokens.
        let handle: PrefixHandle
        let tokens: Int
        /// The backend's handles; each must be released once.
        fileprivate var handles: [PrefixHandle]
        fileprivate var issues = 0
        /// The number of the backend's jobs in progress.
        fileprivate var jobs = 0
        /// When it last became idle: without issued prefixes and jobs.
        fileprivate var idleSince: UInt64?
        fileprivate var bytes: Int
        var known: [Key: Completion] = [:]
        /// The jobs that wait for a result that is being computed.
        var underWay: [Key: [UInt64]] = [:]
        var literals: [Literal: (handle: PrefixHandle, tokens: Int)] = [:]

        fileprivate init(text: [UInt8], handle: PrefixHandle, tokens: Int) {
            (self.text, self.handle, self.tokens) = (text, handle, tokens)
            handles = [handle]
            bytes = text.count + 256
        }

        /// Takes ownership of a prefix that the backend issued.
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
        /// Distinguishes a stale number from one that was reused.
        var uses: UInt32
    }

    /// The memory of roots that no run holds, shared with all other models of the lane.
    private let memory: IdleMemory
    private var idle: Deque<(root: Root, since: UInt64)> = []
    private var clock: UInt64 = 0
    private var roots: [[UInt8]: Root] = [:]
    private var issues: [Issue] = []
    private var free: [Int] = []
    private let release: (PrefixHandle) -> Void

    /// - Parameter release: returns a prefix to the backend.
    init(idle memory: IdleMemory, release: @escaping (PrefixHandle) -> Void) {
        (self.memory, self.release) = (memory, release)
    }

    func root(showing text: [UInt8]) -> Root? { roots[text] }

    func addRoot(showing text: [UInt8], handle: PrefixHandle, tokens: Int) -> Root {
        let root = Root(text: text, handle: handle, tokens: tokens)
        roots[text] = root
        return root
    }

    /// A new number for the backend's prefix `handle` below `root`.
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

    /// The root and the backend's prefix; nil if the prefix was released.
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

    /// One of the backend's jobs below `root` begins, or has returned. A failed run may be over before its jobs are.
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

/// What a lane's models keep below roots that no run holds, with one limit for all of them.
final class IdleMemory {
    let bytesMax: Int
    var bytes = 0
    init(bytesMax: Int) { self.bytesMax = bytesMax }
    var isOver: Bool { bytes > bytesMax }
}

extension ModelSet {
    /// The same models, each wrapped so that its runs share results.
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
    /// A text that is equal for equal prompts, and only for these.
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
