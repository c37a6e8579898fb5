import LanguageModels
import SearchCore
import StrategyHost

/// Opens roles that name a plugin's function, `function = "NAME"`, of the hook `stratagem.verify/1`: a program in place
/// of a verifier model. It costs no tokens and no FLOPs; its calls are counted, and their time is measured.
///
/// Functions run in this process, so their plugin must be trusted.
public struct FunctionBackend: Backend {
    public let kind = Bundle.Source.Kind.function
    private let registry: PluginRegistry
    private let secondsMost: Double

    /// - Parameters:
    ///   - registry: its plugins offer the functions.
    ///   - secondsMost: a call that takes longer fails, and its thread is abandoned, because it cannot be stopped in
    ///     this process.
    public init(_ registry: PluginRegistry, secondsMost: Double = 30) {
        self.registry = registry
        self.secondsMost = secondsMost
    }

    public func open(_ model: Bundle.Model, of bundle: Bundle) throws(StratagemError) -> any OpenedRole {
        guard case .function(let name) = model.source,
            case .verify(let function) = try registry.function(.verify, named: name)
        else {
            throw StratagemError(
                .host, .wrongHook, "\(bundle.file): models.\(model.role) is not a function of \(Hook.verify.rawValue)")
        }
        let offer = registry.records.first { record in
            record.status == .loaded && record.functions.contains { $0.hook == Hook.verify.rawValue && $0.name == name }
        }
        return FunctionRole(
            name: name, pluginHash: offer?.sha256 ?? "", function: function, isOutcome: model.kind == .orm,
            secondsMost: secondsMost)
    }
}

private struct FunctionRole: OpenedRole {
    let name: String
    let pluginHash: String
    let function: ProgramVerifier
    let isOutcome: Bool
    let secondsMost: Double

    var shape: ModelShape? { nil }
    /// Another build of the plugin counts as another verifier.
    var identity: WeightsIdentity { .text("\(Hook.verify.rawValue) \(name) \(pluginHash)") }
    var capabilities: Capabilities { Capabilities() }
    var spread: Spread { .elsewhere }

    func make(for lane: LaneSeat) throws(StratagemError) -> RoleWorker {
        let calls = FunctionCalls(name: name, secondsMost: secondsMost, wake: lane.wake) {
            function(problem: $0, text: $1)
        }
        return .verifier(FunctionVerifier(calls: calls, isOutcome: isOutcome))
    }
}
