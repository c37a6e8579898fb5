import CStratagem
import Foundation
import Testing

/// The work that long texts make is counted, not timed: basic blocks and bytes, the same number
/// on every machine. Twice the text is at most a little more than twice the work.
@Suite struct MathAnswersWorkTests {
    private static let pieces =
        [
            "####", "\\boxed{", "\\boxed", "answer is ", "}", "{", "\\", "1", ",", ".", "-", "$", "\n", " ", "\u{0}",
            "é", "0", "<", "**",
            "1/", "1,", "(", "\\text{", "\\boxed{1}", "#### 1\n", "answer is $", "Answer: x ", "#### Step 1\n",
            "answer is A) ", "\\boxed{1}\nQ:",
        ].map { Array($0.utf8) } + [[0xFF], [0x80]]
    /// Above `ANSWER_MAX`: what is within it may cost as much as it likes.
    private static let size = 1 << 14
    /// An extractor reads an answer's room after every mark that might begin one.
    private static let mostAByte = 2000.0

    @Test func growsWithTheTextAndNoFaster() throws {
        let (image, work) = try Self.counting()
        for index in 0..<image.block.pointee.function_count {
            let function = image.block.pointee.functions[index]!.pointee
            guard let call = Self.call(function) else { continue }
            for piece in Self.pieces {
                let (once, twice) = (count(call, piece, Self.size, work), count(call, piece, 2 * Self.size, work))
                let what =
                    "\(string(function.hook)) \(string(function.name)) of '\(String(decoding: piece, as: UTF8.self))': \(once), then \(twice)"
                #expect(twice < 2.2 * once + 1000 && twice < Self.mostAByte * Double(2 * Self.size), "\(what)")
            }
        }
    }

    private typealias Call = (UnsafePointer<CChar>?, UInt64) -> Void

    private static func call(_ function: stg_function) -> Call? {
        switch string(function.hook) {
        case "stratagem.extract_answer/1":
            let extract = unsafeBitCast(function.address, to: MathAnswersTests.Extract.self)
            return { start, count in
                var answer = stg_str()
                _ = extract(start, count, &answer)
            }
        case "stratagem.answers_equal/1":
            let equal = unsafeBitCast(function.address, to: MathAnswersTests.Equal.self)
            return { start, count in _ = equal(start, count, start, count) }
        default: return nil
        }
    }

    private func count(_ call: Call, _ piece: [UInt8], _ size: Int, _ work: UnsafePointer<UInt64>) -> Double {
        let text = Array(repeating: piece, count: size / piece.count).flatMap(\.self)
        let before = work.pointee
        Guarded(text).withBytes { call($0, UInt64(text.count)) }
        #expect(work.pointee > before, "nothing is counted")
        return Double(work.pointee - before)
    }

    /// The plugin's sources, compiled so that they count.
    private static func counting() throws -> (PluginImage, UnsafePointer<UInt64>) {
        let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let root = here.deletingLastPathComponent().deletingLastPathComponent().path
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "stratagem-work-\(UUID().uuidString)"
        ).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let sources = try FileManager.default.contentsOfDirectory(atPath: root + "/Plugins/math-answers").filter {
            $0.hasSuffix(".c")
        }
        try compile(["-c", here.path + "/Fixtures/work.c", "-o", folder + "/work.o"])
        try compile(
            [
                "-fsanitize-coverage=trace-pc", "-include", here.path + "/Fixtures/work.h", "-I",
                root + "/Sources/CStratagem/include", "-shared",
                "-o", folder + "/counting.so",
            ] + sources.map { root + "/Plugins/math-answers/" + $0 } + [folder + "/work.o", "-lm"])
        let image = try PluginImage(path: folder + "/counting.so")
        guard let work = dlsym(dlopen(image.path, RTLD_NOW), "work_done") else { throw Failure("no work_done") }
        return (image, UnsafePointer(work.assumingMemoryBound(to: UInt64.self)))
    }

    private static func compile(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["cc", "-std=gnu11", "-O1", "-fPIC"] + arguments
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure("cc \(arguments.joined(separator: " ")) failed") }
    }
}
