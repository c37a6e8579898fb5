import CConformance
import CStratagem
import Glibc

/// Arguments for a plugin's function.
struct FunctionInput: Sendable {
    var first: [UInt8]
    var second: [UInt8] = []
    var values: [Double] = []

    var shown: String {
        values.isEmpty ? quoted(first) + (second.isEmpty ? "" : ", \(quoted(second))") : "\(values.prefix(6))"
    }

    /// It, and others that differ from it in what they say but not in how long they are.
    var ofTheSameSize: [FunctionInput] {
        func changed(_ bytes: [UInt8], _ change: (UInt8) -> UInt8) -> [UInt8] { bytes.map(change) }
        func next(_ byte: UInt8) -> UInt8 { (48...57).contains(byte) ? 48 + (byte - 47) % 10 : byte }
        func word(_ byte: UInt8) -> UInt8 { (48...57).contains(byte) ? 120 : byte }
        func space(_ byte: UInt8) -> UInt8 { byte == 35 || byte == 92 ? 32 : byte }
        var all = [self]
        for change in [next, word, space] {
            all.append(FunctionInput(first: changed(first, change), second: second, values: values))
            all.append(FunctionInput(first: first, second: changed(second, change), values: values))
        }
        all.append(FunctionInput(first: first, second: second, values: values.map { $0 / 2 }))
        return all + [self]
    }

    static func ordinary(_ hook: String) -> [FunctionInput] {
        if hook == "stratagem.aggregate_steps/1" {
            return [
                [0.5], [1], [0], [0.9, 0.1, 0.4], [1, 1, 1, 1], [0, 0], [0.99, 0.98, 0.97],
                Array(repeating: 0.5, count: 300), Array(repeating: 1, count: 256), Array(repeating: 1, count: 65_536),
            ].map { FunctionInput(first: [], values: $0) }
        }
        if hook == "stratagem.answers_equal/1" {
            return answers.indices.map {
                FunctionInput(first: answers[$0], second: answers[$0 % 3 == 0 ? $0 : ($0 + 1) % answers.count])
            }
        }
        if hook == "stratagem.canonical_answer/1" { return answers.map { FunctionInput(first: $0) } }
        let texts = [
            "3 + 4 = 7\n#### 7", "#### 12\nno\n#### 13", "The answer is \\boxed{\\frac{1}{2}}.", "nothing here", "####",
            "it costs $1,234.50.",
            "\\boxed{unclosed", "#### -4", "4", "= 8", "a = b = 9", "", "#### 007",
        ]
        let all = texts + marks.indices.map { marked($0, "\(12 + $0)") }
        return all.enumerated().map {
            FunctionInput(first: Array($1.utf8), second: Array(all[($0 + 1) % all.count].utf8))
        }
    }

    /// What answers stand between, as models are asked to write them: of an extractor nobody knows which it looks for.
    private static let marks = [
        ("#### ", ""), ("Answer: ", ""), ("answer: ", ""), ("ANSWER: ", ""), ("The answer is ", "."),
        ("the answer is: ", ""), ("Final answer: ", ""), ("Final Answer: ", ""), ("A: ", ""), ("Result: ", ""),
        ("Solution: ", ""),
        ("\\boxed{", "}"), ("<answer>", "</answer>"), ("[answer]", "[/answer]"), ("{\"answer\": \"", "\"}"),
        ("**", "**"), ("`", "`"), ("$", "$"), ("(", ")"), ("= ", ""), ("", ""),
    ]

    private static func marked(_ mark: Int, _ answer: String) -> String {
        "so it is\n\(marks[mark].0)\(answer)\(marks[mark].1)\n"
    }

    /// Texts whose answers are of many lengths, two of each.
    static let ofManyLengths: [FunctionInput] = marks.indices.flatMap { mark in
        [1, 60, 200, 500, 2000, 6000].flatMap { count in
            ["1", "2"].map { digit in
                FunctionInput(first: Array(marked(mark, String(repeating: digit, count: count)).utf8))
            }
        }
    }

