import Engine
import Foundation
import LanguageModels
import LlamaBackend
import Reporting
import SearchCore

/// What a bundle's models need in memory for so many solutions at once, against what this process may use.
struct DoctorMemory {
    private let solutions: Int
    private let context: Int
    /// Of the weights' files that a search computes with, and of their caches.
    private var weights = 0
    private var perToken = 0
    private let cacheMost: Int
    private let hasWeights: Bool

    /// Program, libraries, llama.cpp's buffers: docs/internals/memory.md.
    private static let rest = 64 << 20
    /// Roles that a search with a verifier computes with.
    private static let roles = [["policy"], ["prm", "orm"]]

    init(_ bundle: LanguageModels.Bundle, _ opened: [String: any OpenedRole], solutions: Int, cacheBytes: Int?) {
        (self.solutions, context) = (solutions, bundle.contextTokens)
        func bytes(_ path: String) -> Int {
            (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int).flatMap { $0 } ?? 0
        }
        func file(_ role: any OpenedRole) -> String? { if case .file(let path) = role.identity { path } else { nil } }
        let used = Self.roles.compactMap { names in names.lazy.compactMap { opened[$0] }.first { $0.shape != nil } }
        weights = Set(used.compactMap(file)).reduce(0) { $0 + bytes($1) }
        perToken = used.compactMap(\.shape).reduce(0) { $0 + $1.layers * 2 * $1.keyValueHeads * $1.headWidth * 2 }
        let largest = opened.values.compactMap(file).map(bytes).max() ?? 0
        cacheMost = cacheBytes.map { CacheShares.models(of: $0) } ?? GGUFBackend.cacheBytes(besideWeightsOf: largest)
        hasWeights = weights > 0
    }

    /// Nil if nothing is computed here.
    var check: DoctorReport.Check? {
        guard hasWeights else { return nil }
        let wanted = solutions.multipliedReportingOverflow(by: context * perToken)
        let whole = wanted.overflow ? Int.max : wanted.partialValue
        let cache = min(whole, cacheMost)
        let needed = weights + cache + Self.rest
        let (limit, free) = (MachineMemory.limit, MachineMemory.available)
        var text =
            "\(Self.shown(needed)) for \(solutions) \(solutions == 1 ? "solution" : "solutions") at once: weights \(Self.shown(weights)), "
            + "caches \(Self.shown(cache)) (\(Self.shown(context * perToken)) for one of \(context) tokens), program \(Self.shown(Self.rest))"
        if let limit { text += ". This process may use \(Self.shown(limit))" }
        if let free { text += limit == nil ? ". Free are \(Self.shown(free))" : ", and \(Self.shown(free)) are free" }
        if cache < whole {
            text +=
                ". More than the caches hold (\(Self.shown(cacheMost))) is read anew: a larger --cache-memory saves time"
        }
        let values: [JSON.Field] = [
            .init("needed_bytes", .int(needed)), .init("weights_bytes", .int(weights)),
            .init("cache_bytes", .int(cache)),
            .init("limit_bytes", limit.map { .int($0) } ?? .null), .init("free_bytes", free.map { .int($0) } ?? .null),
            .init("solutions", .int(solutions)),
        ]
        if let limit, needed > limit {
            let room = (limit - weights - Self.rest) >> 20
            return .init(
                "memory", .problem, text,
                remedy: room > 0
                    ? "stratagem solve --cache-memory \(max(1, room)) …"
                    : "stratagem doctor --model SMALLER.gguf    # a smaller quantisation; or a machine with more memory",
                values: values)
        }
        if let free, needed > free {
            return .init(
                "memory", .note, text + ". Others hold the rest now",
                remedy: "ps -eo rss,pid,args --sort=-rss | head    # who holds it", values: values)
        }
        return .init("memory", .ok, text, values: values)
    }

    private static func shown(_ bytes: Int) -> String {
        bytes >= 1 << 30
            ? String(format: "%.1f GiB", Double(bytes) / Double(1 << 30)) : "\((bytes + (1 << 20) - 1) >> 20) MiB"
    }
}
