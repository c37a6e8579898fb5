import class Foundation.ProcessInfo
import LanguageModels
import SearchCore

/// Models and verifiers of a bundle, run by llama.cpp in this process. The weights
/// are loaded once and shared; every lane has contexts of its own, made when a role
/// is first asked for.
public final class LlamaModelSource: ModelSource {
    /// How to use the machine.
    public struct Options: Sendable {
        /// Threads that decode side by side, each with its own contexts; `nil` lets the size of the models decide.
        public var lanes: Int?
        /// Threads that work on one lane's decode calls; `nil` shares the cores among the lanes.
        public var threadsPerLane: Int?
        /// Bytes that one context's cache may take at most: memory is used as sequences come and grow.
        public var cacheBytes: Int
        /// Sequences of all lanes' contexts of one role.
        public var sequences: Int

        public init(lanes: Int? = nil, threadsPerLane: Int? = nil, cacheBytes: Int = 512 << 20, sequences: Int = 256) {
            self.lanes = lanes
            self.threadsPerLane = threadsPerLane
            self.cacheBytes = cacheBytes
            self.sequences = sequences
        }
    }

    public let name: String
    public let laneCount: Int
    public let modelRoles: Set<String>
    public let verifierRoles: Set<String>
    public let prompt: PromptTemplate
    public let stepDelimiter: [UInt8]
    public let answerFunctions: AnswerFunctions
    public var strategyDefaults: StrategyDefaults { bundle.strategies }
    public var shapes: [String: ModelShape] { loaded.mapValues(\.shape) }
    public var settings: String { bundle.settings }
    public var weights: [String: WeightsIdentity] { bundle.models.mapValues { .file($0.gguf) } }

    private let bundle: Bundle
    private let options: Options
    public let threadsPerLane: Int
    private let loaded: [String: LlamaWeights]
    private let readOuts: [String: LlamaVerifier.ReadOut]

    /// Up to this many parameters a thread to itself beats two that wait for each
    /// other at every one of a model's small products.
    static let smallModel = 50_000_000

    public init(bundle: Bundle, options: Options = .init()) throws(StratagemError) {
        self.bundle = bundle
        self.options = options
        name = bundle.name
        prompt = bundle.prompt
        stepDelimiter = Array(bundle.stepDelimiter.utf8)
        answerFunctions = bundle.answers
        modelRoles = Set(bundle.policies.map(\.role))
        verifierRoles = Set(bundle.verifiers.map(\.role))
        let loaded = try Self.load(bundle)
        self.loaded = loaded
        readOuts = try Self.readOuts(of: bundle, loaded)
        let cores = max(1, ProcessInfo.processInfo.activeProcessorCount)
        let isSmall = loaded.values.allSatisfy { $0.shape.parameters <= Self.smallModel }
        laneCount = max(1, options.lanes ?? (isSmall ? min(cores, 16) : 1))
        threadsPerLane = max(1, options.threadsPerLane ?? (isSmall ? 1 : cores / laneCount))
    }

    /// Each file once, whatever number of roles it plays.
    private static func load(_ bundle: Bundle) throws(StratagemError) -> [String: LlamaWeights] {
        var byPath: [String: LlamaWeights] = [:]
        var byRole: [String: LlamaWeights] = [:]
        for model in bundle.models.values.sorted(by: { $0.role < $1.role }) {
            let weights: LlamaWeights
            if let known = byPath[model.gguf] { weights = known } else { weights = try LlamaWeights(path: model.gguf) }
            byPath[model.gguf] = weights
            byRole[model.role] = weights
            guard bundle.contextTokens <= weights.contextTokens else {
                throw StratagemError(.user, "bad_bundle", "\(bundle.file): context is \(bundle.contextTokens), but \(model.gguf) was trained for \(weights.contextTokens) tokens. Lower the bundle's context")
            }
        }
        return byRole
    }

    private static func readOuts(of bundle: Bundle, _ weights: [String: LlamaWeights]) throws(StratagemError) -> [String: LlamaVerifier.ReadOut] {
        var readOuts: [String: LlamaVerifier.ReadOut] = [:]
        for model in bundle.verifiers {
            let vocabulary = weights[model.role]!.vocabulary
            func token(_ text: String, _ key: String) throws(StratagemError) -> Token {
                guard let token = vocabulary.singleToken(text) else {
                    throw StratagemError(.user, "bad_bundle", "\(bundle.file): models.\(model.role).\(key) is '\(text)', which is not one token of \(model.gguf). Name a token of that model's own vocabulary")
                }
                return token
            }
            guard model.readOut == .token else {
                readOuts[model.role] = .likelihood(vocabulary: weights[model.role]!.shape.vocabulary)
                continue
            }
            let good = try token(model.good, "good")
            var bad: [Token] = []
            for text in model.bad { bad.append(try token(text, "bad")) }
            readOuts[model.role] = .token(good: good, bad: bad)
        }
        return readOuts
    }

    public func makeModels() throws(StratagemError) -> ModelSet {
        var models: [String: any LanguageModel] = [:]
        var verifiers: [String: any Verifier] = [:]
        let rules = StopRules(stepDelimiter: bundle.stepDelimiter, stop: bundle.stop)
        for model in bundle.policies {
            let weights = loaded[model.role]!
            models[model.role] = LlamaPolicy(weights: weights, options: contextOptions(weights), contextTokens: bundle.contextTokens, rules: rules)
        }
        for model in bundle.verifiers {
            let weights = loaded[model.role]!
            verifiers[model.role] = LlamaVerifier(
                weights: weights, options: contextOptions(weights), contextTokens: bundle.contextTokens,
                template: template(of: model), delimiter: bundle.stepDelimiter, readOut: readOuts[model.role]!,
                judgesWholeAnswersOnly: model.kind == .orm)
        }
        return ModelSet(models: models, verifiers: verifiers)
    }

    /// A verifier whose template has no place for earlier attempts is not shown any.
    /// Without a template of its own an outcome verifier reads what the policy reads,
    /// attempts and all; a step verifier the bare problem, as it was trained.
    private func template(of verifier: Bundle.Model) -> PromptTemplate {
        if verifier.template == nil, verifier.kind == .orm { return bundle.prompt }
        let text = verifier.template ?? bundle.prompt.problem
        return PromptTemplate(problem: text.replacing("{attempts}", with: ""), revise: text, attempt: bundle.prompt.attempt)
    }

    private func contextOptions(_ weights: LlamaWeights) -> LlamaContext.Options {
        // llama.cpp rounds a sequence's room up to whole blocks of 256.
        let room = (bundle.contextTokens + 255) / 256 * 256
        let shape = weights.shape
        let bytes = room * shape.layers * 2 * shape.keyValueHeads * shape.headWidth * 2
        let share = min(options.sequences, SlotSet.capacity) / laneCount
        return .init(contextTokens: room, sequences: max(2, min(share, options.cacheBytes / max(1, bytes))), threads: threadsPerLane)
    }
}
