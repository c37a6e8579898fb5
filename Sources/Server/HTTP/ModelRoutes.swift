import Engine
import Foundation
import Hummingbird
import Reporting
import SearchCore

/// What there is: strategies as models, plugins, examples.
struct ModelRoutes: Sendable {
    let engine: Engine
    let orders: OrderReader
    let examples: [String]
    private let began = Int(Date().timeIntervalSince1970)

    init(_ engine: Engine, _ orders: OrderReader, examples: [String]) {
        (self.engine, self.orders, self.examples) = (engine, orders, examples)
    }

    func add(to group: RouterGroup<ServerContext>) {
        group.get("models") { _, _ in Response.json(["object": "list", "data": .array(models)]) }
        // A name with a "/" in it is refused as one, as by a search.
        group.get("models/**") { _, context in
            let typed = context.parameters.getCatchAll().joined(separator: "/")
            let name = typed.removingPercentEncoding ?? typed
            try orders.check(model: name)
            return Response.json(model(name))
        }
        group.get("plugins") { _, _ in Response.json(["object": "list", "data": plugins]) }
        group.get("examples") { _, _ in Response.json(["object": "list", "data": .array(examples.map(JSON.string))]) }
    }

    /// Strategies that can run with this bundle, each at the default budget: any other budget is a model too.
    private var models: [JSON] {
        let infos = engine.registry.records.filter { $0.status == .loaded }.flatMap(\.strategies)
        let usable = infos.filter { info in
            guard let loaded = try? engine.registry.strategy(named: info.name) else { return false }
            return (try? engine.models.complete(loaded.check(parameters: [:]), of: loaded)) != nil
        }
        return [model(OrderReader.alias)]
            + usable.sorted { $0.name < $1.name }.map { info in
                model("\(info.name)@\(OrderReader.defaultBudget)").adding([
                    .init("strategy", .string(info.name)), .init("description", .string(info.summary)),
                    .init(
                        "params",
                        .array(
                            info.params.map {
                                ["id": .string($0.id), "kind": .string($0.kind.rawValue), "help": .string($0.help)]
                            })),
                ])
            }
    }

    private func model(_ name: String) -> JSON {
        ["id": .string(name), "object": "model", "created": .int(began), "owned_by": "stratagem"]
    }

    /// As `plugins --json` prints them. Where they lie on this machine is nobody else's business.
    private var plugins: JSON {
        let records = engine.registry.records.map { record in
            var record = record
            record.path = record.path.split(separator: "/").last.map(String.init) ?? record.path
            return record
        }
        return PluginsReport(records: records).json
    }
}
