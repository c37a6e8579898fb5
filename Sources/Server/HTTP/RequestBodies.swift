import HTTPTypes
import Hummingbird
import NIOHTTPTypes
import SearchCore

extension Request {
    /// All of the body, if it is not too large and does not take too long to come.
    mutating func bytes(_ limits: ServerLimits, _ context: ServerContext) async throws -> [UInt8] {
        try checkEncoding()
        let tooLarge = Refusal.request(
            "body_too_large", "the body may have at most \(limits.bodyBytes) bytes", status: .contentTooLarge
        ).closing
        // A client that is still writing when the connection closes does not read why. So what is somewhat too large
        // is read to its end, and thrown away.
        let most = limits.bodyBytes * 16
        if let length = headers[.contentLength].flatMap({ Int($0) }), length > most { throw tooLarge }
        try await bid(context)
        let body = self.body
        let buffer = try await withThrowingTaskGroup(of: ByteBuffer?.self) { group in
            group.addTask {
                var all = ByteBuffer(), count = 0
                for try await part in body {
                    count += part.readableBytes
                    if count <= limits.bodyBytes { all.writeImmutableBuffer(part) }
                    guard count <= most else { break }
                }
                guard count <= limits.bodyBytes else { throw tooLarge }
                return all
            }
            group.addTask {
                try await Task.sleep(for: .seconds(limits.bodySeconds))
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        // The connection is closed with it: who gives up reading one half of it loses both.
        guard let buffer else {
            throw Refusal.request(
                "request_too_slow", "the request did not arrive within \(limits.bodySeconds) s", status: .requestTimeout
            ).closing
        }
        self.body = RequestBody(buffer: buffer)
        return Array(buffer.readableBytesView)
    }

    /// A compressed body is none that anything here reads.
    private func checkEncoding() throws(Refusal) {
        for (name, plain) in [(HTTPField.Name.contentEncoding, "identity"), (.transferEncoding, "chunked")] {
            guard let found = headers[name]?.lowercased(), !["", plain].contains(found) else { continue }
            throw .request(
                "unsupported_encoding",
                "the body comes with '\(name.rawName): \(Plain.name(found))'. Send it as it is, without that header",
                status: .unsupportedMediaType, headers: [.acceptEncoding: "identity"])
        }
    }

    /// Some clients send a body only when they are told that it is wanted.
    private func bid(_ context: ServerContext) async throws {
        guard let expected = headers[.expect] else { return }
        guard expected.lowercased() == "100-continue" else {
            throw Refusal.request(
                "unsupported_expectation",
                "the request comes with 'Expect: \(Plain.name(expected))', and 100-continue alone can be met",
                status: .expectationFailed)
        }
        try await context.channel.writeAndFlush(HTTPResponsePart.head(HTTPResponse(status: .continue)))
    }

    /// Runs what may take long, and cancels it when the client closes the connection (its half
    /// of it is enough). To be called once, when the body has been read; the connection cannot
    /// be used again afterwards, and a refusal says so.
    func whileConnected<Value: Sendable>(_ operation: () async throws -> Value) async throws -> Value {
        try await body.consumeWithCancellationOnInboundClose { body in
            // Who watches the connection waits until somebody has taken the body.
            for try await _ in body {}
            do { return try await operation() } catch let refusal as Refusal { throw refusal.closing }
        }
    }
}
