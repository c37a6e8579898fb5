import Locking
import Metrics
import SearchCore
import SearchRuntime

/// What the server measures of itself. Names are for ever: dashboards know them.
struct ServerMetrics: Sendable {
    private let store = PrometheusMetrics(help: [
        "stratagem_http_requests_total": "Requests that were answered.",
        "stratagem_searches_total": "Searches that came to an end, by what ended them.",
        "stratagem_answer_seconds": "From a request's arrival to its answer, waiting included.",
        "stratagem_tokens_total": "Tokens of searches: sampled, of prompts, read by the verifier.",
        "stratagem_flops_total": "Floating-point operations of searches, as their costs tell them.",
        "stratagem_searches_running": "Searches at work.",
        "stratagem_searches_waiting": "Searches that wait for a place.",
        "stratagem_shared_samples_total": "Samples that a search was given because another had drawn them.",
        "stratagem_shared_scores_total": "Scores that a search was given because another had asked for them.",
        "stratagem_decoded_tokens_total": "Tokens that went through a model.",
        "stratagem_redecoded_tokens_total": "Of these, again after the cache had given them up.",
        "stratagem_cache_evictions_total": "Prefixes that a cache has given up.",
        "stratagem_plugins": "Plugins in the folders, by outcome.",
    ])
    /// Counters that somebody else keeps, as they were last seen.
    private let seen = Locked<[String: Int]>([:])

    func answered(route: String, method: String, status: Int) {
        Counter(
            label: "stratagem_http_requests_total",
            dimensions: [("route", route), ("method", method), ("status", "\(status)")], factory: store
        ).increment()
    }

    func searchEnded(strategy: String, outcome: String, cost: Cost, seconds: Double) {
        Counter(
            label: "stratagem_searches_total", dimensions: [("strategy", strategy), ("outcome", outcome)],
            factory: store
        ).increment()
        for (kind, count) in [
            ("policy", cost.tokens), ("prompt", cost.promptTokens), ("verifier", cost.verifierTokens),
        ] {
            Counter(label: "stratagem_tokens_total", dimensions: [("kind", kind)], factory: store).increment(by: count)
        }
        FloatingPointCounter(label: "stratagem_flops_total", factory: store).increment(by: cost.flops)
        guard outcome == "done" else { return }
        Timer(label: "stratagem_answer_seconds", dimensions: [("strategy", strategy)], factory: store).recordSeconds(
            seconds)
    }

    /// All of it as it is now.
    func text(queue: (working: Int, waiting: Int), _ runtime: RuntimeStatistics, _ plugins: [PluginRecord]) -> String {
        Meter(label: "stratagem_searches_running", factory: store).set(queue.working)
        Meter(label: "stratagem_searches_waiting", factory: store).set(queue.waiting)
        for status in [PluginRecord.Status.loaded, .refused, .shadowed] {
            Meter(label: "stratagem_plugins", dimensions: [("status", status.rawValue)], factory: store).set(
                plugins.count { $0.status == status })
        }
        advance("stratagem_shared_samples_total", to: runtime.sharing.samples)
        advance("stratagem_shared_scores_total", to: runtime.sharing.scores)
        for (role, one) in [("policy", runtime.policy), ("verifier", runtime.verifier)] {
            advance("stratagem_decoded_tokens_total", role, to: one.decodedTokens)
            advance("stratagem_redecoded_tokens_total", role, to: one.redecodedTokens)
            advance("stratagem_cache_evictions_total", role, to: one.evictions)
        }
        return store.text
    }

    private func advance(_ label: String, _ role: String? = nil, to value: Int) {
        let more = seen.withLock { seen in
            let key = "\(label) \(role ?? "")"
            defer { seen[key] = value }
            return value - (seen[key] ?? 0)
        }
        Counter(label: label, dimensions: role.map { [("role", $0)] } ?? [], factory: store).increment(by: max(0, more))
    }
}
