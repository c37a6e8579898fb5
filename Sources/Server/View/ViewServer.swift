import Hummingbird
import SearchCore

/// A trace to look at.
public struct ViewedTrace: Sendable {
    /// As it is shown: the file's name.
    public var name: String
    public var trace: Trace
    /// Why it ends before its run did, or nil.
    public var cutShort: String?

    public init(name: String, trace: Trace, cutShort: String?) {
        (self.name, self.trace, self.cutShort) = (name, trace, cutShort)
    }
}

/// The page of `serve` over runs that are over: of a study, or of traces. It changes nothing, and has no model.
public final class ViewServer: Sendable {
    private let work: any FinishedWork
    private let address: ListenAddress
    private let listener: Listener
    private let log: @Sendable (String) -> Void

    /// - Parameter store: what `eval --out` wrote, or is writing.
    public convenience init(store: String, _ address: ListenAddress, log: @escaping @Sendable (String) -> Void)
        throws(StratagemError)
    {
        self.init(try StoreWork(store), address, log)
    }

    public convenience init(traces: [ViewedTrace], _ address: ListenAddress, log: @escaping @Sendable (String) -> Void)
    {
        self.init(TraceWork(traces), address, log)
    }

    private init(_ work: any FinishedWork, _ address: ListenAddress, _ log: @escaping @Sendable (String) -> Void) {
        (self.work, self.address, self.log) = (work, address, log)
        listener = Listener(address, connections: 256, log: log)
    }

    /// Serves until ``stop()`` is called.
    ///
    /// - Parameter onReady: told the port, once requests are taken.
    public func run(onReady: @escaping @Sendable (Int) -> Void = { _ in }) async throws(StratagemError) {
        // What is wrong with the store is said before anybody opens the page.
        _ = try work.now { study throws(StratagemError) in try study.table() }
        try await listener.run(router, onReady: onReady)
    }

    public func stop() async { await listener.stop() }

    private var router: Router<ServerContext> {
        let router = Router(context: ServerContext.self, options: .autoGenerateHeadEndpoints)
        let methods = Methods()
        router.add(
            middleware: FrontDesk(
                metrics: ServerMetrics(), logger: ServerLog.logger("stratagem", level: .error, log), methods: methods))
        router.add(
            middleware: HostGuard(
                rule: HostRule(address, more: []), remedy: "Open the address that `stratagem view` has printed"))
        router.get("/") { _, _ in Page.response(.view) }
        ViewRoutes(work: work).add(to: router.group("v1"))
        methods.learn(router)
        return router
    }
}

/// What the page asks for.
struct ViewRoutes: Sendable {
    let work: any FinishedWork

    func add(to group: RouterGroup<ServerContext>) {
        group.get("study") { _, _ in
            Response.json(
                try asking(of: nil) { study throws(StratagemError) in try study.table().json(of: study) })
        }
        group.get("study/runs") { request, _ in
            let filter = try RunFilter(Self.query(request))
            let table = try asking(of: filter.study) { study throws(StratagemError) in try study.table() }
            return Response.json(try table.json(filter))
        }
        group.get("runs/:run/events") { request, context in
            let edition = Self.query(request).first { $0.name == "study" }?.value
            let parts = (context.parameters.get("run") ?? "").split(separator: "-").map { Int($0) }
            guard parts.count == 2, let cell = parts[0], let problem = parts[1],
                let events = try asking(
                    of: edition,
                    { study throws(StratagemError) in
                        try study.events(cell: cell, problem: problem)
                    })
            else {
                throw Refusal.request("run_not_found", "there is no such run here", status: .notFound)
            }
            return Response.text(events.map { "data: \($0.line)\n\n" }.joined(), type: "text/event-stream")
        }
    }

    private static func query(_ request: Request) -> [(name: String, value: String)] {
        request.uri.queryParameters.map { (name: String($0.key), value: String($0.value)) }
    }

    /// - Parameter edition: of the study that the page has; nil: of whatever is there.
    private func asking<Result>(
        of edition: String?, _ body: (any FinishedStudy) throws(StratagemError) -> Result
    ) throws(Refusal) -> Result {
        let found: (name: String, result: Result?)
        do throws(StratagemError) {
            found = try work.now { study throws(StratagemError) in
                let isAsked = edition == nil || edition == study.edition
                return (study.name, isAsked ? try body(study) : nil)
            }
        } catch { throw .of(error) }
        guard let result = found.result else {
            throw .request(
                "study_replaced",
                "\(found.name) is another study than the page was opened with. Read it again: /v1/study",
                param: "study",
                status: .conflict)
        }
        return result
    }
}
