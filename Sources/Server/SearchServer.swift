import Engine
import Foundation
import Hummingbird
import Locking
import Logging
import NIOCore
import SearchCore
import ServiceLifecycle

/// Searches behind HTTP: OpenAI's interface, runs to look at, a page.
///
/// It reads no arguments, handles no signal and writes to nobody but ``ServerOptions/log``.
public final class SearchServer: Sendable {
    private let engine: Engine
    private let options: ServerOptions
    private let metrics = ServerMetrics()
    private let logger: Logger
    private let searches: Searches
    private let watch: PluginWatch
    private let group = Locked<ServiceGroup?>(nil)

    public init(_ engine: Engine, _ options: ServerOptions) {
        (self.engine, self.options) = (engine, options)
        let logger = ServerLog.logger("stratagem", options.log)
        self.logger = logger
        searches = Searches(engine, options, metrics, logger)
        watch = PluginWatch(engine.registry) { level, text in
            logger.log(level: level >= .warning ? .warning : .notice, "plugins", metadata: ["text": "\(text)"])
        }
    }

    /// Serves until ``drain()`` is called and the last request is answered.
    ///
    /// - Parameter onReady: told the port, once requests are taken.
    public func run(onReady: @escaping @Sendable (Int) -> Void = { _ in }) async throws(StratagemError) {
        defer { watch.stop() }
        let limits = options.limits
        let app = Application(
            responder: router().buildResponder(),
            server: .http1(configuration: .init(
                idleTimeout: .seconds(60), httpDecoderConfiguration: .init(maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 64 << 10, maxHeaderFieldCount: 100))),
            configuration: ApplicationConfiguration(address: options.address.bind, serverName: "stratagem", backlog: 1024,
                                                    availableConnectionsDelegate: .maximum(limits.connections, logger: quiet)),
            onServerRunning: { channel in onReady(channel.localAddress?.port ?? 0) },
            logger: quiet)
        let group = ServiceGroup(configuration: .init(services: [app], logger: quiet))
        self.group.withLock { $0 = group }
        do { try await group.run() } catch { throw failure(error) }
    }

    /// What the libraries say of themselves is for who debugs them.
    private var quiet: Logger { ServerLog.logger("http", level: .error, options.log) }

    /// Takes no new requests, and lets those at work come to an end: up to the limit's time, then
    /// they are ended too.
    public func drain() async {
        guard !searches.queue.isClosed else { return }
        searches.queue.close()
        logger.notice("draining", metadata: ["running": .stringConvertible(searches.queue.counts.working)])
        let patience = Task { [searches, drain = options.limits.drain] in
            try await Task.sleep(for: drain)
            searches.cancelAll(.shutdown)
        }
        await group.withLock { $0 }?.triggerGracefulShutdown()
        _ = patience
    }

    private func router() -> Router<ServerContext> {
        let router = Router(context: ServerContext.self)
        router.add(middleware: FrontDesk(metrics: metrics, logger: logger))
        router.add(middleware: HostGuard(rule: HostRule(options.address, more: options.hosts)))
        router.get("/") { _, _ in Page.response() }
        router.get("healthz") { _, _ in Response.text("ok\n") }
        router.get("readyz") { [searches] _, _ in
            searches.queue.isClosed ? Response.text("draining\n", status: .serviceUnavailable) : Response.text("ok\n")
        }
        let guarded = router.group().add(middleware: KeyGuard(keys: options.keys))
        guarded.get("metrics") { [metrics, searches, engine] _, _ in
            Response.text(metrics.text(queue: searches.queue.counts, engine.runtime.statistics, engine.registry.records), type: "text/plain; version=0.0.4; charset=utf-8")
        }
        let orders = OrderReader(engine: engine, files: options.files, most: options.limits.budget)
        let api = guarded.group("v1")
        SearchRoutes(searches: searches, orders: orders, limits: options.limits).add(to: api)
        RunRoutes(searches: searches, limits: options.limits).add(to: api)
        ModelRoutes(engine, orders, examples: options.examples).add(to: api)
        return router
    }

    private func failure(_ error: any Error) -> StratagemError {
        let place = "\(options.address.inURL):\(options.address.port)"
        guard let error = error as? IOError else {
            return StratagemError(.host, .serverFailed, "the server at \(place) has failed: \(error)")
        }
        switch error.errnoCode {
        case EADDRINUSE: return StratagemError(.user, .portInUse, "\(place) is in use: another program listens there. Choose another port (--port; 0 takes a free one)")
        case EACCES: return StratagemError(.user, .portRefused, "\(place) may not be used by you: ports below 1024 are root's. Choose another (--port)")
        default: return StratagemError(.user, .cannotListen, "the server cannot listen at \(place): \(error)")
        }
    }
}
