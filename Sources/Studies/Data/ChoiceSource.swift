import Foundation
import SearchCore

/// One place of a record that has choices.
struct ChoiceSource {
    var texts: [String]
    var labels: [String]?
    /// By place: choices that are numbers of JSON, and not texts.
    var numbers: [Int: Decimal] = [:]
    /// For messages.
    var name: String
    var fields: Set<String>
    /// The right one stands apart from these: the order was chosen here.
    var wrong: [String] = []
    var isUnordered: Bool { !wrong.isEmpty }

    func agrees(with other: ChoiceSource) -> Bool {
        other.isUnordered ? Set(other.wrong).isSubset(of: texts) : texts == other.texts
    }

    /// Those whose order the file gives come first.
    static func all(in record: DataRecord) throws(StratagemError) -> [ChoiceSource] {
        var found: [ChoiceSource] = []
        for (name, value) in record.all(DataFields.choices) where !value.isEmpty {
            found.append(try list(value, name, record))
        }
        for prefix in DataFields.choiceColumns {
            if let columns = try columns(prefix, record) { found.append(columns) }
        }
        if let apart = try apart(record) { found.append(apart) }
        return found
    }

    // MARK: A list

    private static func list(_ value: DataValue, _ name: String, _ record: DataRecord) throws(StratagemError)
        -> ChoiceSource
    {
        let refusal = record.refuse(
            "\"\(name)\" must be a list of choices, such as [\"7\", \"12\", \"9\"], or {\"A\": \"7\", \"B\": \"12\"}, found \(value.kind). Write it so, or remove it"
        )
        // A cell of a table may hold the JSON of a list.
        if case .text(let text) = value, let inner = DataValue(json: text) {
            return try list(inner, name, record)
        }
        switch value {
        case .list(let items):
            // CommonsenseQA: [{"label": "A", "text": "7"}, …].
            let pairs = items.compactMap {
                if case .record(let fields) = $0, let text = fields["text"], let label = fields["label"] {
                    (text, label)
                } else {
                    nil
                }
            }
            if !items.isEmpty, pairs.count == items.count {
                return try made(pairs.map(\.0), pairs.map { $0.1.spelled ?? "" }, name, record)
            }
            return try made(items, nil, name, record)
        case .record(let fields):
            // ARC: {"text": […], "label": […]}; others: {"A": "…", "B": "…"}.
            if case .list(let items)? = fields["text"], case .list(let labels)? = fields["label"],
                items.count == labels.count
            {
                return try made(items, labels.map { $0.spelled ?? "" }, name, record)
            }
            let keys = fields.keys.filter { fields[$0]?.isBlank == false }.sorted { ($0.count, $0) < ($1.count, $1) }
            let upper = keys.map { $0.uppercased() }
            let orders = [
                Array(DataChoices.letters.prefix(keys.count)), keys.indices.map { "\($0)" },
                keys.indices.map { "\($0 + 1)" },
            ]
            guard orders.contains(upper) else { throw refusal }
            return try made(keys.compactMap { fields[$0] }, upper, name, record)
        default: throw refusal
        }
    }

    private static func made(_ items: [DataValue], _ labels: [String]?, _ name: String, _ record: DataRecord)
        throws(StratagemError) -> ChoiceSource
    {
        let texts = items.compactMap(\.spelled).map(\.trimmed)
        guard texts.count == items.count else {
            let other = items.first { $0.spelled == nil }?.kind ?? "something else"
            throw record.refuse(
                "\"\(name)\" must be 2 to \(DataChoices.letters.count) choices, each a string or a number, found \(other) among them. Write each as its text"
            )
        }
        var source = ChoiceSource(texts: texts, labels: labels, name: "\"\(name)\"", fields: [name])
        for (place, item) in items.enumerated() {
            if case .number(let number) = item { source.numbers[place] = number }
        }
        if labels == nil { source.texts = try withoutLetters(texts, name, record) }
        return source
    }

