import Hummingbird
import Logging
import Metrics
import SearchCore
import ServiceLifecycle

/// Where the server listens.
public struct ListenAddress: Sendable, Equatable {
    public var host: String
    /// 0 takes a free one.
    public var port: Int

    public init(host: String = "127.0.0.1", port: Int = 8080) throws(StratagemError) {
        guard (0...65535).contains(port) else {
            throw StratagemError(.user, "bad_port", "the port is \(port). Expected a number from 0 to 65535")
        }
        self.host = host
        self.port = port
    }

    var bind: BindAddress { .hostname(host, port: port) }
}
