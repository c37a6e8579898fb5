import CStratagem
import SearchCore

/// Finds the final answer in a finished text, by a plugin's function.
public struct AnswerExtractor: Sendable {
    /// An answer longer than this is a mistake of the function.
    static let answerBytesMax = 1 << 16
    let function: FFIFunction

    /// The answer; nil if there is none, or if the function's result is not UTF-8.
    public func callAsFunction(_ text: [UInt8]) -> String? {
        text.withUnsafeBufferPointer { bytes in
            var data = bytes.baseAddress
            var size = UInt64(bytes.count)
            var answer = stg_str()
            return withUnsafeMutablePointer(to: &answer) { out in
                var out = out
                let status = function.callInt32(&data, &size, &out)
                guard status == STG_OK else { return nil }
                return ForeignText.utf8(out.pointee, bytesMax: Self.answerBytesMax)
            }
        }
    }
}

/// Whether two answers mean the same, by a plugin's function.
public struct AnswerEquality: Sendable {
    let function: FFIFunction

    public func callAsFunction(_ a: String, _ b: String) -> Bool {
        var (a, b) = (a, b)
        return a.withUTF8 { first in
            b.withUTF8 { second in
                var (firstData, firstSize) = (first.baseAddress, UInt64(first.count))
                var (secondData, secondSize) = (second.baseAddress, UInt64(second.count))
                return function.callInt32(&firstData, &firstSize, &secondData, &secondSize) != 0
            }
        }
    }
}

/// Finds the one spelling that all answers of the same meaning share, by a plugin's function.
public struct AnswerCanonicalizer: Sendable {
    /// Enough for nearly every answer.
    private static let usualBytes = 256
    let function: FFIFunction

    /// The canonical form of the answer; nil if it has none, or if the function's result is not one.
    public func callAsFunction(_ answer: String) -> String? {
        var answer = answer
        return answer.withUTF8 { answer in
            var room = Self.usualBytes
            // The second call has the room that the first call asked for.
            for _ in 0..<2 {
                let (status, needed, form) = call(answer, room)
                guard status == STG_OK, (1...UInt64(STG_CANONICAL_MAX)).contains(needed) else { return nil }
                if let form { return String(validating: form, as: UTF8.self) }
                room = Int(needed)
            }
            return nil
        }
    }

    private func call(_ answer: UnsafeBufferPointer<UInt8>, _ room: Int) -> (
        status: Int32, needed: UInt64, form: [UInt8]?
    ) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: room) { buffer in
            var (data, size, needed) = (answer.baseAddress, UInt64(answer.count), UInt64(0))
            var (target, capacity) = (buffer.baseAddress, UInt64(room))
            let status = withUnsafeMutablePointer(to: &needed) { out in
                var out = out
                return function.callInt32(&data, &size, &target, &capacity, &out)
            }
            guard status == STG_OK, needed <= capacity else { return (status, needed, nil) }
            return (status, needed, Array(buffer[..<Int(needed)]))
        }
    }
}

/// Computes one value for an answer from the values of its steps, by a plugin's function.
public struct StepAggregator: Sendable {
    let function: FFIFunction

    /// A value in [0, 1]. Without steps, or if the result is not a number, the value is 0: an answer that cannot be
    /// judged must not win.
    public func callAsFunction(_ values: [Double]) -> Double {
        guard !values.isEmpty else { return 0 }
        return values.withUnsafeBufferPointer { buffer in
            var (data, count) = (buffer.baseAddress, UInt64(buffer.count))
            return clamped(function.callDouble(&data, &count))
        }
    }
}

/// A program's verdict on a whole answer, by a plugin's function.
public struct ProgramVerifier: Sendable {
    let function: FFIFunction

    /// A value in [0, 1], or NaN if the program returned NaN: then it has no verdict.
    public func callAsFunction(problem: [UInt8], text: [UInt8]) -> Double {
        problem.withUnsafeBufferPointer { problem in
            text.withUnsafeBufferPointer { text in
                var (problemData, problemSize) = (problem.baseAddress, UInt64(problem.count))
                var (textData, textSize) = (text.baseAddress, UInt64(text.count))
                let value = function.callDouble(&problemData, &problemSize, &textData, &textSize)
                return value.isNaN ? value : clamped(value)
            }
        }
    }
}

private func clamped(_ value: Double) -> Double { value.isNaN ? 0 : min(1, max(0, value)) }

/// A plugin's function that is ready to be called.
public enum PluginFunction: Sendable {
    case extractAnswer(AnswerExtractor)
    case answersEqual(AnswerEquality)
    case aggregateSteps(StepAggregator)
    case verify(ProgramVerifier)
    case canonicalAnswer(AnswerCanonicalizer)

    /// Nil only if libffi refuses the hook's signature on this machine.
    init?(_ function: PluginBlock.Function) {
        guard let hook = Hook(rawValue: function.info.hook), let signature = FFISignature.named(hook.signature) else {
            return nil
        }
        let foreign = FFIFunction(signature: signature, address: function.address)
        switch hook {
        case .extractAnswer: self = .extractAnswer(AnswerExtractor(function: foreign))
        case .answersEqual: self = .answersEqual(AnswerEquality(function: foreign))
        case .aggregateSteps: self = .aggregateSteps(StepAggregator(function: foreign))
        case .verify: self = .verify(ProgramVerifier(function: foreign))
        case .canonicalAnswer: self = .canonicalAnswer(AnswerCanonicalizer(function: foreign))
        }
    }
}
