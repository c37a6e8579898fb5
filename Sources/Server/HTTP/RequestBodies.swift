import HTTPTypes
import Hummingbird
import struct NIOCore.NIOTooManyBytesError

extension Request {
    /// All of the body, if it is not too large and does not take too long to come.
    mutating func bytes(_ limits: ServerLimits) async throws -> [UInt8] {
        let tooLarge = Refusal.request("body_too_large", "the body may have at most \(limits.bodyBytes) bytes", status: .contentTooLarge)
        if let length = headers[.contentLength].flatMap({ Int($0) }), length > limits.bodyBytes { throw tooLarge }
        let body = self.body
        let buffer = try await withThrowingTaskGroup(of: ByteBuffer?.self) { group in
            group.addTask {
                do { return try await body.collect(upTo: limits.bodyBytes) } catch is NIOTooManyBytesError { throw tooLarge }
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
            throw Refusal.request("request_too_slow", "the request did not arrive within \(limits.bodySeconds) s", status: .requestTimeout)
        }
        self.body = RequestBody(buffer: buffer)
        return Array(buffer.readableBytesView)
    }

    /// Runs what may take long, and cancels it when the client closes the connection (its half
    /// of it is enough). To be called once, when the body has been read; the connection cannot
    /// be used again afterwards.
    func whileConnected<Value: Sendable>(_ operation: () async throws -> Value) async throws -> Value {
        try await body.consumeWithCancellationOnInboundClose { body in
            // Who watches the connection waits until somebody has taken the body.
            for try await _ in body {}
            return try await operation()
        }
    }
}
