import Foundation
import SearchCore

/// The choices of a multiple-choice question, in any of the forms that data sets have: a list, a field for each,
/// or the right one apart from the wrong ones. The question shows them by letter.
struct DataChoices {
    let texts: [String]
    /// What the file itself calls them, such as "1", "2"; nil: nothing.
    let labels: [String]?
    /// By place: choices that are numbers of JSON, and not texts.
    let numbers: [Int: Decimal]
    /// Their order was chosen here: no letter of the file can mean one.
    let isUnordered: Bool
    /// For messages: the fields' names, with quotes.
    let name: String
    private let fields: Set<String>

    static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ").map(String.init)

    init?(_ record: DataRecord) throws(StratagemError) {
        let found = try ChoiceSource.all(in: record)
        guard let first = found.first else { return nil }
        for other in found.dropFirst() where !first.agrees(with: other) {
            throw record.refuse("\(first.name) and \(other.name) have different choices. Keep one of them")
        }
        (texts, labels, name) = (first.texts, first.labels, first.name)
        (numbers, isUnordered) = (first.numbers, first.isUnordered)
        fields = found.reduce(into: []) { $0.formUnion($1.fields) }
        guard (2...Self.letters.count).contains(texts.count), !texts.contains("") else {
            throw record.refuse(
                "\(name) must be 2 to \(Self.letters.count) choices, each a string or a number, found \(texts.count)\(texts.contains("") ? ", with an empty one" : ""). Add the missing ones, or remove \(name)"
            )
        }
        for (place, text) in texts.enumerated() {
            guard let same = texts[..<place].firstIndex(of: text) else { continue }
            throw record.refuse(
                "choices \(Self.letters[same]) and \(Self.letters[place]) of \(name) are both \"\(Plain.line(text, max: 40))\", and a question needs different choices. Correct one, or remove the line"
            )
        }
    }

    /// "A. …", a line each.
    var shown: String { zip(Self.letters, texts).map { "\($0). \($1)" }.joined(separator: "\n") }

    func letter(_ place: Int) -> String { Self.letters[place] }

    /// The text of the right choice, which is a right answer too, unless it reads as the letter of another one.
    func rightText(_ place: Int) -> String? {
        let other = Self.letters.prefix(texts.count).firstIndex(of: texts[place].uppercased())
        return other == nil || other == place ? texts[place] : nil
    }

    /// Whether a field is one of these choices, or names the right one.
    func uses(_ field: String) -> Bool {
        let name = DataFields.plain(field)
        return fields.contains(field) || (DataFields.places + DataFields.lastPlaces).contains(name)
    }
}
