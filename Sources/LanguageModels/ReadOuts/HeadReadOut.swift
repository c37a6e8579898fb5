import SearchCore

/// A reward model whose value is not a token's probability, but the output of a small head over the last hidden state:
/// Qwen2.5-Math-PRM (arXiv 2501.07301), Skywork-o1-Open-PRM, and the reward models that transformers loads for sequence
/// classification, which judge whole answers.
///
/// A step verifier is read at a token that follows each step (`<extra_0>`, or the line feed), or at the step's own last
/// token; an outcome verifier at the last token of the whole text.
public struct HeadReadOut: StepReadOut {
    public static let name = "head"

    /// How the outputs become a value in [0, 1].
    enum Reading: String, CaseIterable {
        /// The share of one of several classes.
        case softmax
        /// 1 / (1 + e^−x) of the only output.
        case sigmoid
        /// The only output, cut to [0, 1]: for heads that were trained on such values.
        case raw
    }

    /// Nil if files are not read.
    let head: ValueHead?
    /// What follows each step; empty: nothing.
    let tag: String
    /// What follows a finished answer, for a verifier of whole answers.
    let closing: String
    let reading: Reading
    let goodClass: Int
    private let judgesSteps: Bool
    /// The file, as messages name it.
    let file: String
    private let place: String

    public init(_ keys: inout ReadOutKeys) throws(StratagemError) {
        file = try keys.path("head", kind: "a safetensors file")
        tag = try keys.string("tag", default: "")
        closing = try keys.closing()
        judgesSteps = keys.judgesSteps
        place = keys.refuse("head", "").message
        guard keys.judgesSteps || tag.isEmpty else {
            throw keys.refuse("tag", "follows every step, but this verifier judges whole answers. Write it as closing")
        }
        do throws(Safetensors.Problem) {
            head = keys.checksFiles ? try ValueHead(file: file) : nil
        } catch {
            throw keys.refuse("head", "names \(file), which \(error.what)")
        }
        let outputs = head?.outputs
        let usual: Reading = outputs == 1 ? .sigmoid : .softmax
        let word = try keys.string("value", default: usual.rawValue)
        guard let reading = Reading(rawValue: word) else {
            let names = Reading.allCases.map(\.rawValue)
            throw keys.refuse(
                "value",
                "is '\(word)', which is not one of \(names.joined(separator: ", "))\(suggestion(for: word, among: names))"
            )
        }
        goodClass = try keys.integer("class", in: 0...65_535, default: 1)
        self.reading = reading
        guard let outputs else { return }
        if reading == .softmax, outputs < 2 || goodClass >= outputs {
            throw keys.refuse(
                "value",
                "is softmax of class \(goodClass), but the head has \(outputs) \(outputs == 1 ? "output" : "outputs"). One output takes sigmoid or raw; classes are counted from 0"
            )
        }
        if reading != .softmax, outputs != 1 {
            throw keys.refuse("value", "is \(word), which takes one output, but the head has \(outputs). Write softmax")
        }
    }

    public var settings: [String] {
        [tag, closing, reading.rawValue, "\(goodClass)", head?.digest ?? file]
    }

    public var reads: ReadOutSource { .states }
    public var tokens: [ReadOutToken] { tag.isEmpty ? [] : [ReadOutToken(key: "tag", text: tag)] }

    public func check(width: Int, of model: String) throws(StratagemError) {
        guard let head, head.width != width else { return }
        throw StratagemError(
            .user, .badBundle,
            "\(place)names \(file), which takes hidden states of \(head.width) numbers, but those of \(model) have \(width). Head and model are not from the same checkpoint"
        )
    }

    public var parametersPerValue: Int { head?.parameters ?? 0 }

    public func layOut(_ step: StepText) -> [PromptPart] {
        let text = step.withoutDelimiter
        guard judgesSteps else { return [PromptPart(text: step.lead + text), PromptPart(template: closing)] }
        guard !tag.isEmpty else { return [PromptPart(text: step.lead + step.withDelimiter)] }
        guard tag == "\n" else { return [PromptPart(text: step.lead + text), PromptPart(token: tag)] }
        // A line feed as a tag follows every line, and published code leaves blank lines out.
        var lines = text.split(separator: 10).map { Array($0) }.filter {
            !$0.allSatisfy { $0 == 32 || $0 == 9 || $0 == 13 }
        }
        if lines.isEmpty { lines = [[]] }
        lines[0] = step.lead + lines[0]
        return lines.flatMap { [PromptPart(text: $0), PromptPart(token: tag)] }
    }

    public func positions(in step: [Int32], ids: [Int32]) -> ReadOutPositions {
        guard let id = ids.first else { return .last }
        return step.lastIndex(of: id).map { .one($0) } ?? .none
    }

    public func read(_ row: some ReadOutRow, at place: ReadOutPlace, sum: inout Double) {
        guard let head else { return sum = .nan }
        let outputs = head(row.state).map { Double($0) }
        switch reading {
        case .softmax:
            let top = outputs.max() ?? 0
            let total = outputs.reduce(0) { $0 + stableExp($1 - top) }
            sum = stableExp(outputs[goodClass] - top) / total
        case .sigmoid: sum = 1 / (1 + stableExp(-outputs[0]))
        case .raw: sum = outputs[0].isNaN ? .nan : min(1, max(0, outputs[0]))
        }
    }
}
