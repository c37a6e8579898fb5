import AsyncHTTPClient
import Dispatch
import Locking
import SearchCore

/// The least that a client of async-http-client can do: it sends the requests and counts the bytes that come.
enum PlainClient {
    /// As long as that of `EndpointBackend`.
    private static let body = Array(
        """
        {"prompt":[\((0..<64).map { "\(100 + $0 * 7)" }.joined(separator: ","))],"n_predict":90,"seed":1234567890,\
        "temperature":1.0,"top_p":1.0,"min_p":0.0,"stop":[],"samplers":["temperature","min_p","top_p"],"top_k":0,\
        "typical_p":1,"repeat_penalty":1,"presence_penalty":0,"frequency_penalty":0,"dry_multiplier":0,\
        "xtc_probability":0,"dynatemp_range":0,"mirostat":0,"ignore_eos":false,"n_probs":1,\
        "post_sampling_probs":false,"return_tokens":true,"cache_prompt":true,"stream":true}
        """.utf8)

    /// Blocks until they are all answered.
    static func run(port: UInt16, requests: Int, inFlight: Int) throws(StratagemError) {
        let outcome = Locked<Result<Int, any Error>?>(nil)
        let ready = DispatchSemaphore(value: 0)
        Task.detached {
            let result: Result<Int, any Error>
            do { result = .success(try await work(port, requests, inFlight)) } catch { result = .failure(error) }
            outcome.withLock { $0 = result }
            ready.signal()
        }
        ready.wait()
        switch outcome.withLock({ $0 }) {
        case .success(let bytes) where bytes > 100 * requests: return
        case .failure(let error): throw StratagemError(.host, .benchFailed, "the bare client: \(error)")
        default: throw StratagemError(.host, .benchFailed, "the bare client got too little")
        }
    }

    private static func work(_ port: UInt16, _ requests: Int, _ inFlight: Int) async throws -> Int {
        var settings = HTTPClient.Configuration()
        settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = inFlight
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
        let url = "http://127.0.0.1:\(port)/completion"
        let bytes: Int
        do {
            bytes = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<min(inFlight, requests) { group.addTask { try await sample(client, url) } }
                var (begun, sum) = (inFlight, 0)
                while let one = try await group.next() {
                    sum += one
                    begun += 1
                    if begun <= requests { group.addTask { try await sample(client, url) } }
                }
                return sum
            }
        } catch {
            try await client.shutdown()
            throw error
        }
        try await client.shutdown()
        return bytes
    }

    private static func sample(_ client: HTTPClient, _ url: String) async throws -> Int {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        // The server closes it after a stream.
        request.headers.add(name: "Connection", value: "close")
        request.body = .bytes(body)
        let response = try await client.execute(request, timeout: .seconds(600))
        var sum = 0
        for try await buffer in response.body { sum += buffer.readableBytes }
        return sum
    }
}
