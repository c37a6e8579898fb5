import Foundation

/// Which names a request may call the server by, and which pages may talk to it: a page of
/// somebody else's that a user of this machine has open must not, whatever name it has its
/// own server resolve to this address.
struct HostRule: Sendable {
    /// In lower case, without port.
    private let names: Set<String>
    /// A server that listens everywhere is called by any of its addresses. An address cannot be made to
    /// resolve to another one, so no name is let in by that.
    private let takesAddresses: Bool

    init(_ address: ListenAddress, more: [String]) {
        names = Set((["localhost", "127.0.0.1", "::1", address.host] + more).map { $0.lowercased() })
        takesAddresses = address.isWildcard
    }

    /// - Parameter authority: the header `Host`.
    func takes(host authority: String) -> Bool {
        guard let host = Self.host(of: authority)?.lowercased() else { return false }
        return names.contains(host) || Self.isLoopbackIPv4(host) || takesAddresses && Self.isAddress(host)
    }

    /// A page of this server's own. Behind a proxy that ends TLS this holds if it passes `Host` on as it came.
    func takes(origin: String, host authority: String) -> Bool {
        guard let mark = origin.range(of: "://"), ["http", "https"].contains(origin[..<mark.lowerBound].lowercased())
        else { return false }
        return origin[mark.upperBound...].lowercased() == authority.lowercased()
    }

    /// Without the port; nil for what is no host.
    static func host(of authority: String) -> String? {
        var rest = Substring(authority)
        if rest.hasPrefix("[") {
            guard let end = rest.firstIndex(of: "]") else { return nil }
            let host = rest[rest.index(after: rest.startIndex)..<end]
            rest = rest[rest.index(after: end)...]
            return isPort(rest) ? String(host) : nil
        }
        guard let colon = rest.firstIndex(of: ":") else { return rest.isEmpty ? nil : String(rest) }
        return colon > rest.startIndex && isPort(rest[colon...]) ? String(rest[..<colon]) : nil
    }

    private static func isPort(_ text: Substring) -> Bool {
        text.isEmpty || text.first == ":" && text.count > 1 && text.dropFirst().allSatisfy { $0.isASCII && $0.isNumber }
    }

    private static func isAddress(_ host: String) -> Bool { isIPv4(host) || host.contains(":") }

    private static func isIPv4(_ host: String) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    }

    static func isLoopbackIPv4(_ host: String) -> Bool { isIPv4(host) && host.hasPrefix("127.") }
}
