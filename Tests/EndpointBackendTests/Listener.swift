import Glibc

/// A socket on loopback that listens, at a port of the system's choice.
final class Listener: Sendable {
    let descriptor: Int32
    let port: UInt16

    struct Failed: Error { var call: String, number: Int32 }

    init() throws {
        let made = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard made >= 0 else { throw Failed(call: "socket", number: errno) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(made, $0, size) == 0 && listen(made, 128) == 0 && getsockname(made, $0, &size) == 0
            }
        }
        guard isBound else { throw Failed(call: "bind", number: errno) }
        descriptor = made
        port = UInt16(bigEndian: address.sin_port)
    }

    /// Ends `accept`, now and later. The descriptor lives as long as whoever may still call `accept` with it: its
    /// number would be the next listener's, and the call would take that one's connections.
    func stop() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    deinit { close(descriptor) }

    /// Where nobody listens now.
    static func freePort() throws -> UInt16 { try Listener().port }
}
