import Foundation
import SearchCore

/// The choices of a multiple-choice question, as MMLU, ARC and GPQA write them. The
/// question shows them by letter; the letter and the text are both right answers.
struct DataChoices {
    private(set) var texts: [String]
    /// Place of the right one; nil: not told.
    private var rightPlace: Int?

    private static let names = ["choices", "options"]
    private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ").map(String.init)

    init?(_ record: DataRecord) throws(StratagemError) {
        if let found = record.first(Self.names) {
            let read = try Self.read(found.value, found.name, record)
            texts = read.texts
            rightPlace = try Self.place(of: record.first(DataShape.answerNames), in: read, record)
        } else if let right = try record.text(["correct answer"]) {
            var all = [right.text.trimmed]
            for number in 1...25 {
                guard let wrong = try record.text(["incorrect answer \(number)"]) else { break }
                all.append(wrong.text.trimmed)
            }
            guard all.count > 1 else {
                throw record.refuse("there is a \"\(right.name)\" but no \"Incorrect Answer 1\". Add the other choices")
            }
            // The right one is the first in the file. Its place in the question depends on the texts alone.
            texts = all.sorted { Self.order($0) < Self.order($1) }
            rightPlace = texts.firstIndex(of: right.text.trimmed)
        } else {
            return nil
        }
    }

    /// "A. …", a line each.
    var shown: String { zip(Self.letters, texts).map { "\($0). \($1)" }.joined(separator: "\n") }
    var letter: String? { rightPlace.map { Self.letters[$0] } }
    /// The right one's text.
    var right: String? { rightPlace.map { texts[$0] } }

    private static func order(_ text: String) -> UInt64 {
        var hash = StableHash()
        hash.combine(Array(text.utf8))
        return hash.value
    }

    private typealias Read = (texts: [String], labels: [String])

    private static func read(_ value: DataValue, _ name: String, _ record: DataRecord) throws(StratagemError) -> Read {
        func list(_ items: [DataValue]) throws(StratagemError) -> [String] {
            let texts = items.compactMap(\.spelled).map(\.trimmed)
            guard texts.count == items.count, (2...letters.count).contains(texts.count), !texts.contains("") else {
                throw record.refuse("\"\(name)\" must be 2 to \(letters.count) choices, each a string or a number")
            }
            return texts
        }
        switch value {
        case .list(let items):
            let texts = try list(items)
            return (texts, Array(letters.prefix(texts.count)))
        case .record(let fields):
            // ARC: {"text": […], "label": […]}; others: {"A": "…", "B": "…"}.
            if case .list(let items)? = fields["text"], case .list(let labels)? = fields["label"],
                items.count == labels.count
            {
                return (try list(items), labels.map { $0.spelled ?? "" })
            }
            let keys = fields.keys.sorted()
            guard keys == Array(letters.prefix(keys.count)) else { break }
            return (try list(keys.compactMap { fields[$0] }), keys)
        default: break
        }
        throw record.refuse(
            "\"\(name)\" must be a list of choices, such as [\"7\", \"12\", \"9\"], or {\"A\": \"7\", \"B\": \"12\"}")
    }

    /// A letter or another label, the text of a choice, or (MMLU) its place counted from 0.
    private static func place(of answer: (name: String, value: DataValue)?, in read: Read, _ record: DataRecord)
        throws(StratagemError) -> Int?
    {
        guard let answer else { return nil }
        guard let written = answer.value.spelled?.trimmed else {
            throw record.refuse("\"\(answer.name)\" must be a letter, a choice's text, or its index, counted from 0")
        }
        let bare = written.trimmingCharacters(in: CharacterSet(charactersIn: "()."))
        if case .text = answer.value {
            if let place = read.labels.firstIndex(of: bare) { return place }
            let same = read.texts.indices.filter { read.texts[$0] == written }
            if same.count == 1 { return same[0] }
        }
        if let place = Int(written), read.texts.indices.contains(place) { return place }
        throw record.refuse(
            "\"\(answer.name)\" is \(written.prefix(40)), which is not one of the \(read.texts.count) choices: give a letter, a choice's text, or its index, counted from 0"
        )
    }
}