    /// AQuA writes the letters into the choices: "A)21", "B)21.5".
    private static func withoutLetters(_ texts: [String], _ name: String, _ record: DataRecord) throws(StratagemError)
        -> [String]
    {
        let parts = texts.compactMap { text -> (letter: String, rest: String)? in
            let rest = text.hasPrefix("(") ? text.dropFirst() : text[...]
            guard let letter = rest.first, let mark = rest.dropFirst().first, ").:".contains(mark) else { return nil }
            return (String(letter), String(rest.dropFirst(2)).trimmed)
        }
        let letters = DataChoices.letters.prefix(texts.count)
        guard parts.count == texts.count, !parts.contains(where: { $0.rest.isEmpty }),
            Set(parts.map(\.letter)) == Set(letters)
        else { return texts }
        guard parts.map(\.letter) == Array(letters) else {
            throw record.refuse(
                "\"\(name)\" has choices that begin with letters in another order than \(letters.joined(separator: ", ")): which choice the answer means is not clear. Sort them, or remove the letters"
            )
        }
        return parts.map(\.rest)
    }

    // MARK: A field for each

    /// `A`, `B`, …; `option_a`, …; `choice1`, …
    private static func columns(_ prefix: String, _ record: DataRecord) throws(StratagemError) -> ChoiceSource? {
        // A letter alone beyond J is hardly a choice, and "options" is not choice S.
        let letters = DataChoices.letters.prefix(prefix.isEmpty ? 10 : 18).map { $0.lowercased() }
        // "answer1" is an answer.
        let series =
            prefix.isEmpty || prefix == "answer"
            ? [letters] : [letters, (0...25).map { "\($0)" }, (1...26).map { "\($0)" }]
        for labels in series {
            guard record.first([prefix + labels[0]]) != nil, prefix != "" || record.first(["b"]) != nil else {
                continue
            }
            let fields = labels.map { record.first([prefix + $0]) }
            let last = fields.lastIndex { $0 != nil } ?? 0
            let range = "\"\(fields[0]?.name ?? "")\" to \"\(fields[last]?.name ?? "")\""
            let values = fields.prefix(last + 1).compactMap { $0 }
            guard values.count == last + 1 else {
                let gap = fields.firstIndex { $0 == nil } ?? 0
                throw record.refuse(
                    "\(range) are choices, and choice \(labels[gap].uppercased()) between them is missing. Add it, or rename the fields"
                )
            }
            var source = ChoiceSource(
                texts: [], name: last == 0 ? "\"\(values[0].name)\"" : range, fields: Set(values.map(\.name)))
            for (place, field) in values.enumerated() {
                guard let text = field.value.spelled else {
                    throw record.refuse(
                        "\"\(field.name)\" is a choice and must be a string or a number, found \(field.value.kind). Write its text"
                    )
                }
                source.texts.append(text.trimmed)
                if case .number(let number) = field.value { source.numbers[place] = number }
            }
            source.labels = labels.prefix(last + 1).map { $0.uppercased() }
            return source
        }
        return nil
    }

    // MARK: The right one apart

    /// GPQA: "Correct Answer", "Incorrect Answer 1", …
    private static func apart(_ record: DataRecord) throws(StratagemError) -> ChoiceSource? {
        let wrong = DataFields.wrong.flatMap { record.numbered($0) }
        guard let first = wrong.first else { return nil }
        guard let right = record.first([DataFields.right]) ?? record.first(DataFields.answers) else {
            throw record.refuse(
                "\"\(first.name)\" is a wrong choice, and no field has the right one. Add it as \"correct_answer\"")
        }
        var texts: [String] = []
        for (name, value) in [right] + wrong {
            let items = if case .list(let items) = value, name != right.name { items } else { [value] }
            for item in items {
                guard let text = item.spelled?.trimmed, !text.isEmpty else {
                    throw record.refuse("\"\(name)\" must be the text of a choice, found \(item.kind). Write its text")
                }
                texts.append(text)
            }
        }
        // The right one is the first here. Its place in the question depends on the texts alone.
        return ChoiceSource(
            texts: texts.sorted { order($0) < order($1) }, name: "\"\(right.name)\" and \"\(first.name)\"",
            fields: Set(wrong.map(\.name)), wrong: Array(texts.dropFirst()))
    }

    private static func order(_ text: String) -> UInt64 {
        var hash = StableHash()
        hash.combine(Array(text.utf8))
        return hash.value
    }
}
