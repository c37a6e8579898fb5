import LanguageModels
import Locking
import SearchCore

/// Opens roles that name weights: `gguf = "FILE.gguf"`, run by llama.cpp in this process. A file is loaded once for all
/// roles, bundles and lanes of this backend. Every lane has its own contexts, which are made when a role is first used.
public final class GGUFBackend: Backend {
    public let kind = Bundle.Source.Kind.gguf
    /// The bytes that all caches of all roles and lanes may use together. Memory is used only as sequences are added
    /// and grow.
    private let cacheBytes: Int?
    /// The number of sequences in all lanes' contexts of one role.
    private let sequences: Int
    private let loaded = Locked<[String: LlamaWeights]>([:])

    /// The default for the caches: little beside small models, and twice the size of the largest model beside large
    /// ones.
    private static let smallCache = 98 << 20
    private static let largeCache = 2 << 30

    /// - Parameter cacheBytes: for all caches together; nil: it depends on the size of the models.
    public init(cacheBytes: Int? = nil, sequences: Int = 256) {
        (self.cacheBytes, self.sequences) = (cacheBytes, sequences)
    }

    public func open(_ model: Bundle.Model, of bundle: Bundle) throws(StratagemError) -> any OpenedRole {
        guard case .gguf(let file) = model.source else {
            throw StratagemError(.host, .noBackend, "\(bundle.file): models.\(model.role) does not name a GGUF file")
        }
        let weights = try weights(file)
        guard bundle.contextTokens <= weights.contextTokens else {
            throw StratagemError(
                .user, .badBundle,
                "\(bundle.file): context is \(bundle.contextTokens), but \(file) was trained for \(weights.contextTokens) tokens. Lower the bundle's context"
            )
        }
        let readOut = model.kind == .policy ? nil : try Self.readOut(of: model, in: bundle, weights)
        let judge = try Self.judge(model, in: bundle, weights)
        return LlamaRole(
            model: model, bundle: bundle, weights: weights, readOut: readOut, judge: judge, sequences: sequences
        ) { [cacheBytes, loaded] in
            let largest = loaded.withLock { $0.values.reduce(0) { max($0, $1.bytes) } }
            return cacheBytes ?? Self.cacheBytes(besideWeightsOf: largest)
        }
    }

    /// The default size of all caches together.
    /// - Parameter bytes: the size of the largest file of weights.
    public static func cacheBytes(besideWeightsOf bytes: Int) -> Int { min(largeCache, max(smallCache, 2 * bytes)) }

    private func weights(_ file: String) throws(StratagemError) -> LlamaWeights {
        if let known = loaded.withLock({ $0[file] }) { return known }
        let weights = try LlamaWeights(path: file)
        return loaded.withLock { known in
            known[file] = known[file] ?? weights
            return known[file] ?? weights
        }
    }

    /// The read-out with the ids of its tokens in this vocabulary.
    private static func readOut(of model: Bundle.Model, in bundle: Bundle, _ weights: LlamaWeights)
        throws(StratagemError) -> BoundReadOut
    {
        let readOut: any StepReadOut = model.readOut ?? LikelihoodReadOut()
        var ids: [Token] = []
        for token in readOut.tokens {
            guard let id = weights.vocabulary.singleToken(token.text) else {
                throw StratagemError(
                    .user, .badBundle,
                    "\(bundle.file): models.\(model.role).\(token.key) is '\(token.text)', which is not one token of \(weights.path). Name a token of that model's own vocabulary"
                )
            }
            ids.append(id)
        }
        try readOut.check(width: weights.shape.width, of: weights.path)
        return BoundReadOut(readOut, ids: ids)
    }

    /// How a verifier that writes before its verdict does it; nil for every other role.
    private static func judge(_ model: Bundle.Model, in bundle: Bundle, _ weights: LlamaWeights)
        throws(StratagemError) -> LlamaJudge.Manner?
    {
        guard model.kind != .policy, let judge = model.readOut as? JudgeReadOut, let thought = judge.thought else {
            return nil
        }
        let verdicts = try Verdicts(judge, in: weights.vocabulary) { key, why in
            StratagemError(
                .user, .badBundle,
                "\(bundle.file): models.\(model.role).\(key) \(why) \(weights.path). Name tokens of that model's own vocabulary"
            )
        }
        return LlamaJudge.Manner(
            role: model.role, readOut: judge, thought: thought, verdicts: verdicts,
            template: bundle.verifierTemplate(of: model), steps: bundle.steps,
            judgesWholeAnswersOnly: model.kind == .orm)
    }
}