    /// Answers, some of which mean the same.
    static let answers = [
        "4", "4.0", "04", "1,234", "1234", "-4", "", "x", "X", "½", " 4", "4 ", "1/2", "0.5", "inf", "\\frac{1}{2}",
        // Beside each other: who calls neighbours equal has no equivalence.
        "12", "13", "14", "0.999", "1.000", "1.001", "99", "100", "101", "1e3", "1000", "1000000", "1000001", "1000002",
        // Twice what one pass takes away.
        "004", "0007", "0", "00", "-0", "4.00", "4.", "4..", "\u{24}4", "\u{24}\u{24}4", "4%", "4%%", "(4)", "((4))",
        "\\text{a}", "\\text{\\text{a}}", "+4", "++4", "--4", "  x  y ", "4 apples", "1,,234", "4.0.", "a", "aa",
        // The same for a double, and not the same.
        "9007199254740992", "9007199254740993", "-9007199254740993", "009007199254740993", "12345678901234567890",
        "12345678901234567891", "0.1000000000000000055", "0.1000000000000000056", "9007199254740993.0", "1e400",
        "2e400",
    ].map { Array($0.utf8) }

    static let hostile: [FunctionInput] = [
        FunctionInput(first: [], values: [.nan]), FunctionInput(first: [], values: [.infinity, -1, .nan, 1e308]),
        FunctionInput(first: [0, 0, 0], second: [0], values: [0.5]),
        FunctionInput(first: [0xFF, 0xC3, 0x28, 0x23, 0x23, 0x23, 0x23], second: [0xED], values: [0.1]),
        FunctionInput(
            first: Array(repeating: UInt8(ascii: "#"), count: 1 << 20),
            second: Array(repeating: UInt8(ascii: "1"), count: 1 << 20), values: Array(repeating: 0.9, count: 1 << 17)),
        FunctionInput(
            first: Array(repeating: UInt8(ascii: "{"), count: 1 << 20),
            second: Array(repeating: UInt8(ascii: "}"), count: 1 << 20), values: [0.5]),
        FunctionInput(
            first: Array("\\boxed{".utf8) + Array(repeating: UInt8(ascii: "7"), count: 1 << 20), second: [], values: [1]
        ),
        FunctionInput(
            first: Array(repeating: UInt8(ascii: " "), count: 1 << 20),
            second: Array(repeating: UInt8(ascii: ","), count: 1 << 20), values: [1]),
    ]
}

/// Calls a plugin's function as its hook says.
enum CalledFunction {
    enum Result {
        case answer(stg_status, [UInt8]?)
        case equal(Int32)
        case value(Double)
        case none

        var shown: String {
            switch self {
            case .answer(let status, let answer):
                status == STG_OK ? answer.map { quoted($0) } ?? "unreadable" : statusName(status)
            case .equal(let result): "\(result)"
            case .value(let value): "\(value)"
            case .none: "nothing"
            }
        }
    }

    typealias Text = UnsafePointer<CChar>
    typealias Extract = @convention(c) (Text?, UInt64, UnsafeMutablePointer<stg_str>) -> Int32
    typealias Equal = @convention(c) (Text?, UInt64, Text?, UInt64) -> Int32
    typealias Aggregate = @convention(c) (UnsafePointer<Double>?, UInt64) -> Double
    typealias Verify = @convention(c) (Text?, UInt64, Text?, UInt64) -> Double

    typealias Canonical =
        @convention(c) (Text?, UInt64, UnsafeMutablePointer<CChar>?, UInt64, UnsafeMutablePointer<UInt64>) -> Int32

