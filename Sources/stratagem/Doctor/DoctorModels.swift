import EndpointBackend
import Engine
import Foundation
import LanguageModels
import LlamaBackend
import Reporting
import SearchCore
import StrategyHost

/// The models that were named, each opened, each server asked; and the memory that so many solutions need.
struct DoctorModels {
    private let arguments: EngineArguments
    private let registry: PluginRegistry
    private let solutions: Int

    init(_ arguments: EngineArguments, registry: PluginRegistry, solutions: Int) {
        (self.arguments, self.registry, self.solutions) = (arguments, registry, solutions)
    }

    func checks() -> [DoctorReport.Check] {
        if let file = arguments.bundle, file.hasSuffix(".script") {
            do throws(StratagemError) {
                _ = try ModelFiles.open(file, registry: registry)
                return [.init("bundle", .ok, "\(file): a hand-made tree in place of a model")]
            } catch { return [problem("bundle", error)] }
        }
        let bundle: LanguageModels.Bundle
        do throws(StratagemError) { bundle = try read() } catch {
            return [problem(arguments.endpoint == nil ? "bundle" : "endpoint", error, at: arguments.endpoint)]
        }
        var checks: [DoctorReport.Check] = [
            .init(
                "bundle", .ok,
                "\(bundle.name): \(bundle.models.count) \(bundle.models.count == 1 ? "role" : "roles"), context of \(bundle.contextTokens) tokens"
            )
        ]
        let backends = ModelFiles.backends(
            registry, cacheBytes: arguments.cacheBytes, allowsCommands: arguments.allowCommands)
        var opened: [String: any OpenedRole] = [:]
        for model in bundle.models.values.sorted(by: { $0.role < $1.role }) {
            checks += open(model, of: bundle, backends, &opened)
        }
        if let memory = DoctorMemory(bundle, opened, solutions: solutions, cacheBytes: arguments.cacheBytes).check {
            checks.append(memory)
        }
        return checks
    }

    /// What stands in place of a bundle is written as one.
    private func read() throws(StratagemError) -> LanguageModels.Bundle {
        if let url = arguments.endpoint {
            return try BundleReader.parse(
                StarterBundle.ask(url, model: arguments.model).text, file: "--endpoint \(url)", checkingFiles: false)
        }
        if let name = arguments.model {
            let file = try ModelName.file(name)
            return try BundleReader.parse(GGUFStarter.make(file).text, file: "--model \(file)")
        }
        // A file that is missing is told with its role.
        return try ModelFiles.read(bundle: arguments.bundle ?? "reference", checkingFiles: false)
    }

    private func open(
        _ model: LanguageModels.Bundle.Model, of bundle: LanguageModels.Bundle, _ backends: [any Backend],
        _ opened: inout [String: any OpenedRole]
    ) -> [DoctorReport.Check] {
        guard let backend = backends.first(where: { $0.kind == model.source.kind }) else {
            return [
                .init(
                    model.role, .problem, "\(bundle.file): this program opens no \(model.source.kind.rawValue)",
                    remedy: "stratagem bundle FILE.gguf    # prints a bundle that it opens")
            ]
        }
        var checks: [DoctorReport.Check] = []
        for (one, url) in Self.replicas(model) {
            do throws(StratagemError) {
                let role = try backend.open(one, of: bundle)
                opened[model.role] = role
                let what = url.map { "\($0) answers: \(role.summary)" } ?? "\(Self.name(model.source)): \(role.summary)"
                checks.append(.init(url == nil ? model.role : "endpoint", .ok, what))
                checks += role.notes.map { .init(model.role, .note, $0) }
            } catch {
                checks.append(
                    problem(
                        url == nil ? model.role : "endpoint", error, at: url, file: Self.file(model.source),
                        key: Self.key(model.source)))
            }
        }
        return checks
    }

    /// Every address by itself: of several one may be silent.
    private static func replicas(_ model: LanguageModels.Bundle.Model) -> [(LanguageModels.Bundle.Model, String?)] {
        guard case .endpoint(let endpoint) = model.source else { return [(model, nil)] }
        return endpoint.urls.map { url in
            var (one, alone) = (model, endpoint)
            alone.urls = [url]
            one.source = .endpoint(alone)
            return (one, url)
        }
    }

    private static func file(_ source: LanguageModels.Bundle.Source) -> String? {
        switch source {
        case .gguf(let file), .script(let file): file
        default: nil
        }
    }

    /// The environment variable that holds a server's key.
    private static func key(_ source: LanguageModels.Bundle.Source) -> String? {
        if case .endpoint(let endpoint) = source { endpoint.keyVariable } else { nil }
    }

    private static func name(_ source: LanguageModels.Bundle.Source) -> String {
        switch source {
        case .gguf(let file), .script(let file): file
        case .function(let name): "function \(name)"
        case .endpoint(let endpoint): endpoint.urls.joined(separator: ", ")
        case .command(let command): "command \(command.arguments.map(ShellWord.quoted).joined(separator: " "))"
        }
    }

    private func problem(
        _ area: String, _ error: StratagemError, at url: String? = nil, file: String? = nil, key: String? = nil
    ) -> DoctorReport.Check {
        .init(
            area, .problem, error.message,
            remedy: DoctorRemedy.command(
                for: error,
                .init(
                    bundle: arguments.bundle, model: arguments.endpoint == nil ? arguments.model : nil, url: url,
                    file: file, key: key)),
            values: [.init("code", .string(error.code.rawValue))])
    }
}