/// The vocabulary belongs to the weights, so they are kept as long as somebody may ask for it.
private struct HeldChat: ChatLayout {
    let layout: LlamaChat
    let weights: LlamaWeights

    func lay(out turns: [ChatTurn]) throws(StratagemError) -> String { try layout.lay(out: turns) }
}

/// A role with its weights loaded.
private struct LlamaRole: OpenedRole {
    let model: Bundle.Model
    let bundle: Bundle
    let weights: LlamaWeights
    /// nil for a policy.
    let readOut: BoundReadOut?
    /// For a verifier that writes before its verdict.
    let judge: LlamaJudge.Manner?
    let sequences: Int
    /// The size of all caches; known when all roles are open.
    let cacheBytes: @Sendable () -> Int
    /// The address space of one context's cache, most of which is never used.
    private static let contextBytes = 512 << 20

    /// Up to this number of parameters, separate threads are faster than two threads that wait for each other in every
    /// one of a model's small products.
    static let smallModel = 50_000_000

    var shape: ModelShape? {
        var shape = weights.shape
        shape.head = readOut?.readOut.parametersPerValue ?? 0
        return shape
    }
    var identity: WeightsIdentity { .file(weights.path) }
    var capabilities: Capabilities { Capabilities() }
    var notes: [String] {
        var notes = weights.notes
        if weights.vocabulary.spellsBeginning(model.template ?? bundle.prompt.problem) {
            notes.append(
                "\(bundle.file): the template begins with a token that \(weights.path) also puts before every prompt: only one of the two is kept"
            )
        }
        return notes
    }
    var chat: (any ChatLayout)? { weights.chat.map { HeldChat(layout: $0, weights: weights) } }
    var summary: String {
        let count = weights.shape.parameters
        let tenths = (count + 50_000) / 100_000
        return "\(tenths / 10).\(tenths % 10) million parameters, trained for \(weights.contextTokens) tokens"
    }
    var spread: Spread { weights.shape.parameters <= Self.smallModel ? .laneACore : .oneLane }

    func make(for lane: LaneSeat) throws(StratagemError) -> RoleWorker {
        guard let readOut else {
            let rules = StopRules(steps: bundle.steps, stop: bundle.stop)
            return .model(
                LlamaPolicy(weights: weights, options: options(lane), contextTokens: bundle.contextTokens, rules: rules)
            )
        }
        if let judge {
            return .verifier(
                LlamaJudge(
                    weights: weights, options: options(lane), contextTokens: bundle.contextTokens, judge))
        }
        return .verifier(
            LlamaVerifier(
                weights: weights, options: options(lane), contextTokens: bundle.contextTokens,
                template: bundle.verifierTemplate(of: model),
                steps: bundle.steps, readOut: readOut, judgesWholeAnswersOnly: model.kind == .orm))
    }

    private func options(_ lane: LaneSeat) -> LlamaContext.Options {
        // llama.cpp rounds the size of a sequence up to whole blocks of 256.
        let room = (bundle.contextTokens + 255) / 256 * 256
        let shape = weights.shape
        let bytes = room * shape.layers * 2 * shape.keyValueHeads * shape.headWidth * 2
        let most = min(sequences, SlotSet.capacity, LlamaContext.maximumOutputs(vocabulary: shape.vocabulary))
        let share = most / lane.lanes
        return .init(
            contextTokens: room, sequences: max(2, min(share, Self.contextBytes / max(1, bytes))),
            threads: lane.threads, givesStates: readOut?.readOut.reads == .states,
            memory: lane.shared { CacheMemory(bytesMax: max(1 << 20, cacheBytes() / lane.lanes)) })
    }
}
