import Foundation
import LanguageModels
import SearchCore

/// Opens roles that name a hand-made tree: `script = "FILE.script"`.
public struct ScriptBackend: Backend {
    public let kind = LanguageModels.Bundle.Source.Kind.script
    private let behavior: ScriptedBehavior
    /// A hand-made tree is a page of text.
    private static let bytesMax = 64 << 20

    /// - Parameter behavior: of all roles; the context is the bundle's.
    public init(behavior: ScriptedBehavior = ScriptedBehavior()) { self.behavior = behavior }

    public func open(_ model: LanguageModels.Bundle.Model, of bundle: LanguageModels.Bundle) throws(StratagemError)
        -> any OpenedRole
    {
        guard case .script(let file) = model.source else {
            throw StratagemError(.host, .noBackend, "\(bundle.file): models.\(model.role) is not a script")
        }
        var behavior = behavior
        behavior.contextTokens = bundle.contextTokens
        behavior.judgesWholeAnswersOnly = model.kind == .orm
        let role = ScriptedRole(script: try Self.read(file), isPolicy: model.kind == .policy, behavior: behavior)
        // Mistakes of the tree are told now, and not by the first lane.
        _ = try Places(role.script)
        return role
    }

    /// - Throws: where `file` cannot be read, or is not a script; says the file.
    public static func read(_ file: String) throws(StratagemError) -> Script {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw StratagemError(
                .user, .badBundle, "\(file): the script cannot be read. Check the path and its permissions")
        }
        guard data.count <= bytesMax else {
            throw StratagemError(
                .user, .badBundle,
                "\(file): the script has \(data.count) bytes, and at most \(bytesMax >> 20) MiB are allowed. Leave steps out"
            )
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw StratagemError(
                .user, .badBundle, "\(file): the script is not UTF-8 text. Convert it first: iconv -f latin1 -t utf-8")
        }
        return try Script(parsing: text)
    }
}

private struct ScriptedRole: OpenedRole {
    let script: Script
    let isPolicy: Bool
    let behavior: ScriptedBehavior

    var shape: ModelShape? { behavior.shape }
    var identity: WeightsIdentity { .text("\(script)") }
    var capabilities: Capabilities {
        Capabilities(repeatsSamples: behavior.draws == .seeded, countsFLOPs: behavior.shape != nil)
    }
    var spread: Spread { .elsewhere }

    func make(for lane: LaneSeat) throws(StratagemError) -> RoleWorker {
        isPolicy
            ? .model(try ScriptedModel(script, behavior: behavior, wake: lane.wake))
            : .verifier(try ScriptedVerifier(script, behavior: behavior, wake: lane.wake))
    }
}
