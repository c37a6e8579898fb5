import Engine
import Foundation
import ReferenceModels
import SearchCore

/// The shipped policy with a chat template in its file, and a bundle whose prompt comes from it.
enum ChatModel {
    static let template = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant:"

    /// For `compute-optimal`: whatever the difficulty, it runs majority.
    private static let table = """
        format = "stratagem-policy-table/1"

        [difficulty]
        kind = "oracle"
        bounds = []

        [[choice]]
        bin = 1
        budget = 4
        run = "majority"
        spend = 4
        """

    /// - Returns: the bundle's path.
    static func make(in folder: String, template: String = template) throws -> String {
        try Data(table.utf8).write(to: URL(fileURLWithPath: folder + "/table.toml"))
        let policy = try ReferenceModels.find().folder + "/policy.gguf"
        let file = GGUF(try Data(contentsOf: URL(fileURLWithPath: policy)))
        try file.adding("tokenizer.chat_template", template).write(to: URL(fileURLWithPath: folder + "/chat.gguf"))
        let bundle = """
            name = "chat"
            step_delimiter = "\\n"
            stop = ["<|end|>"]
            context = 512

            [template]
            problem = "user: {problem}\\nassistant:"
            revise = "user: {problem} {attempts}\\nassistant:"

            [models.policy]
            gguf = "chat.gguf"

            [strategies.compute-optimal]
            table = "table.toml"
            """
        try Data(bundle.utf8).write(to: URL(fileURLWithPath: folder + "/chat.toml"))
        return folder + "/chat.toml"
    }
}

/// As much of a GGUF file as takes to put a text into its header.
private struct GGUF {
    private let bytes: Data
    private var place = 0

    init(_ bytes: Data) { self.bytes = bytes }

    private mutating func number(_ size: Int) -> Int {
        defer { place += size }
        return (0..<size).reduce(0) { $0 | Int(bytes[bytes.startIndex + place + $1]) << (8 * $1) }
    }

    private mutating func skipText() {
        let count = number(8)
        place += count
    }

    private mutating func skipValue(_ kind: Int) {
        switch kind {
        case 8: skipText()
        case 9:
            let (inner, count) = (number(4), number(8))
            for _ in 0..<count { skipValue(inner) }
        default: place += [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8][kind]
        }
    }

    private static func little(_ value: Int, _ size: Int) -> Data {
        Data((0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) })
    }
    private static func text(_ text: String) -> Data { little(text.utf8.count, 8) + Data(text.utf8) }

    func adding(_ key: String, _ value: String) -> Data {
        var reader = self
        reader.place = 8
        let (tensors, pairs) = (reader.number(8), reader.number(8))
        let begin = reader.place
        for _ in 0..<pairs {
            reader.skipText()
            let kind = reader.number(4)
            reader.skipValue(kind)
        }
        let end = reader.place
        for _ in 0..<tensors {
            reader.skipText()
            let dimensions = reader.number(4)
            reader.place += 8 * dimensions + 12
        }
        func aligned(_ count: Int) -> Int { (count + 31) / 32 * 32 }
        var header = bytes[..<8] + Self.little(tensors, 8) + Self.little(pairs + 1, 8) + bytes[begin..<end]
        header += Self.text(key) + Self.little(8, 4) + Self.text(value) + bytes[end..<reader.place]
        header += Data(count: aligned(header.count) - header.count)
        return header + bytes[aligned(reader.place)...]
    }
}
