import Engine
import Foundation
import SearchCore
import SearchRuntime
import Testing
@testable import Reporting
@testable import Studies

/// The shapes that docs/json.md promises, to the byte.
struct JSONTests {
    @Test func values() {
        let value: JSON = ["b": 1, "a": [1.5, nil, true, "x\"\\\n\u{1}é"], "empty": [], "none": [:]]
        #expect(value.line == #"{"b":1,"a":[1.5,null,true,"x\"\\\n\u0001é"],"empty":[],"none":{}}"#)
        #expect(JSON(Double.nan).line == "null")
        #expect(JSON.number(.infinity).line == "null")
        #expect(JSON(0.1).line == "0.1")
        #expect(JSON(1e300).line == "1e+300")
        #expect(
            value.pretty == """
                {
                  "b": 1,
                  "a": [1.5, null, true, "x\\"\\\\\\n\\u0001é"],
                  "empty": [],
                  "none": {}
                }
                """)
    }

    @Test func everythingIsReadBack() throws {
        let report = SolveReport(result: Samples.beam, strategy: "beam-search").json
        let plain = try JSONSerialization.jsonObject(with: Data(report.line.utf8)) as? NSDictionary
        let pretty = try JSONSerialization.jsonObject(with: Data(report.pretty.utf8)) as? NSDictionary
        #expect(plain != nil && plain == pretty)
    }

    @Test func solve() {
        let report = SolveReport(result: Samples.beam, strategy: "beam-search", isCorrect: true)
        #expect(
            report.json.line
                == #"{"answer":"7","problem":"Ann has 3 apples & buys 4 <more>. How many?","strategy":"beam-search","#
                + #""params":{"beam_width":2,"selection":"weighted","table":null,"temperature":0.8},"budget":"4","seed":7,"#
                + #""votes":[{"answer":"7","weight":1.52,"count":2},{"answer":"12","weight":0.4,"count":1}],"#
                + #""candidates":[{"answer":"7","score":0.97,"text":"She has 3 + 4 = 7 apples.\n#### 7"},"#
                + #"{"answer":"7","score":0.55,"text":"3 apples \u0001 and 4 apples\n#### 7"},"#
                + #"{"answer":"12","score":0.4,"text":"3 apples \u0001 and 4 apples\n#### 12"}],"#
                + #""cost":{"generations":4,"tokens":72,"prompt_tokens":12,"verifier_tokens":80,"flops":1500000000,"seconds":0.25,"wasted_tokens":27},"#
                + #""expected":"7","correct":true}"#)
    }

    @Test func failedSolve() {
        var result = RunResult(
            problem: Problem(text: "x"), strategy: "s 1", params: [:], limits: Limits(generations: 1, seconds: 2.5),
            seed: .max)
        result.error = StratagemError(.plugin, .badCount, "count is 0")
        result.wasCancelled = true
        #expect(
            SolveReport(result: result, strategy: "s").json.line
                == #"{"answer":null,"problem":"x","strategy":"s","params":{},"budget":"1+seconds=2.5","#
                + #""seed":"18446744073709551615","votes":[],"candidates":[],"#
                + #""cost":{"generations":0,"tokens":0,"prompt_tokens":0,"verifier_tokens":0,"flops":0,"seconds":0,"wasted_tokens":0},"#
                + #""cancelled":true,"error":{"origin":"plugin","code":"bad_count","message":"count is 0"}}"#)
    }

    @Test func plugins() {
        let parameter = ParameterInfo(
            id: "beam_width", kind: .int, help: "M", fallback: .none, fallbackText: "floor of sqrt(N)", min: 1, max: 64,
            choices: [])
        let strategy = StrategyInfo(
            id: "org.x.beam", name: "beam", version: "1.2.0", summary: "Beam.", params: [parameter], takesBatch: false)
        let record = PluginRecord(
            path: "/p/a.so", name: "a", version: "1.0.0", status: .loaded, reason: nil, sha256: "ab",
            strategies: [strategy],
            functions: [FunctionInfo(hook: "stratagem.verify/1", name: "v", signature: "f64(ptr,u64,ptr,u64)")])
        #expect(
            PluginsReport(records: [record]).json.line
                == #"[{"path":"/p/a.so","name":"a","version":"1.0.0","status":"loaded","reason":null,"sha256":"ab","process":"host","#
                + #""strategies":[{"id":"org.x.beam","name":"beam","version":"1.2.0","summary":"Beam.","batch":false,"params":["#
                + #"{"id":"beam_width","kind":"int","default":null,"default_text":"floor of sqrt(N)","min":1,"max":64,"choices":[],"help":"M","required":false}],"roles":[]}],"#
                + #""functions":[{"hook":"stratagem.verify/1","name":"v","signature":"f64(ptr,u64,ptr,u64)"}]}]"#)
    }

    @Test func eval() {
        let right = EvalOutcome(
            answer: "1", isCorrect: true,
            cost: Cost(
                generations: 2, tokens: 10, promptTokens: 4, verifierTokens: 6, flops: 100, seconds: 0.5,
                wastedTokens: 2))
        var wrong = right
        wrong.isCorrect = false
        // A right solution was among its: the oracle would have found it.
        #expect(wrong.hasRight)
        wrong.cost.tokens = 20
        let cases = ["a", "b"].map {
            EvalCase(spec: $0, strategy: $0, params: ["k": .int(1)], limits: Limits(generations: 2))
        }
        let tallies = [
            EvalTally(outcomes: [right, right], seconds: 2), EvalTally(outcomes: [wrong, nil], seconds: 1),
        ]
        let report = EvalReport(
            cases: cases, tallies: tallies, data: "d.jsonl", bundle: "reference", seed: 3, isComplete: false,
            totalCost: Cost(tokens: 99))
        #expect(
            report.json.line == #"{"data":"d.jsonl","bundle":"reference","seed":3,"complete":false,"results":["#
                + #"{"name":"a @ 2","strategy":"a","params":{"k":1},"budget":"2","seed":0,"problems":2,"correct":2,"failed":0,"accuracy":1,"ci95":[0.34238022750665303,1],"oracle":1,"oracle_ci95":[0.34238022750665303,1],"#
                + #""cost":{"generations":2,"tokens":10,"prompt_tokens":4,"verifier_tokens":6,"flops":100,"seconds":0.5,"wasted_tokens":2},"tokens_per_second":10,"texts":null},"#
                + #"{"name":"b @ 2","strategy":"b","params":{"k":1},"budget":"2","seed":0,"problems":1,"correct":0,"failed":0,"accuracy":0,"ci95":[0,0.7934506856227626],"oracle":1,"oracle_ci95":[0.20654931437723745,1],"#
                + #""cost":{"generations":2,"tokens":20,"prompt_tokens":4,"verifier_tokens":6,"flops":100,"seconds":0.5,"wasted_tokens":2},"tokens_per_second":20,"texts":null}],"#
                + #""comparisons":[{"a":"a @ 2","b":"b @ 2","problems":1,"difference":1,"ci95":[-0.7335359280789577,1],"a_only":1,"b_only":0,"p_value":1,"mid_p":0.5}],"#
                + #""total_cost":{"generations":0,"tokens":99,"prompt_tokens":0,"verifier_tokens":0,"flops":0,"seconds":0,"wasted_tokens":0},"repeated":0}"#
        )
    }

    /// Cases that differ in their seed alone are one row over all seeds.
    @Test func evalOverSeeds() throws {
        func outcome(_ isRight: Bool) -> EvalOutcome {
            EvalOutcome(answer: "1", isCorrect: isRight, cost: Cost(tokens: isRight ? 10 : 20))
        }
        let cases = ["a", "b"].flatMap { name in
            [3, 4].map {
                EvalCase(
                    spec: name, strategy: name, params: [:], limits: Limits(generations: 2), seed: $0, namesSeed: true)
            }
        }
        let right: [[Bool]] = [
            [true, true, false, true], [true, false, false, true], [true, false, false, false],
            [false, false, false, true],
        ]
        let tallies = right.map { EvalTally(outcomes: $0.map(outcome), seconds: 1) }
        let report = EvalReport(
            cases: cases, tallies: tallies, data: "d", bundle: "b", seed: 3, isComplete: true, totalCost: Cost())
        #expect(report.groups.map(\.name) == ["a @ 2", "b @ 2"])
        #expect(report.groups[0].accuracy.mean == 0.625 && report.groups[1].accuracy.mean == 0.25)
        #expect(report.groupComparisons.count == 1 && report.groupComparisons[0].difference.mean == 0.375)
        let text = report.text
        #expect(
            text.contains(/a @ 2 +2 +62\.5 %/) && text.contains("50.0 – 75.0") && !text.contains("seed 3"), "\(text)")
        #expect(text.contains(/a @ 2  −  b @ 2 +\+37\.5/), "\(text)")
        let json = report.json.line
        #expect(
            json.contains(
                #""over_seeds":[{"name":"a @ 2","strategy":"a","params":{},"budget":"2","seeds":[3,4],"problems":4,"runs":8,"failed":0,"accuracy":0.625"#
            ), "\(json)")
        #expect(
            json.contains(#""accuracy_by_seed":[0.75,0.5]"#)
                && json.contains(#""over_seeds_comparisons":[{"a":"a @ 2","b":"b @ 2","problems":4,"seeds":2"#))
        let csv = report.csv.split(separator: "\n")
        #expect(
            csv.count == 7
                && csv[0].hasPrefix(
                    "name,strategy,params,budget,seed,problems,correct,failed,accuracy,ci95_low,ci95_high,oracle,")
        )
        #expect(csv[5].hasPrefix("a @ 2,a,{},2,all,4,,0,0.625,"))
    }
}
