import Hummingbird
import SearchCore

/// Where the server listens.
public struct ListenAddress: Sendable, Equatable {
    public var host: String
    /// 0 takes a free one.
    public var port: Int

    public init(host: String = "127.0.0.1", port: Int = 8080) throws(StratagemError) {
        guard (0...65535).contains(port) else {
            throw StratagemError(.user, .badPort, "the port is \(port). Expected a number from 0 to 65535")
        }
        guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") }) else {
            throw StratagemError(
                .user, .badHost,
                "the host is '\(host)'. Expected a name or an address without port, such as 127.0.0.1 or ::1")
        }
        self.host = host
        self.port = port
    }

    var bind: BindAddress { .hostname(host, port: port) }

    /// Reached from this machine alone.
    public var isLoopback: Bool { host == "localhost" || host == "::1" || HostRule.isLoopbackIPv4(host) }
    /// Every address of the machine: no name in particular.
    public var isWildcard: Bool { host == "0.0.0.0" || host == "::" }
    /// As it stands in a URL.
    public var inURL: String { host.contains(":") ? "[\(host)]" : host }
}
