import CBenchStrategies
import Dispatch
import EndpointBackend
import LanguageModels
import SearchCore

/// The benchmark's own llama-server.
final class ReplayServer {
    private let server: OpaquePointer

    init() throws(StratagemError) {
        guard let server = stg_replay_start() else {
            throw StratagemError(
                .host, .benchFailed, "the system has no socket or no thread for the benchmark's server")
        }
        self.server = server
    }

    deinit { stg_replay_stop(server) }

    var port: UInt16 { stg_replay_port(server) }
    /// Processor time of everything in this process but the server.
    var clientSeconds: Double { stg_bench_processor_seconds() - stg_replay_processor_seconds(server) }

    func set(tokens: Int, pause: Int) { stg_replay_set(server, Int32(tokens), Int32(pause)) }
}

/// A policy of `EndpointBackend` on that server, driven as a lane drives it. Confined to the thread that made it.
final class ReplayedPolicy {
    private let model: any LanguageModel
    private let root: PrefixHandle
    private let ready: DispatchSemaphore
    private var issued: UInt64 = 0

    init(port: UInt16, inFlight: Int) throws(StratagemError) {
        let text = """
            name = "replay"
            step_delimiter = "\\n"
            context = 8192
            [template]
            problem = "{problem}"
            [models.policy]
            endpoint = "http://127.0.0.1:\(port)/v1"
            requests = \(inFlight)
            """
        let bundle = try BundleReader.parse(text, file: "replay.toml", checkingFiles: false)
        let ready = DispatchSemaphore(value: 0)
        guard let policy = bundle.models["policy"],
            case .model(let model) = try EndpointBackend().open(policy, of: bundle).make(
                for: LaneSeat(wake: { ready.signal() }))
        else { throw StratagemError(.host, .benchFailed, "an endpoint that is no policy") }
        self.model = model
        self.ready = ready
        root = try model.makePrefix(parent: nil, text: [PromptPart(text: Array("3 + 4?".utf8))]).0
    }

    /// Draws so many samples to their ends.
    /// - Parameter tokens: what the server samples each time.
    func run(requests: Int, inFlight: Int, tokens: Int) throws(StratagemError) {
        var (begun, ended) = (0, 0)
        var done: [SampleCompletion] = []
        while ended < requests {
            while begun < requests, begun - ended < inFlight {
                issued += 1
                begun += 1
                model.submit(
                    SampleJob(id: issued, prefix: root, until: .end, maxTokens: tokens, temperature: 1, seed: issued))
            }
            done.removeAll(keepingCapacity: true)
            if model.advance(into: &done) == .waiting {
                guard ready.wait(timeout: .now() + 60) == .success else {
                    throw StratagemError(.host, .benchFailed, "no sample in a minute")
                }
            }
            for one in done {
                guard one.ending == .finished, one.tokens == tokens, one.tokenLogProbabilities.count == tokens else {
                    throw StratagemError(.host, .benchFailed, "a sample of \(one.tokens) tokens ended as \(one.ending)")
                }
                model.release(one.prefix)
            }
            ended += done.count
        }
    }
}
