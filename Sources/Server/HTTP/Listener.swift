import Foundation
import Hummingbird
import Locking
import Logging
import NIOCore
import SearchCore
import ServiceLifecycle

/// Takes connections at an address until it is told to stop.
final class Listener: Sendable {
    private let address: ListenAddress
    private let connections: Int
    /// What the libraries say of themselves is for who debugs them.
    private let logger: Logger
    private let open = OpenConnections()
    private let state = Locked<(group: ServiceGroup?, isStopped: Bool)>((nil, false))

    init(_ address: ListenAddress, connections: Int, log: @escaping @Sendable (String) -> Void) {
        (self.address, self.connections) = (address, connections)
        logger = ServerLog.logger("http", level: .error, log)
    }

    /// - Parameter onReady: told the port, once requests are taken.
    func run(_ router: Router<ServerContext>, onReady: @escaping @Sendable (Int) -> Void) async throws(StratagemError) {
        let open = open
        let app = Application(
            responder: router.buildResponder(),
            server: .http1(
                configuration: .init(
                    additionalChannelHandlers: [ConnectionEnd(open), UnreadableRequests()],
                    idleTimeout: .seconds(60),
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 64 << 10, maxHeaderFieldCount: 100))),
            configuration: ApplicationConfiguration(
                address: address.bind, serverName: "stratagem", backlog: 1024,
                availableConnectionsDelegate: .maximum(connections, logger: logger)),
            onServerRunning: { channel in onReady(channel.localAddress?.port ?? 0) },
            logger: logger)
        let group = ServiceGroup(configuration: .init(services: [app], logger: logger))
        let isStopped = state.withLock { state in
            state.group = group
            return state.isStopped
        }
        guard !isStopped else { return }
        do { try await group.run() } catch { throw failure(error) }
    }

    /// Takes no new requests, and returns from ``run(_:onReady:)`` when those that it has are answered.
    func stop() async {
        let group = state.withLock { state in
            state.isStopped = true
            return state.group
        }
        await group?.triggerGracefulShutdown()
    }

    /// Closes connections on which no request waits for its answer.
    func closeIdleConnections() { open.closeIdle() }
    /// Closes every connection.
    func closeConnections() { open.close() }

    private func failure(_ error: any Error) -> StratagemError {
        let place = "\(address.inURL):\(address.port)"
        if error is SocketAddressError.UnknownHost {
            return StratagemError(
                .user, .badHost,
                "the server cannot listen at \(place): there is no such host. Name an address of this machine (--host; the default is 127.0.0.1)"
            )
        }
        guard let error = error as? IOError else {
            return StratagemError(.host, .serverFailed, "the server at \(place) has failed: \(error)")
        }
        switch error.errnoCode {
        case EADDRINUSE:
            return StratagemError(
                .user, .portInUse,
                "\(place) is in use: another program listens there. Choose another port (--port; 0 takes a free one)")
        case EACCES:
            return StratagemError(
                .user, .portRefused,
                "\(place) may not be used by you: ports below 1024 belong to root. Choose another (--port)")
        default: return StratagemError(.user, .cannotListen, "the server cannot listen at \(place): \(error)")
        }
    }
}
