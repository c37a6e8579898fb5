/// What a plugin is given, piece by piece.
enum Region: String, CaseIterable, Sendable {
    case host = "the stg_host"
    case extensionTable = "an extension's table"
    case info = "the stg_create_info"
    case problems = "the array of problems"
    case params = "the array of parameter values"
    case problemText = "a problem's text"
    case paramText = "a parameter's text, choice or file"
    case tell = "the stg_tell"
    case told = "the array of stg_told"
    case toldNodes = "the told nodes"
    case next = "the stg_next"
    case getterText = "a text that get_node handed out"
    case state = "the saved state"
}

/// How a region's memory is to behave. What no rule names is plain memory that
/// lives and can be written as long as the process: a check is strict about its
/// own subject only.
struct MemoryRules: Sendable {
    /// Ends where a page without access begins.
    var bounded: Set<Region> = []
    /// Faults when it is written.
    var readOnly: Set<Region> = []
    /// Faults when it is touched after the call that it was passed to.
    var fleeting: Set<Region> = []
    /// Structs that are longer than in 1.0, as in a later minor version. The rest holds garbage.
    var grown: Set<Region> = []

    /// Arrays with one element of garbage behind the last: who reads too far by one is another check's subject.
    var padded: Set<Region> = []

    static let plain = MemoryRules()

    func growth(_ region: Region) -> Int { grown.contains(region) ? 64 : 0 }

    func isSpecial(_ region: Region) -> Bool {
        bounded.contains(region) || readOnly.contains(region) || fleeting.contains(region)
    }
}

/// Places what is passed in a call, by the rules.
final class Placer {
    let rules: MemoryRules
    private var fleeting: [Pages] = []
    private var unsealed: [Pages] = []
    private var plain: [UnsafeMutableRawPointer] = []
    private var lasting: [Pages] = []

    init(_ rules: MemoryRules) { self.rules = rules }

    deinit { for memory in plain { memory.deallocate() } }

    /// Room for `count` bytes, zeroed.
    func room(_ count: Int, in region: Region) -> UnsafeMutableRawPointer {
        if rules.isSpecial(region) {
            let pages = Pages(count: count, label: region.rawValue, atEnd: rules.bounded.contains(region))
            if rules.fleeting.contains(region) { fleeting.append(pages) }
            if rules.readOnly.contains(region) { unsealed.append(pages) }
            if region == .host || region == .extensionTable { lasting.append(pages) }
            return pages.start
        }
        let memory = UnsafeMutableRawPointer.allocate(byteCount: max(16, count), alignment: 16)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: max(16, count))
        plain.append(memory)
        return memory
    }

    /// A struct, with its tail if the rules have structs grow.
    func place<Value>(_ value: Value, in region: Region) -> UnsafeMutablePointer<Value> {
        let growth = rules.growth(region)
        let memory = room(MemoryLayout<Value>.size + growth, in: region)
        withUnsafeBytes(of: value) {
            UnsafeMutableRawBufferPointer(start: memory, count: $0.count).copyMemory(from: $0)
        }
        poison(memory + MemoryLayout<Value>.size, growth)
        return memory.assumingMemoryBound(to: Value.self)
    }

    /// The first bytes of a struct: all that an earlier minor version had.
    func place<Value>(first count: Int, of value: Value, in region: Region) -> UnsafeMutablePointer<Value> {
        let memory = room(count, in: region)
        withUnsafeBytes(of: value) {
            UnsafeMutableRawBufferPointer(start: memory, count: count).copyMemory(
                from: UnsafeRawBufferPointer(rebasing: $0.prefix(count)))
        }
        return memory.assumingMemoryBound(to: Value.self)
    }

    /// An array whose elements step by their size, tails included.
    func place<Value>(_ values: [Value], in region: Region) -> UnsafeMutableRawPointer? {
        let padding = rules.padded.contains(region) ? 1 : 0
        guard values.count + padding > 0 else { return nil }
        let growth = rules.growth(region)
        let size = MemoryLayout<Value>.size + growth
        let memory = room(size * (values.count + padding), in: region)
        poison(memory + size * values.count, size * padding)
        for (index, value) in values.enumerated() {
            withUnsafeBytes(of: value) {
                UnsafeMutableRawBufferPointer(start: memory + index * size, count: $0.count).copyMemory(from: $0)
            }
            poison(memory + index * size + MemoryLayout<Value>.size, growth)
        }
        return memory
    }

    func place(bytes: [UInt8], in region: Region) -> UnsafePointer<CChar>? {
        guard !bytes.isEmpty else { return nil }
        let memory = room(bytes.count, in: region)
        memory.copyMemory(from: bytes, byteCount: bytes.count)
        return UnsafePointer(memory.assumingMemoryBound(to: CChar.self))
    }

    private func poison(_ memory: UnsafeMutableRawPointer, _ count: Int) {
        for index in 0..<count { memory.storeBytes(of: 0xA5, toByteOffset: index, as: UInt8.self) }
    }

    /// A call begins: what is read-only becomes so.
    func seal() {
        for pages in unsealed { pages.makeReadOnly() }
        unsealed = []
    }

    /// The instance is destroyed: what lived as long as it goes.
    func instanceEnded() {
        for pages in lasting { pages.takeAway() }
        lasting = []
    }

    /// The call is over: what is fleeting goes.
    func callEnded() {
        for pages in fleeting { pages.takeAway() }
        fleeting = []
    }
}
