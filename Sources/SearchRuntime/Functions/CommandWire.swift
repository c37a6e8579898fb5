import SearchCore

/// The lines of JSON between the host and a command.
enum CommandWire {
    struct Reply: Equatable {
        var number: UInt64
        var values: [Double] = []
        /// The program's own word that it has no values.
        var failure: String?
    }

    struct Problem: Error { var what: String }

    static func line(_ number: UInt64, _ work: ProgramWork) -> [UInt8] {
        func text(_ bytes: [UInt8]) -> JSON { .string(String(decoding: bytes, as: UTF8.self)) }
        let question = JSON.object([
            .init("id", .int(Int(number))), .init("problem", text(work.problem)),
            .init("steps", .array(work.steps.map(text))), .init("finished", .bool(work.isFinished)),
        ])
        return Array((question.line + "\n").utf8)
    }

    static func read(_ line: [UInt8]) throws(Problem) -> Reply {
        let value: JSONValue
        do { value = try JSONParser.parse(line[...]) } catch {
            throw Problem(what: "wrote a line that is not JSON: \(shown(line))")
        }
        guard let number = value["id"]?.int, number >= 0 else {
            throw Problem(what: "wrote a line without the id of a question: \(shown(line))")
        }
        var reply = Reply(number: UInt64(number))
        if let failure = value["error"]?.string {
            reply.failure = String(failure.prefix(400))
        } else if let items = value["values"]?.array {
            for item in items {
                guard let number = item.double else {
                    reply.failure = "it gave a value that is no number: \(shown(line))"
                    break
                }
                reply.values.append(number)
            }
        } else {
            reply.failure = "it gave no values: \(shown(line))"
        }
        return reply
    }

    private static func shown(_ line: [UInt8]) -> String { String(String(decoding: line.prefix(200), as: UTF8.self)) }
}
