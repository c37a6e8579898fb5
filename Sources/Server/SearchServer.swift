import Engine
import Foundation
import Hummingbird
import Logging
import SearchCore

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
    private let listener: Listener

    public init(_ engine: Engine, _ options: ServerOptions) {
        (self.engine, self.options) = (engine, options)
        let logger = ServerLog.logger("stratagem", options.log)
        self.logger = logger
        searches = Searches(engine, options, metrics, logger)
        listener = Listener(options.address, connections: options.limits.connections, log: options.log)
        watch = PluginWatch(engine.registry) { level, text in
            logger.log(level: level >= .warning ? .warning : .notice, "plugins", metadata: ["text": "\(text)"])
        }
    }

    /// Serves until ``drain()`` is called and the last request is answered.
    ///
    /// - Parameter onReady: told the port, once requests are taken.
    public func run(onReady: @escaping @Sendable (Int) -> Void = { _ in }) async throws(StratagemError) {
        defer { watch.stop() }
        try await listener.run(router(), onReady: onReady)
    }

    /// Takes no new requests, and lets those at work come to an end: up to the limit's time, then
    /// they are ended too.
    public func drain() async {
        guard !searches.queue.isClosed else { return }
        searches.queue.close()
        logger.notice("draining", metadata: ["running": .stringConvertible(searches.queue.counts.working)])
        let patience = Task { [searches, listener, drain = options.limits.drain] in
            try await Task.sleep(for: drain)
            searches.cancelAll(.shutdown)
            // Whoever has not sent a whole request by now will not be answered. The others get what their searches came
            // to, unless they do not read it.
            listener.closeIdleConnections()
            try await Task.sleep(for: .seconds(10))
            listener.closeConnections()
        }
        await listener.stop()
        _ = patience
    }

    private func router() -> Router<ServerContext> {
        let router = Router(context: ServerContext.self, options: .autoGenerateHeadEndpoints)
        let methods = Methods()
        router.add(middleware: FrontDesk(metrics: metrics, logger: logger, methods: methods))
        router.add(middleware: HostGuard(rule: HostRule(options.address, more: options.hosts)))
        router.get("/") { _, _ in Page.response(.serve) }
        router.get("healthz") { _, _ in Response.text("ok\n") }
        router.get("readyz") { [searches] _, _ in
            searches.queue.isClosed ? Response.text("draining\n", status: .serviceUnavailable) : Response.text("ok\n")
        }
        let guarded = router.group().add(middleware: KeyGuard(keys: options.keys))
        guarded.get("metrics") { [metrics, searches, engine] _, _ in
            Response.text(
                metrics.text(queue: searches.queue.counts, engine.runtime.statistics, engine.registry.records),
                type: "text/plain; version=0.0.4; charset=utf-8")
        }
        let orders = OrderReader(engine: engine, files: options.files, most: options.limits.budget)
        let api = guarded.group("v1")
        SearchRoutes(searches: searches, orders: orders, limits: options.limits).add(to: api)
        RunRoutes(searches: searches, limits: options.limits).add(to: api)
        ModelRoutes(engine, orders, examples: options.examples).add(to: api)
        methods.learn(router)
        return router
    }
}
