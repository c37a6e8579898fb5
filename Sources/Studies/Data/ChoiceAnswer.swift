import Foundation
import SearchCore

/// Which of the choices is right, by all fields that say so.
struct ChoiceAnswer {
    var record: DataRecord
    var choices: DataChoices

    /// Its place from 0; nil: no field says it.
    func place() throws(StratagemError) -> Int? {
        var first: (name: String, place: Int)?
        var fields = record.all(DataFields.answers + DataFields.places)
        if fields.isEmpty { fields = Array(record.all(DataFields.lastPlaces).prefix(1)) }
        for (name, value) in fields {
            let place = try place(name, value)
            if let first, first.place != place {
                throw record.refuse(
                    "\"\(first.name)\" names choice \(choices.letter(first.place)) and \"\(name)\" names choice \(choices.letter(place)). Keep the right one"
                )
            }
            first = first ?? (name, place)
        }
        return first?.place
    }

    /// A letter or another label, the text of a choice, or (MMLU) its place counted from 0.
    private func place(_ name: String, _ value: DataValue) throws(StratagemError) -> Int {
        guard let written = value.spelled.flatMap(DataShape.answerKey) else {
            throw record.refuse(
                "\"\(name)\" must be a letter, a choice's text, or its index, counted from 0, found \(value.spelled == nil ? value.kind : "nothing after its \"####\""). Write the one right choice"
            )
        }
        let found = places(written, value)
        if let place = found.first, found.count == 1 { return place }
        let what = "\"\(name)\" is \(Plain.line(written, max: 40)), which is"
        guard found.isEmpty else {
            throw record.refuse(
                "\(what) the text of one choice and the letter or index of another one. \(choices.labels == nil ? "Write the choices as {\"A\": …, \"B\": …}, and the letter" : "Write the letter")"
            )
        }
        let hint = Int(written) == choices.texts.count ? ". If this file counts from 1, write letters" : ""
        throw record.refuse(
            "\(what) not one of the \(choices.texts.count) choices (\(choices.name)): give a letter up to \(choices.letter(choices.texts.count - 1)), a choice's text, or its index, from 0 to \(choices.texts.count - 1)\(hint)"
        )
    }

    /// All that `written` can mean; more than one: nobody can tell.
    private func places(_ written: String, _ value: DataValue) -> Set<Int> {
        let bare = written.trimmingCharacters(in: CharacterSet(charactersIn: "().: "))
        if choices.isUnordered { return Set([choices.texts.firstIndex(of: written)].compactMap { $0 }) }
        let isText = if case .text = value { true } else { false }
        if let labels = choices.labels,
            let place = labels.firstIndex(of: bare) ?? labels.firstIndex(of: bare.uppercased())
        {
            return [place]
        }
        var found: Set<Int> = []
        let index = Int(written).flatMap { choices.texts.indices.contains($0) ? $0 : nil }
        if isText {
            if let same = choices.texts.firstIndex(of: written) ?? lettered(written) { found.insert(same) }
            let letter = DataChoices.letters.prefix(choices.texts.count)
            if choices.labels == nil,
                let place = letter.firstIndex(of: bare)
                    ?? (found.isEmpty ? letter.firstIndex(of: bare.uppercased()) : nil)
            {
                found.insert(place)
            }
            // A cell of a table does not tell a text from a number.
            if let index, found.isEmpty || record.isRow { found.insert(index) }
        } else {
            if let index { found.insert(index) }
            if let same = choices.numbers.first(where: { "\($0.value)" == written })?.key { found.insert(same) }
        }
        return found
    }

    /// "B) 12" and "(B) 12", if choice B is 12.
    private func lettered(_ written: String) -> Int? {
        choices.texts.indices.first { place in
            ["", "("].contains { open in
                [") ", ")", ". ", ".", ": ", ":"].contains {
                    written == open + choices.letter(place) + $0 + choices.texts[place]
                }
            }
        }
    }
}
