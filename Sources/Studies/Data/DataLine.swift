import Foundation
import SearchCore

/// One line of a data set, and all that can be wrong with it.
struct DataLine {
    var bytes: Data.SubSequence
    var file: String
    var number: Int
    /// The file ends without a line feed after it: it may be half-written.
    var isUnended: Bool
    var needsAnswer = true

    func read() throws(StratagemError) -> Problem {
        guard bytes.count <= DataSet.maximumLineBytes else {
            throw refuse("the line has \(bytes.count) bytes, more than any problem. Is this JSON lines, one object a line?")
        }
        guard !bytes.contains(0) else { throw refuse("the line holds a NUL byte, so the file is binary. Pass JSON lines in UTF-8") }
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw refuse("the line is not UTF-8. Convert the file first: iconv -f latin1 -t utf-8")
        }
        let fields = try decode()
        let key = fields.problem != nil ? "problem" : "question"
        guard let word = fields.problem ?? fields.question else {
            throw refuse("the line has no \"problem\" (nor \"question\"). Write {\"problem\": \"…\", \"answer\": \"…\"}")
        }
        guard case .text(let text) = word else { throw refuse("\"\(key)\" must be a string") }
        guard let found = fields.answer else {
            if !needsAnswer { return Problem(text: try ProblemText.check(text.utf8, source: "\(file):\(number)")) }
            throw refuse("the problem has no \"answer\", so nothing can be measured on it. Add one or remove the line")
        }
        guard let answer = found.spelled, let key = Self.answerKey(answer) else {
            throw refuse("\"answer\" must be a string or a number, and not empty. Add the final answer or remove the line")
        }
        return Problem(text: try ProblemText.check(text.utf8, source: "\(file):\(number)"), answer: key)
    }

    private func decode() throws(StratagemError) -> Fields {
        do {
            return try JSONDecoder().decode(Fields.self, from: Data(bytes))
        } catch {
            let start = bytes.first { $0 != 0x20 && $0 != 0x09 }
            if start == UInt8(ascii: "[") {
                throw refuse("this is a JSON array, not an object a line. Convert it: jq -c '.[]' \(file)")
            }
            let isCut = isUnended && start == UInt8(ascii: "{") && bytes.last != UInt8(ascii: "}")
            throw refuse(isCut
                ? "the last line is cut short: the file ends inside of it. Whatever wrote it was stopped; write it again or delete that line"
                : "the line is no JSON object. Write {\"problem\": \"…\", \"answer\": \"…\"} on a line of its own")
        }
    }

    private func refuse(_ why: String) -> StratagemError {
        StratagemError(.user, "bad_data", "\(file):\(number): \(why)")
    }

    /// The final answer in an answer field: GSM8K writes a worked solution that
    /// ends in `#### 1,234`; anything else stands as it is.
    static func answerKey(_ written: String) -> String? {
        var text = Substring(written)
        if let mark = written.range(of: "####", options: .backwards) {
            text = written[mark.upperBound...]
            if let line = text.split(whereSeparator: \.isNewline).first { text = line }
            text.removeAll { $0 == "," || $0 == "$" }
        }
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        return trimmed.isEmpty ? nil : trimmed
    }
}

private struct Fields: Decodable {
    /// A string, a number, or something that cannot serve.
    enum Word: Decodable {
        case text(String), number(String), other

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) { self = .text(text) }
            else if (try? container.decode(Bool.self)) != nil { self = .other }
            else if let whole = try? container.decode(Int.self) { self = .number("\(whole)") }
            else if let real = try? container.decode(Double.self) { self = .number("\(real)") }
            else { self = .other }
        }

        var spelled: String? {
            switch self {
            case .text(let text), .number(let text): text
            case .other: nil
            }
        }
    }

    var problem: Word?
    var question: Word?
    var answer: Word?
}
