import AsyncHTTPClient
import Foundation
import NIOCore
import SearchCore
@testable import Server
import Studies
import Testing

/// `view`'s server over a hand-made study, and over traces.
@Suite(.timeLimit(.minutes(5))) struct ViewTests {
    // MARK: A study

    static let problems = [
        Problem(text: "What is 2 + 2?", answer: "4"), Problem(text: "What is <b>3</b> + 3?", answer: "6"),
        Problem(text: "What is 1 + 1?", answer: "2"),
    ]
    static let study = Study(
        stratagem: "test", bundle: "made", dataName: "d.jsonl", dataSHA256: "0", models: [], problems: problems)

    static func cell(_ strategy: String) -> StoredCell {
        StoredCell(
            strategy: strategy, strategyID: "org.example.\(strategy)", params: #"{"width":4}"#,
            defaults: #"{"width":2}"#,
            budget: "4", generations: 4, seed: 7, plugin: "p 1", pluginSHA256: "0")
    }

    private static func candidate(
        _ node: Int, _ answer: String, _ text: String?, _ scores: [Float], isCorrect: Bool = true
    ) -> StoredCandidate {
        StoredCandidate(
            node: node, answer: answer, isCorrect: isCorrect, score: scores.last.map(Double.init), stepScores: scores,
            tokens: 9, text: text)
    }

    private static func run(
        _ problem: Int, _ answer: String?, _ weights: [(String, Double)], truncated: Int = 0,
        candidates: [StoredCandidate] = []
    ) -> StoredRun {
        StoredRun(
            problem: problem, answer: answer, isCorrect: answer == problems[problem].answer,
            cost: Cost(generations: 4, tokens: 40, seconds: 1),
            texts: TextCount(ended: 4, truncated: truncated),
            votes: weights.map { Vote(answer: $0, weight: $1, count: 1) }, candidates: candidates)
    }

    /// Of `first` problem 0 is right, 1 wrong with a close vote, 2 cut; `second` disagrees on 1 alone, and has no run
    /// on 2.
    static func fill(
        _ path: String, study: Study = ViewTests.study,
        cells: [StoredCell] = [ViewTests.cell("first"), ViewTests.cell("second")], texts: Bool = true
    ) throws {
        let store = try EvalStore.writing(path, study: study, cells: cells, resume: false)
        let ids = try store.cells().map(\.id)
        let writer = StoreWriter(store)
        let solutions = [
            candidate(3, "4", texts ? "Add.\n2 + 2 = 4\n#### 4" : nil, [0.5, 0.6, 0.9]),
            candidate(2, "5", texts ? "Add.\nGuess.\n#### 5" : nil, [0.5, 0.1, 0.2], isCorrect: false),
        ]
        writer.add(run(0, "4", [("4", 0.9), ("5", 0.2)], candidates: solutions), cell: ids[0])
        writer.add(run(1, "7", [("7", 0.5), ("6", 0.25)]), cell: ids[0])
        writer.add(run(2, nil, [], truncated: 3), cell: ids[0])
        writer.add(run(0, "4", [("4", 1)]), cell: ids[1])
        writer.add(run(1, "6", [("6", 1)]), cell: ids[1])
        try writer.finish()
    }

    // MARK: A server

    func serve(
        _ make: @Sendable (ListenAddress) throws -> ViewServer, _ body: @Sendable (String) async throws -> Void
    ) async throws {
        let server = try make(ListenAddress(port: 0))
        let (ports, ready) = AsyncStream<Int>.makeStream()
        let running = Task {
            defer { ready.finish() }
            try await server.run { ready.yield($0) }
        }
        for await port in ports {
            do { try await body("http://127.0.0.1:\(port)") } catch {
                await server.stop()
                throw error
            }
            break
        }
        await server.stop()
        try await running.value
    }

    func get(_ address: String, headers: [String: String] = [:]) async throws -> TestServer.Reply {
        var request = HTTPClientRequest(url: address)
        for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(120))
        let bytes = try await response.body.collect(upTo: 16 << 20)
        return TestServer.Reply(
            status: Int(response.status.code),
            headers: Dictionary(response.headers.map { ($0.name.lowercased(), $0.value) }) { $1 },
            text: String(buffer: bytes))
    }

    /// The ids of the runs in each row.
    private func rows(_ base: String, _ query: String) async throws -> [[String]] {
        let reply = try await get(base + "/v1/study/runs?" + query)
        #expect(reply.status == 200, "\(reply.text)")
        let rows = reply.json["rows"]?.array ?? []
        #expect(reply.json["total"]?.int == rows.count)
        return rows.map { row in (row["runs"]?.array ?? []).compactMap { $0["run"]?.string } }
    }

    private func withStudy(texts: Bool = true, _ body: @Sendable (String, String) async throws -> Void) async throws {
        let folder = try Folder()
        defer { folder.remove() }
        let path = folder.path + "/study.db"
        try Self.fill(path, texts: texts)
        try await serve({ try ViewServer(store: path, $0) { _ in } }) { try await body($0, path) }
    }

    @Test func theFilters() async throws {
        try await withStudy { base, _ in
            let study = try await get(base + "/v1/study").json
            #expect(study["cells"]?.array?.map { $0["name"]?.string } == ["first:width=4@4", "second:width=4@4"])
            #expect(study["runs"]?.int == 5 && study["wanted"]?.int == 6 && study["missing"]?.array == [])
            #expect(try await rows(base, "") == [["1-0"], ["1-1"], ["1-2"], ["2-0"], ["2-1"]])
            #expect(try await rows(base, "cell=2") == [["2-0"], ["2-1"]])
            #expect(try await rows(base, "wrong=1") == [["1-1"], ["1-2"]])
            #expect(try await rows(base, "truncated=1") == [["1-2"]])
            #expect(try await rows(base, "split=1") == [["1-1"]])
            #expect(try await rows(base, "wrong=1&split=0&truncated=1") == [["1-2"]])
            #expect(try await rows(base, "cell=1&beside=2") == [["1-0", "2-0"], ["1-1", "2-1"]])
            #expect(try await rows(base, "cell=2&beside=1&disagree=1") == [["2-1", "1-1"]])
            #expect(try await get(base + "/v1/study/runs?from=4").json["rows"]?.array?.count == 1)
        }
    }

    @Test(arguments: [
        ("disagree=1", 400, "missing_field"), ("cell=x", 400, "invalid_value"), ("wrong=yes", 400, "invalid_value"),
        ("cell=99", 404, "cell_not_found"),
        ("sql=DROP", 400, "unknown_parameter"), ("from=-1", 400, "invalid_value"),
    ])
    func badFilters(query: String, status: Int, code: String) async throws {
        try await withStudy { base, _ in
            let reply = try await get(base + "/v1/study/runs?" + query)
            #expect(reply.status == status && reply.error.code == code, "\(reply.text)")
        }
    }

    @Test func aRunIsItsTree() async throws {
        try await withStudy { base, _ in
            let events = try await get(base + "/v1/runs/1-0/events").events
            #expect(events.map { $0["type"]?.string } == ["run", "nodes", "result"])
            let nodes = events[1]["nodes"]?.array ?? []
            try #require(nodes.count == 3)
            #expect(nodes.map { $0["id"]?.int } == [-1, 2, 3] && nodes.map { $0["parent"]?.int } == [0, -1, -1])
            #expect(nodes[2]["steps"]?.array?.map { $0["text"]?.string } == ["Add.\n", "2 + 2 = 4\n", "#### 4"])
            #expect(abs((nodes[2]["steps"]?.array?.dropFirst().first?["score"]?.double ?? 0) - 0.6) < 1e-6)
            #expect(nodes[2]["apart"] == nil)
            let report = try #require(events[2]["report"])
            #expect(events[2]["ranking"]?.array?.map(\.int) == [3, 2])
            #expect(
                report["answer"]?.string == "4" && report["expected"]?.string == "4" && report["correct"]?.bool == true)
            #expect(
                report["command"]?.string
                    == "stratagem solve 'What is 2 + 2?' --strategy first --param width=4 --budget 4 --seed 7 --trace run.jsonl && stratagem view run.jsonl"
            )
            for gone in ["1-9", "9-0", "2-2", "x", "1", "1-0-0"] {
                #expect(try await get(base + "/v1/runs/\(gone)/events").error.code == "run_not_found")
            }
        }
    }

    /// What is not known is not made up, and not taken for equal.
    @Test func withoutTexts() async throws {
        try await withStudy(texts: false) { base, _ in
            #expect(
                try await get(base + "/v1/study").json["missing"]?.array?.first?.string?.contains("--no-texts") == true)
            let nodes = try await get(base + "/v1/runs/1-0/events").events[1]["nodes"]?.array ?? []
            #expect(nodes.dropFirst().allSatisfy { $0["apart"]?.bool == true && $0["steps"]?.array?.count == 3 })
        }
    }

    @Test func stepsAreThoseThatTheVerifierSaw() {
        func steps(_ text: String?, _ count: Int) -> [String] {
            StoreRun.steps(Self.candidate(2, "4", text, Array(repeating: 0.5, count: count)))
        }
        #expect(steps("a\nb\nc", 3) == ["a\n", "b\n", "c"])
        #expect(steps("a\nb\n", 2) == ["a\n", "b\n"])
        #expect(steps("a\nb\n\nc", 2) == ["a\nb\n\n", "c"])
        #expect(steps("one. two. three.", 3) == ["one. two. three."], "by another rule: one step")
        #expect(steps("a\nb", 0) == ["a\n", "b"], "nobody has judged them")
        #expect(steps(nil, 2).count == 2 && steps(nil, 0).count == 1)
    }

    @Test func aStudyGoesOnMeanwhile() async throws {
        try await withStudy { base, path in
            let before = try await get(base + "/v1/study").json
            #expect(before["runs"]?.int == 5)
            let id = before["id"]?.string
            let store = try EvalStore.writing(
                path, study: Self.study, cells: [Self.cell("first"), Self.cell("second"), Self.cell("third")],
                resume: true)
            let writer = StoreWriter(store)
            let third = try #require(try store.cells().last).id
            writer.add(Self.run(2, "2", [("2", 1)]), cell: third)
            try writer.finish()
            let study = try await get(base + "/v1/study").json
            #expect(study["id"]?.string == id && id != nil, "the same study")
            #expect(study["runs"]?.int == 6 && study["cells"]?.array?.count == 3)
            #expect(try await rows(base, "cell=\(third)") == [["\(third)-2"]])
        }
    }

    @Test func thePageIsGuarded() async throws {
        try await withStudy { base, _ in
            let page = try await get(base + "/")
            #expect(page.text.contains("<body data-mode=\"view\">") && !page.text.contains("<script></script>"))
            #expect(
                page.headers["content-security-policy"]?.hasPrefix("default-src 'none'; script-src 'sha256-") == true)
            #expect(try await get(base + "/v1/study", headers: ["Host": "evil.example"]).status == 421)
            #expect(try await get(base + "/v1/study", headers: ["Origin": "http://evil.example"]).status == 403)
            #expect(try await get(base + "/v1/models").status == 404, "there is no model here")
        }
    }

    // MARK: Traces

    /// Two samples; the second is chosen, and the first was cut.
    private static func trace(_ seed: UInt64 = 0) -> Trace {
        var trace = Trace(
            header: TraceHeader(
                strategy: "best-of-n", strategyID: "x", pluginHash: "", bundle: "made", problems: ["What is 2 + 2?"],
                params: [:],
                limits: Limits(generations: 2), seed: seed))
        func node(_ id: Int, _ node: SearchNode) -> TraceNode { TraceNode(id: id, node: node) }
        let root = SearchNode(kind: .root, parent: 0, problem: 0, depth: 0, text: [], stepEnds: [], tokens: 3)
        var cut = SearchNode(
            kind: .sampled, parent: 1, problem: 0, depth: 1, text: Array("Add".utf8), stepEnds: [3], tokens: 1,
            ending: .truncated)
        let whole = SearchNode(
            kind: .sampled, parent: 1, problem: 0, depth: 2, text: Array("Add.\n#### 4".utf8), stepEnds: [5, 11],
            tokens: 6, ending: .finished,
            stepScores: [0.5, 0.9], score: 0.9, answer: "4")
        trace.rounds.append(TraceRound(event: 0, told: [], nodes: [node(1, root)], cost: Cost()))
        trace.rounds.append(
            TraceRound(event: 1, told: [], nodes: [node(2, cut), node(3, whole)], cost: Cost(tokens: 7)))
        cut.stepScores = [0.3]
        trace.rounds.append(
            TraceRound(
                event: 1, told: [], nodes: [node(2, cut)], cost: Cost(generations: 2, tokens: 7),
                answers: [TraceAnswer(node: 3, weight: 0.9)]))
        return trace
    }

    @Test func aTraceIsTheWholeSearch() async throws {
        let traces = [
            ViewedTrace(name: "a.jsonl", trace: Self.trace(), cutShort: nil),
            ViewedTrace(name: "b.jsonl", trace: Self.trace(), cutShort: "it ends after turn 1"),
            ViewedTrace(name: "c.jsonl", trace: Self.trace(5), cutShort: nil),
        ]
        try await serve({ ViewServer(traces: traces, $0) { _ in } }) { base in
            let study = try await get(base + "/v1/study").json
            #expect(
                study["kind"]?.string == "traces" && study["knows"]?["reference"]?.bool == false
                    && study["problems"]?.int == 1)
            #expect(
                study["cells"]?.array?.compactMap { $0["name"]?.string } == [
                    "best-of-n@2 seed 0", "best-of-n@2 (b.jsonl)", "best-of-n@2 seed 5",
                ])
            #expect(study["missing"]?.array?.first?.string == "b.jsonl: it ends after turn 1.")
            #expect(try await rows(base, "truncated=1").count == 3)
            #expect(try await rows(base, "cell=1&beside=3&disagree=1") == [])
            let events = try await get(base + "/v1/runs/1-0/events").events
            #expect(
                events.map { $0["type"]?.string } == [
                    "run", "nodes", "round", "nodes", "round", "nodes", "round", "result",
                ])
            try #require(events.count == 8)
            #expect(
                events[5]["nodes"]?.array?.first?["steps"]?.array?.first?["score"]?.double == 0.3,
                "scores that came later")
            let result = events[7]
            #expect(result["ranking"]?.array?.map(\.int) == [3])
            #expect(result["report"]?["answer"]?.string == "4" && result["report"]?["truncated"]?.int == 1)
            #expect(result["report"]?["votes"]?.array?.first?["weight"]?.double == 0.9)
            #expect(result["report"]?["cost"]?["tokens"]?.int == 7)
        }
    }
}
