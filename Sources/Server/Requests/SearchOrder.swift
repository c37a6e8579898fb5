import Engine
import Foundation
import LanguageModels
import SearchCore
import SearchRuntime
import StrategyHost

/// A search that may be run: all of it checked.
struct SearchOrder: Sendable {
    var problem: Problem
    var strategy: LoadedStrategy
    var params: [String: ParameterValue]
    var limits: Limits
    var seed: UInt64
    /// Of a conversation; nil: the bundle's.
    var prompt: PromptTemplate?
    /// `STRATEGY@BUDGET`, as a model is called.
    var name: String

    /// Searches of one problem go to one lane, where they can share what they sample.
    func request() -> RunRequest {
        var hash = StableHash()
        hash.combine(problem.text.utf8)
        let group = hash.value
        var request = RunRequest(
            problems: [problem], strategy: strategy, params: params, limits: limits, seed: seed, group: group)
        request.prompt = prompt
        return request
    }
}

/// Turns what clients ask for into searches: names into strategies, and files' names into files.
struct OrderReader: Sendable {
    /// Stands for the default strategy at the default budget.
    static let alias = "stratagem"
    static let defaultStrategy = "best-of-n"
    static let defaultBudget = "16"

    let engine: Engine
    let files: [String: String]
    let most: Limits

    func order(_ request: SearchRequest) throws(Refusal) -> SearchOrder {
        var (spec, budget) = try model(request.model)
        if let strategy = request.strategy {
            guard spec == nil else {
                throw .request(
                    "given_twice",
                    "'model' names a strategy, and so does 'strategy'. Write \"model\": \"\(Self.alias)\" beside it",
                    param: "strategy")
            }
            spec = try Self.spec(strategy, param: "strategy")
        }
        if let typed = request.budget {
            guard budget == nil else {
                throw .request(
                    "given_twice", "'model' has a budget behind its @, and there is 'budget' too", param: "budget")
            }
            budget = typed
        }
        let chosen = if let spec { spec } else { try Self.spec(Self.defaultStrategy, param: "model") }
        let loaded = try strategy(chosen.name, param: request.strategy == nil ? "model" : "strategy")
        let typed = try parameters(request, chosen, loaded.info)
        let limits = try limits(budget ?? Self.defaultBudget, request)
        do throws(StratagemError) {
            let params = try engine.models.complete(loaded.check(parameters: typed), of: loaded, limits: limits)
            return SearchOrder(
                problem: Problem(text: request.problem), strategy: loaded, params: params, limits: limits,
                seed: request.seed,
                name: "\(chosen.text)@\(limits)")
        } catch {
            throw .of(error, param: "params")
        }
    }

    /// The same of a conversation too. A chat template is a program, so it is waited for on a thread of its own.
    func order(whole request: SearchRequest) async throws(Refusal) -> SearchOrder {
        var order = try order(request)
        guard !request.turns.isEmpty else { return order }
        let found: Result<(problem: Problem, prompt: PromptTemplate), StratagemError> = await withCheckedContinuation {
            continuation in
            DispatchQueue.global().async { [engine] in
                continuation.resume(
                    returning: Result { () throws(StratagemError) in try engine.conversation(request.turns) })
            }
        }
        do throws(StratagemError) {
            (order.problem, order.prompt) = try found.get()
            return order
        } catch {
            // Whatever a template does not take is in the request's messages.
            let isTheirs = [ErrorCode.noChatTemplate, .badTemplate, .badConversation].contains(error.code)
            throw isTheirs
                ? .request("unsupported_messages", error.message, param: "messages") : .of(error, param: "messages")
        }
    }

    /// Refuses a model's name as a search would.
    func check(model name: String) throws(Refusal) { _ = try order(SearchRequest(model: name)) }

    /// `STRATEGY:key=value@BUDGET`; both parts may be missing.
    private func model(_ name: String) throws(Refusal) -> (spec: StrategySpec?, budget: String?) {
        guard name.utf8.count <= 4096 else {
            throw .request(
                "model_not_found", "the model's name has \(name.utf8.count) bytes", param: "model", status: .notFound)
        }
        let at = name.lastIndex(of: "@")
        let first = at.map { String(name[..<$0]) } ?? name
        let budget = at.map { String(name[name.index(after: $0)...]) }
        return (first == Self.alias ? nil : try Self.spec(first, param: "model"), budget)
    }

    private static func spec(_ text: String, param: String) throws(Refusal) -> StrategySpec {
        do throws(StratagemError) { return try StrategySpec(parsing: text) } catch { throw .of(error, param: param) }
    }

    private func strategy(_ name: String, param: String) throws(Refusal) -> LoadedStrategy {
        // What has a "/" in it would be the path of a file to load.
        guard !name.contains("/") else {
            throw .request(
                "model_not_found",
                "there is no strategy '\(Plain.name(name))': requests name loaded strategies, never files",
                param: param, status: .notFound)
        }
        do throws(StratagemError) { return try engine.registry.strategy(named: name) } catch {
            throw .of(error, param: param)
        }
    }

    private func parameters(_ request: SearchRequest, _ spec: StrategySpec, _ info: StrategyInfo) throws(Refusal)
        -> [String: String]
    {
        var typed = spec.params
        var more = request.params
        for (id, value) in [("temperature", request.temperature), ("top_p", request.topP)] {
            guard let value else { continue }
            guard info.params.contains(where: { $0.id == id }) else {
                throw .request(
                    "unsupported_parameter",
                    "'\(id)' is not supported: the strategy \(info.name) has no such parameter, and samples as it needs",
                    param: id)
            }
            guard more[id] == nil else {
                throw .request("given_twice", "'\(id)' is there, and in 'params' too", param: id)
            }
            more[id] = "\(value)"
        }
        for (id, value) in more {
            guard typed.updateValue(value, forKey: id) == nil else {
                throw .request(
                    "given_twice", "'\(Plain.name(id))' is a parameter of the model's name, and given again",
                    param: "params")
            }
        }
        for parameter in info.params where parameter.kind == .file {
            guard let name = typed[parameter.id] else { continue }
            guard let path = files[name] else {
                let known =
                    files.isEmpty
                    ? "it has registered none" : "it has registered \(files.keys.sorted().joined(separator: ", "))"
                throw .request(
                    "file_not_registered",
                    "the parameter \(parameter.id) takes a file, and requests may name those alone that the server's operator has registered (--file NAME=PATH): \(known)",
                    param: "params")
            }
            typed[parameter.id] = path
        }
        return typed
    }

    private func limits(_ typed: String, _ request: SearchRequest) throws(Refusal) -> Limits {
        var limits: Limits
        do throws(StratagemError) { limits = try Limits(parsing: typed) } catch { throw .of(error, param: "budget") }
        if let tokens = request.tokens { limits.tokens = min(tokens, limits.tokens ?? tokens) }
        func check(_ wanted: Double?, _ most: Double?, _ what: String) throws(Refusal) {
            guard let wanted, let most, wanted > most else { return }
            throw .request(
                "budget_too_large",
                "the budget has \(Limits.shown(wanted)) \(what); this server takes at most \(Limits.shown(most))",
                param: "budget")
        }
        try check(limits.generations.map(Double.init), most.generations.map(Double.init), "generations")
        try check(limits.tokens.map(Double.init), most.tokens.map(Double.init), "tokens")
        try check(limits.flops, most.flops, "FLOPs")
        try check(limits.seconds, most.seconds, "seconds")
        return limits
    }
}

extension Limits {
    fileprivate static func shown(_ number: Double) -> String { Int(exactly: number).map(String.init) ?? "\(number)" }
}
