import Foundation
import Testing

/// Connections end when they should, whatever a client sends or leaves unsent.
@Suite struct ConnectionTests {
    private static func search(_ body: String = TestServer.body("greedy@1")) -> String {
        "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    /// The answer of a search closes its connection, and what stands behind the search is not answered.
    @Test func aRequestBehindASearchDoesNotKeepTheConnection() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            for behind in ["GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", Self.search()] {
                for first in [
                    Self.search(), Self.search(TestServer.body("greedy@1", TestServer.problem, "\"stream\": true")),
                ] {
                    let connection = try Connection(port: server.port)
                    defer { connection.close() }
                    connection.write(first + behind)
                    let text = try #require(try await connection.readToEnd(), "the connection was not closed")
                    #expect(text.components(separatedBy: "HTTP/1.1 200").count == 2, "\(text)")
                }
            }
        }
    }

    /// An answer that does not need the body is not kept open by a client that does not send it.
    @Test func aBodyThatNobodyReadsKeepsNoConnection() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            for (head, status) in [
                ("GET /healthz HTTP/1.1\r\nHost: localhost", 200), ("POST /nosuch HTTP/1.1\r\nHost: localhost", 404),
                ("POST /v1/chat/completions HTTP/1.1\r\nHost: elsewhere.example", 421),
            ] {
                let connection = try Connection(port: server.port)
                defer { connection.close() }
                connection.write("\(head)\r\nContent-Length: 1000\r\n\r\nabc")
                let text = try #require(try await connection.readToEnd(), "the connection was not closed: \(head)")
                #expect(
                    text.hasPrefix("HTTP/1.1 \(status)") && text.lowercased().contains("connection: close"), "\(text)")
            }
        }
    }

    /// Requests whose bodies are there are answered one after the other.
    @Test func aConnectionIsUsedAgain() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let connection = try Connection(port: server.port)
            defer { connection.close() }
            let one = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc"
            connection.write(one + one + one + "GET /nosuch HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            let text = try #require(try await connection.readToEnd())
            #expect(text.components(separatedBy: "HTTP/1.1 200").count == 4 && text.contains("HTTP/1.1 404"), "\(text)")
        }
    }
}
