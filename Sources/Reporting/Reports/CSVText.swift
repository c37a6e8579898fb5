import SearchCore

/// Rows of JSON objects as CSV (RFC 4180, lines ended by a line feed), for tables and data frames.
///
/// The columns are the fields of all rows, in the order in which they come first. An object becomes a column for each
/// of its fields (`cost_tokens`), an interval `…_low` and `…_high`; parameters and whatever else has a form of its own
/// stay JSON.
public enum CSVText {
    public static func text(_ rows: [JSON]) -> String {
        let flat = rows.map { row in
            guard case .object(let fields) = row else { return [(name: "value", text: cell(row))] }
            return fields.flatMap { columns($0.name, $0.value) }
        }
        var names: [String] = []
        var known: Set<String> = []
        for row in flat { for column in row where known.insert(column.name).inserted { names.append(column.name) } }
        let lines = flat.map { row in
            let cells = Dictionary(row.map { ($0.name, $0.text) }) { one, _ in one }
            return names.map { quoted(cells[$0] ?? "") }.joined(separator: ",")
        }
        return ([names.map(quoted).joined(separator: ",")] + lines).joined(separator: "\n") + "\n"
    }

    /// Of an array of rows, or of one row.
    public static func text(_ json: JSON) -> String {
        if case .array(let rows) = json { return text(rows) }
        return text([json])
    }

    private static func columns(_ name: String, _ value: JSON) -> [(name: String, text: String)] {
        switch value {
        case .object(let fields) where name != "params":
            return fields.flatMap { columns("\(name)_\($0.name)", $0.value) }
        case .array(let items) where name.hasSuffix("ci95") && items.count == 2:
            return [("\(name)_low", cell(items[0])), ("\(name)_high", cell(items[1]))]
        default: return [(name, cell(value))]
        }
    }

    private static func cell(_ value: JSON) -> String {
        switch value {
        case .null: ""
        case .string(let text): text
        default: value.line
        }
    }

    private static func quoted(_ text: String) -> String {
        let needsQuotes = text.unicodeScalars.contains { $0 == "," || $0 == "\"" || $0 == "\n" || $0 == "\r" }
        return needsQuotes ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
    }
}

extension EvalReport {
    /// A row for each case; where there are several seeds, one more for all seeds of each.
    public var csv: String {
        let rows = zip(cases, tallies).map(Self.result)
        return CSVText.text(rows + groups.map(\.csvRow))
    }
}

extension SeedGroup {
    /// In the columns of a case.
    fileprivate var csvRow: JSON {
        guard case .object(let fields) = json else { return json }
        return .object(
            fields.compactMap { field in
                switch field.name {
                case "seeds": .init("seed", "all")
                case "runs", "accuracy_by_seed": nil
                default: field
                }
            })
    }
}
