/// `\boxed{…}` of a worked solution.
enum BoxedAnswer {
    /// The last one whose braces close; nil if there is none.
    static func last(in text: String) -> String? {
        var rest = text[...]
        var found: String?
        while let mark = rest.firstRange(of: "\\boxed") ?? rest.firstRange(of: "\\fbox") {
            rest = rest[mark.upperBound...]
            let after = rest.drop { $0 == " " }
            guard after.first == "{", let inside = balanced(after.dropFirst()) else { continue }
            found = inside.trimmed
        }
        return found?.isEmpty == true ? nil : found
    }

    private static func balanced(_ text: Substring) -> String? {
        var depth = 1
        for place in text.indices {
            if text[place] == "{" { depth += 1 }
            if text[place] == "}" { depth -= 1 }
            if depth == 0 { return String(text[..<place]) }
        }
        return nil
    }
}