    static func call(
        _ function: UnsafePointer<stg_function>, _ input: FunctionInput, atEnd: Bool = false, readOnly: Bool = false,
        in shared: Place? = nil
    ) -> Result {
        guard let address = function.pointee.address, let hook = text(function.pointee.hook) else { return .none }
        func place(_ bytes: [UInt8], _ label: String) -> UnsafeMutableRawPointer? {
            if atEnd || readOnly {
                let pages = Pages(count: bytes.count, label: label, atEnd: atEnd)
                pages.start.copyMemory(from: bytes, byteCount: bytes.count)
                if readOnly { pages.makeReadOnly() }
                return pages.start
            }
            if let shared, let start = shared.next(bytes) { return start }
            return bytes.isEmpty ? nil : UnsafeMutableRawPointer(mutating: immortal(bytes).data)
        }
        shared?.begin()
        let first = place(input.first, "a function's first text").map { Text($0.assumingMemoryBound(to: CChar.self)) }
        let second = place(input.second, "a function's second text").map {
            Text($0.assumingMemoryBound(to: CChar.self))
        }
        kit_fill_stack()
        switch hook {
        case "stratagem.extract_answer/1":
            var answer = stg_str()
            let status = unsafeBitCast(address, to: Extract.self)(first, UInt64(input.first.count), &answer)
            return .answer(status, status == STG_OK ? bytes(answer) : nil)
        case "stratagem.answers_equal/1":
            return .equal(
                unsafeBitCast(address, to: Equal.self)(
                    first, UInt64(input.first.count), second, UInt64(input.second.count)))
        case "stratagem.aggregate_steps/1":
            guard !input.values.isEmpty else { return .none }
            let values = input.values.withUnsafeBytes { place(Array($0), "the array of values") }
            return .value(
                unsafeBitCast(address, to: Aggregate.self)(
                    values.map { UnsafePointer($0.assumingMemoryBound(to: Double.self)) }, UInt64(input.values.count)))
        case "stratagem.verify/1":
            return .value(
                unsafeBitCast(address, to: Verify.self)(
                    first, UInt64(input.first.count), second, UInt64(input.second.count)))
        case "stratagem.canonical_answer/1":
            let function = unsafeBitCast(address, to: Canonical.self)
            var needed: UInt64 = 0
            let status = function(first, UInt64(input.first.count), nil, 0, &needed)
            guard status == STG_OK, (1...UInt64(STG_CANONICAL_MAX)).contains(needed) else {
                return .answer(status, nil)
            }
            kit_fill_stack()
            let form = fill(Int(needed), room: Int(needed)) {
                function(first, UInt64(input.first.count), $0, $1, &needed)
            }
            return .answer(form.status, form.status == STG_OK ? form.bytes : nil)
        default: return .none
        }
    }

    /// What a canonical form's function does with less room than its form needs.
    static func canonicalInTooLittle(_ function: UnsafePointer<stg_function>, _ input: FunctionInput, needed: Int) -> (
        status: stg_status, bytes: [UInt8]
    ) {
        guard let address = function.pointee.address, needed > 1 else { return (STG_OK, []) }
        let answer = immortal(input.first)
        return fill(needed - 1, room: needed - 1) {
            var again: UInt64 = 0
            return unsafeBitCast(address, to: Canonical.self)(answer.data, UInt64(answer.size), $0, $1, &again)
        }
    }

    /// A buffer that ends where memory ends, and what a function left in it.
    private static func fill(_ count: Int, room: Int, _ body: (UnsafeMutablePointer<CChar>, UInt64) -> Int32) -> (
        status: stg_status, bytes: [UInt8]
    ) {
        let pages = Pages(count: count, label: "the buffer for a canonical form", atEnd: true)
        for index in 0..<count { pages.start.storeBytes(of: untouched, toByteOffset: index, as: UInt8.self) }
        let status = body(pages.start.assumingMemoryBound(to: CChar.self), UInt64(room))
        return (status, Array(UnsafeRawBufferPointer(start: pages.start, count: count)))
    }

    static let untouched: UInt8 = 0xA5

    /// Memory in which the arguments of each call stand where those of the call before stood.
    final class Place {
        private static let size = 1 << 16
        private let memory = UnsafeMutableRawPointer.allocate(byteCount: 2 * size, alignment: 16)
        private var used = 0

        deinit { memory.deallocate() }
        func begin() { used = 0 }

        /// Nil if there is nothing, or no room for it.
        func next(_ bytes: [UInt8]) -> UnsafeMutableRawPointer? {
            guard !bytes.isEmpty, bytes.count <= Self.size, used < 2 else { return nil }
            let start = memory + used * Self.size
            used += 1
            start.copyMemory(from: bytes, byteCount: bytes.count)
            return start
        }
    }

    /// The extractor's answer as it is, not copied.
    static func extract(_ function: UnsafePointer<stg_function>, _ input: stg_str) -> (stg_status, stg_str) {
        guard let address = function.pointee.address else { return (STG_ERROR, stg_str()) }
        var answer = stg_str()
        let status = unsafeBitCast(address, to: Extract.self)(input.data, UInt64(input.size), &answer)
        return (status, answer)
    }

    static func immortal(_ bytes: [UInt8]) -> stg_str {
        let copy = UnsafeMutableRawPointer.allocate(byteCount: max(16, bytes.count), alignment: 16)
        copy.copyMemory(from: bytes, byteCount: bytes.count)
        return stg_str(data: UnsafePointer(copy.assumingMemoryBound(to: CChar.self)), size: bytes.count)
    }
}
