import CStratagem
import SearchCore

/// Finds the final answer in a finished text, by a plugin's function.
public struct AnswerExtractor: Sendable {
    /// An answer longer than this is a mistake of the function's.
    static let answerBytesMax = 1 << 16
    let function: FFIFunction

    /// The answer, or nil if there is none, or if what came back is not UTF-8.
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

/// One value for an answer from the values of its steps, by a plugin's function.
public struct StepAggregator: Sendable {
    let function: FFIFunction

    /// A value in [0, 1]. No steps, or a result that is not a number, count as 0:
    /// what cannot be judged must not win.
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

    /// A value in [0, 1]; a result that is not a number counts as 0.
    public func callAsFunction(problem: [UInt8], text: [UInt8]) -> Double {
        problem.withUnsafeBufferPointer { problem in
            text.withUnsafeBufferPointer { text in
                var (problemData, problemSize) = (problem.baseAddress, UInt64(problem.count))
                var (textData, textSize) = (text.baseAddress, UInt64(text.count))
                return clamped(function.callDouble(&problemData, &problemSize, &textData, &textSize))
            }
        }
    }
}

private func clamped(_ value: Double) -> Double { value.isNaN ? 0 : min(1, max(0, value)) }

/// A plugin's function, ready to be called.
public enum PluginFunction: Sendable {
    case extractAnswer(AnswerExtractor)
    case answersEqual(AnswerEquality)
    case aggregateSteps(StepAggregator)
    case verify(ProgramVerifier)

    /// Nil only if libffi refuses the hook's signature on this machine.
    init?(_ function: PluginBlock.Function) {
        guard let hook = Hook(rawValue: function.info.hook), let signature = FFISignature.named(hook.signature) else { return nil }
        let foreign = FFIFunction(signature: signature, address: function.address)
        switch hook {
        case .extractAnswer: self = .extractAnswer(AnswerExtractor(function: foreign))
        case .answersEqual: self = .answersEqual(AnswerEquality(function: foreign))
        case .aggregateSteps: self = .aggregateSteps(StepAggregator(function: foreign))
        case .verify: self = .verify(ProgramVerifier(function: foreign))
        }
    }
}
