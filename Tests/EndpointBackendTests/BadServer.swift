import Foundation
import Locking
import SearchCore

@testable import EndpointBackend

/// A small server that answers what a test tells it to, rightly or wrongly, byte by byte.
final class BadServer: Sendable {
    struct Request: Sendable {
        var method: String
        var path: String
        var head: String
        var body: JSONValue
        /// How many came before on the same path.
        var number: Int
    }

    enum Act: Sendable {
        case send(String)
        /// Until the other side is gone; noted in `left`.
        case waitForEnd
        case close
        /// The same piece, so many times.
        case flood(String, Int)
    }

    private let listener: Listener
    private let answer: @Sendable (Request) -> [Act]
    private let seen = Locked<[Request]>([])
    private let gone = Locked(0)

    var address: EndpointAddress { get throws { try EndpointAddress(parsing: "http://127.0.0.1:\(listener.port)") } }
    var requests: [Request] { seen.withLock { $0 } }
    /// Connections that the client left in the middle.
    var left: Int { gone.withLock { $0 } }

    func requests(_ path: String) -> [Request] { requests.filter { $0.path == path } }

    init(_ answer: @escaping @Sendable (Request) -> [Act]) throws {
        listener = try Listener()
        self.answer = answer
        Thread.detachNewThread { [self] in
            signal(SIGPIPE, SIG_IGN)
            while true {
                let connection = accept(listener.descriptor, nil, nil)
                guard connection >= 0 else { return }
                Thread.detachNewThread { [self] in serve(connection) }
            }
        }
    }

    func stop() { listener.stop() }

    private func serve(_ connection: Int32) {
        defer { close(connection) }
        while let request = read(connection) {
            for act in answer(request) {
                switch act {
                case .send(let text): guard write(connection, text) else { return }
                case .flood(let text, let count):
                    for _ in 0..<count { guard write(connection, text) else { return } }
                case .close: return
                case .waitForEnd:
                    var byte: UInt8 = 0
                    while recv(connection, &byte, 1, 0) > 0 {}
                    gone.withLock { $0 += 1 }
                    return
                }
            }
        }
    }

    private func write(_ connection: Int32, _ text: String) -> Bool {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, 0) }
            guard count > 0 else { return false }
            bytes = bytes.dropFirst(count)
        }
        return true
    }

    private func read(_ connection: Int32) -> Request? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        func more() -> Bool {
            let count = recv(connection, &buffer, buffer.count, 0)
            if count > 0 { bytes += buffer[..<count] }
            return count > 0
        }
        var end: Int?
        while end == nil {
            guard more() else { return nil }
            end = bytes.indices.first { bytes[$0...].starts(with: [13, 10, 13, 10]) }
        }
        let head = String(decoding: bytes[..<(end ?? 0)], as: UTF8.self)
        let lines = head.components(separatedBy: "\r\n")
        let length =
            lines.first { $0.lowercased().hasPrefix("content-length:") }.flatMap {
                Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces))
            } ?? 0
        let start = (end ?? 0) + 4
        while bytes.count < start + length { guard more() else { return nil } }
        let words = lines[0].split(separator: " ")
        guard words.count == 3 else { return nil }
        let body = (try? JSONParser.parse(bytes[start..<start + length])) ?? .null
        return seen.withLock { seen in
            let path = String(words[1])
            let request = Request(
                method: String(words[0]), path: path, head: head, body: body, number: seen.count { $0.path == path })
            seen.append(request)
            return request
        }
    }

    // MARK: What a llama-server says

    static func json(_ text: String, status: String = "200 OK", headers: String = "") -> Act {
        .send(
            "HTTP/1.1 \(status)\r\nContent-Type: application/json\r\nContent-Length: \(text.utf8.count)\r\n\(headers)\r\n\(text)"
        )
    }

    static let streamHead = Act.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")

    static func event(_ text: String, id: Int, predicted: Int, logprob: String = "-0.5") -> Act {
        .send(
            "data: {\"content\":\"\(text)\",\"tokens\":[\(id)],\"stop\":false,\"tokens_predicted\":\(predicted),\"completion_probabilities\":[{\"id\":\(id),\"logprob\":\(logprob)}]}\n\n"
        )
    }

    static func last(_ predicted: Int, type: String = "eos", model: String = "tiny") -> Act {
        .send(
            "data: {\"content\":\"\",\"tokens\":[],\"stop\":true,\"model\":\"\(model)\",\"tokens_predicted\":\(predicted),\"stop_type\":\"\(type)\",\"stopping_word\":\"\"}\n\n"
        )
    }

    /// A whole sample: "7", then the end.
    static let good: [Act] = [
        streamHead, event("7", id: 30, predicted: 1), event("", id: 0, predicted: 2), last(2), .close,
    ]

    /// What every llama-server answers beside `/completion`: each byte is a token.
    static func usual(_ request: Request) -> [Act]? {
        switch request.path {
        case "/v1/models": [json("{\"data\":[{\"id\":\"tiny\",\"owned_by\":\"llamacpp\"}]}")]
        case "/props":
            [json("{\"build_info\":\"b1\",\"total_slots\":4,\"default_generation_settings\":{\"n_ctx\":1024}}")]
        case "/tokenize":
            [
                json(
                    "{\"tokens\":[\((request.body["content"]?.string ?? "").utf8.map { "\($0)" }.joined(separator: ","))]}"
                )
            ]
        case "/detokenize": [json("{\"content\":\"\\n\"}")]
        default: nil
        }
    }

    static func completing(_ answer: @escaping @Sendable (Request) -> [Act]) throws -> BadServer {
        try BadServer { usual($0) ?? answer($0) }
    }
}
