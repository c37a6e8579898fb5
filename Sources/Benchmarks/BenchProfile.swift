import LanguageModels
import SearchCore
import SearchRuntime

/// Where the time of a benchmark's searches went, and what they decoded.
struct BenchProfile {
    let title: String
    let used: RuntimeStatistics
    let results: [RunResult]
    /// By the clock.
    let seconds: Double
    let lanes: Int
    let shape: ModelShape?

    func figures(loadSeconds: Double) -> [BenchFigure] {
        [
            decoded("policy", used.policy), decoded("verifier", used.verifier), host(atMost: 1), whole,
            start(loadSeconds),
            operations, memory,
        ]
    }

    private func decoded(_ role: String, _ engine: EngineStatistics) -> BenchFigure {
        let ratio = engine.neededTokens == 0 ? 1 : Double(engine.decodedTokens) / Double(engine.neededTokens)
        return BenchFigure(
            "\(title): decoded ÷ needed, \(role)", ratio, "×", atMost: 1.05,
            note:
                "\(engine.redecodedTokens) of \(engine.decodedTokens) tokens again after \(engine.evictions) evictions, \(engine.freshEvictions) of them of what a search was about to go on from"
        )
    }

    private func share(_ part: Double) -> Double { used.busySeconds > 0 ? part / used.busySeconds * 100 : 0 }
    private func percent(_ part: Double) -> String { "\((share(part) * 100).rounded() / 100) %" }

    /// - Parameter goal: percent of the lanes' processor time.
    func host(atMost goal: Double) -> BenchFigure {
        let seconds = used.hostSeconds + used.pluginSeconds
        let tokens = max(1, results.reduce(0) { $0 + $1.cost.tokens })
        let nodes = max(1, results.reduce(0) { $0 + $1.tree.count })
        let text = used.policy.textSeconds + used.verifier.textSeconds
        let rest = max(0, used.hostSeconds - used.engineSeconds - text)
        func micro(_ count: Int) -> Double { (seconds / Double(count) * 1e8).rounded() / 100 }
        return BenchFigure(
            "\(title): host and plugin time", share(seconds), "%", atMost: goal,
            note:
                "of the lanes' processor time, \(micro(tokens)) µs a sampled token, \(micro(nodes)) µs a node: engine \(percent(used.engineSeconds)), text to tokens \(percent(text)), runs \(percent(rest)), plugin \(percent(used.pluginSeconds))"
        )
    }

    private var whole: BenchFigure {
        let wall = seconds * Double(lanes)
        return BenchFigure(
            "\(title): lanes at work", wall > 0 ? used.busySeconds / wall * 100 : 0, "%",
            note:
                "of \(lanes) × \((seconds * 10).rounded() / 10) s; of it decoding \(percent(used.policy.decodeSeconds)) policy, \(percent(used.verifier.decodeSeconds)) verifier, drawing \(percent(used.policy.samplingSeconds)), reading scores \(percent(used.verifier.samplingSeconds))"
        )
    }

    private func start(_ loadSeconds: Double) -> BenchFigure {
        let contexts = used.policy.startSeconds + used.verifier.startSeconds
        return BenchFigure(
            "\(title): start", loadSeconds + contexts, "s",
            note:
                "once: loading the weights \((loadSeconds * 1000).rounded()) ms, making the lanes' contexts \((contexts * 1000).rounded()) ms; not in the host's time"
        )
    }

    private var operations: BenchFigure {
        let charged = results.reduce(0) { $0 + $1.cost.flops }
        let computed = used.policy.flops + used.verifier.flops
        let tokens = results.reduce(0) { $0 + $1.cost.tokens + $1.cost.promptTokens }
        let estimate =
            shape.map { "; the paper's 2N a token would say \(giga($0.estimatedFlops(tokens: tokens))) for the policy" }
            ?? ""
        return BenchFigure(
            "\(title): saved by sharing", charged > 0 ? (1 - computed / charged) * 100 : 0, "%",
            note: "of \(giga(charged)) that the runs were charged, \(giga(computed)) were computed\(estimate)")
    }

    private func giga(_ operations: Double) -> String { "\((operations / 1e7).rounded() / 100) GFLOP" }

    private var memory: BenchFigure {
        BenchFigure(
            "\(title): resident memory", Double(residentBytes()) / 1_048_576, "MiB", atMost: 1024,
            note: "the whole process, \(lanes) lanes, 256 sequences a role")
    }
}
