import Foundation
import Glibc
import ReferenceModels
import SearchCore
import Studies

/// Where the problem of `solve` comes from.
enum ProblemInput {
    /// More than this is not read from standard input: no problem is as long.
    private static let bytesMax = 64 << 20

    static func read(argument: String?, example: Int?) throws(StratagemError) -> Problem {
        switch (argument, example) {
        case (nil, nil):
            throw StratagemError(
                .user, .noProblem,
                "there is no problem to solve. Write it as an argument in quotes, pass '-' to read it from standard input, or --example 1 for the first of the shipped test problems"
            )
        case (.some, .some):
            throw StratagemError(
                .user, .twoProblems, "there are two problems: one as an argument and one by --example. Leave one out")
        case (nil, let number?):
            return try shipped(number)
        case ("-"?, nil):
            return Problem(text: try ProblemText.check(bare(try standardInput()), source: "standard input"))
        case (let text?, nil):
            return Problem(text: try ProblemText.check(text.utf8, source: "the argument"))
        }
    }

    /// Without what a file begins and ends with: a byte order mark, line feeds.
    private static func bare(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        var text = bytes[...]
        if text.starts(with: [0xEF, 0xBB, 0xBF]) { text = text.dropFirst(3) }
        while let last = text.last, last == 0x0A || last == 0x0D { text = text.dropLast() }
        return text
    }

    private static func shipped(_ number: Int) throws(StratagemError) -> Problem {
        let data = try DataSet.read(file: ReferenceModels.find().testProblems)
        guard data.items.indices.contains(number - 1) else {
            throw StratagemError(
                .user, .noExample, "there is no example \(number): they are numbered from 1 to \(data.items.count)")
        }
        return data.items[number - 1].problem
    }

    private static func standardInput() throws(StratagemError) -> [UInt8] {
        if Terminal.isTerminal(STDIN_FILENO) { Output.note("Type the problem, then Ctrl-D on a line of its own.") }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count <= bytesMax, !Interrupt.isRequested {
            let count = Glibc.read(STDIN_FILENO, &buffer, buffer.count)
            if count > 0 { bytes += buffer[..<count] }
            if count == 0 { break }
            if count < 0, errno != EINTR {
                throw StratagemError(
                    .user, .badProblem, "standard input cannot be read: \(String(cString: strerror(errno)))")
            }
        }
        return bytes
    }
}
