import Locking
import CStratagem
import Foundation
import SearchCore
@testable import StrategyHost
import Testing

/// A host whose answers Fixtures/caller.c knows.
private enum KnownHost {
    nonisolated(unsafe) static let table: UnsafePointer<stg_host> = {
        let table = UnsafeMutablePointer<stg_host>.allocate(capacity: 1)
        table.initialize(
            to: stg_host(
                struct_size: UInt32(MemoryLayout<stg_host>.size), abi_major: 1, abi_minor: 0,
                host_data: UnsafeMutableRawPointer(bitPattern: 0x1234),
                get_node: { host, node, out in
                    // The real table, not the interposed one, is what must arrive here.
                    guard host == KnownHost.table, let out else { return STG_INVALID_ARGUMENT }
                    guard node == 7 else { return STG_NOT_FOUND }
                    out.pointee.flags = STG_NODE_FINISHED | STG_NODE_SCORED
                    out.pointee.parent = 3
                    out.pointee.score = 0.25
                    out.pointee.text = stg_str(data: KnownHost.step, size: 4)
                    return STG_OK
                },
                step_scores: { _, _, out, capacity, count in
                    guard let count else { return STG_INVALID_ARGUMENT }
                    for index in 0..<min(capacity, 3) { out?[index] = 0.5 * Double(index) }
                    count.pointee = 3
                    return STG_OK
                },
                get_budget: { _, out in
                    out?.pointee.generations = 16
                    out?.pointee.tokens = .max
                    return STG_OK
                },
                random: { _ in 0xFEDC_BA98_7654_3210 },
                has_role: { _, role in role.size == 3 ? 1 : 0 },
                log: { _, _, _ in }, set_error: { _, _, _ in },
                get_extension: { host, id in
                    // Its address as the plugin sees it: the interposed get_node.
                    id.size == 16 ? UnsafeRawPointer(InterposedClosure.all?.first?.code) : nil
                },
                generations_left: { host, node, steps, count in
                    guard host == KnownHost.table, let count, node == 8 || steps == 4096 else {
                        return STG_INVALID_ARGUMENT
                    }
                    count.pointee = node == 8 ? .max : 12
                    return STG_OK
                }))
        return UnsafePointer(table)
    }()

    nonisolated(unsafe) static let step: UnsafePointer<CChar> = {
        let text = UnsafeMutablePointer<CChar>.allocate(capacity: 4)
        for (index, byte) in "step".utf8.enumerated() {
            text.advanced(by: index).initialize(to: CChar(bitPattern: byte))
        }
        return UnsafePointer(text)
    }()
}

private final class Recorder: ABITraceSink, ABIContractSink {
    struct Call: Equatable {
        var function: String
        var arguments: String
        var result: String
    }
    let calls = Locked<[Call]>([])
    let violations = Locked<[String]>([])
    func call(_ function: String, arguments: String, result: String, nanoseconds: UInt64) {
        #expect(nanoseconds < 60_000_000_000)
        calls.withLock { $0.append(Call(function: function, arguments: arguments, result: result)) }
    }
    func violation(_ function: String, _ message: String) {
        violations.withLock { $0.append("\(function): \(message)") }
    }
}

/// Generated closures between a real plugin and a host: forwarding, tracing, and the contract.
@Suite struct InterposerTests {
    private func strategy() throws -> LoadedStrategy {
        let path = try Fixture.folder().appendingPathComponent("caller.so")
        try Fixture.plugin(source: "caller.c").write(to: path)
        return try LoadingTests.registry().strategy(named: path.path)
    }

    /// One run: create, two turns, destroy. Returns the status of the first turn.
    private func run(_ deed: Int64, _ interposer: HostTableInterposer?, trace: Recorder? = nil) throws -> stg_status {
        let tracer = InstanceTracer(trace: trace, interposer: interposer)
        let strategy = try strategy().descriptor.pointee
        let host = interposer?.table ?? KnownHost.table
        var instance: OpaquePointer?
        withCreateInfo(deed) { info in
            #expect(tracer.create(info) { strategy.create(host, info, &instance) } == STG_OK)
        }
        let made = try #require(instance)
        let status = turn(strategy, made, tracer, STG_EVENT_START)
        #expect(turn(strategy, made, tracer, STG_EVENT_RESULTS) == STG_OK)
        tracer.destroy { strategy.destroy(made) }
        return status
    }

    private func withCreateInfo(_ deed: Int64, _ body: (UnsafePointer<stg_create_info>) -> Void) {
        var value = stg_value()
        value.kind = STG_VALUE_INT
        value.i = deed
        withUnsafePointer(to: value) { params in
            let info = stg_create_info(
                struct_size: UInt32(MemoryLayout<stg_create_info>.size), problem_count: 0, problems: nil,
                params: params, param_count: 1, strategy: nil)
            withUnsafePointer(to: info, body)
        }
    }

    private func turn(_ strategy: stg_strategy, _ instance: OpaquePointer, _ tracer: InstanceTracer, _ event: stg_event)
        -> stg_status
    {
        var nodes: [stg_node] = [7, 9]
        let count = event == STG_EVENT_RESULTS ? 1 : 0
        return nodes.withUnsafeMutableBufferPointer { nodes in
            let told = stg_told(
                struct_size: UInt32(MemoryLayout<stg_told>.size), outcome: STG_OUTCOME_TRUNCATED, tag: 5,
                nodes: UnsafePointer(nodes.baseAddress), node_count: 2)
            return withUnsafePointer(to: told) { told in
                let tell = stg_tell(
                    struct_size: UInt32(MemoryLayout<stg_tell>.size), event: event, told: told, told_count: count)
                var out = stg_next()
                return withUnsafePointer(to: tell) { tell in
                    withUnsafeMutablePointer(to: &out) { out in
                        tracer.next(tell, out) { strategy.next(instance, tell, out) }
                    }
                }
            }
        }
    }

    @Test func everyFunctionForwardsAndReturnsTheSame() throws {
        let recorder = Recorder()
        #expect(try run(0, try HostTableInterposer(KnownHost.table, sink: nil)) == STG_OK)
        #expect(try run(0, try HostTableInterposer(KnownHost.table, sink: nil, contract: recorder)) == STG_OK)
        #expect(try run(0, try HostTableInterposer(KnownHost.table, sink: recorder, contract: recorder)) == STG_OK)
        #expect(recorder.violations.withLock { $0 } == [], "what is right is never reported")
    }

    /// Both directions, every function, in order.
    @Test func aTraceHasEveryCall() throws {
        let recorder = Recorder()
        #expect(try run(0, try HostTableInterposer(KnownHost.table, sink: recorder), trace: recorder) == STG_OK)
        let calls = recorder.calls.withLock { $0 }
        let traced = calls.map { "\($0.function)(\($0.arguments)) = \($0.result)" }
        try #require(traced.count == 18)
        #expect(
            traced == [
                "create(params=[0]) = OK",
                "get_node(node=7, out={struct_size 80}) = OK {parent 3, problem 0, depth 0, steps 0, tokens 0, flags finished|scored, "
                    + "log_probability 0.0, score 0.25, text \"step\"}",
                "get_node(node=8, out={struct_size 80}) = NOT_FOUND",
                traced[3], traced[4],  // addresses: below
                "get_budget(out={struct_size 72}) = OK {generations 0 of 16, tokens 0 of unlimited, flops 0.0 of 0.0, seconds 0.0 of 0.0}",
                "random() = 0xfedcba9876543210",
                "has_role(role=\"prm\") = 1",
                "has_role(role=\"policy, but long\") = 0",
                "log(level=warning, text=\"a \\\"quoted\\\" line\") = ",
                "set_error(code=NOT_FOUND, text=\"no such thing\") = ",
                "get_extension(id=\"stratagem.nothing/1\") = NULL",
                traced[12],
                traced[13], traced[14],
                "next(START) = OK ASKS [{tag 5, SAMPLE, role \"policy\", node 7, count 4, steps 1, max_tokens 0, temperature 0.5, top_p 0.0, min_p 0.0}]",
                "next(RESULTS [{tag 5, TRUNCATED, nodes [7, 9]}]) = OK DONE [{node 7, weight 0.5}]",
                "destroy() = ",
            ])
        #expect(traced[3].hasPrefix("step_scores(node=7, out=0x"))
        #expect(traced[3].contains("capacity=2") && traced[3].hasSuffix("= OK [0.0, 0.5] of 3"))
        #expect(traced[4].contains("out=0x0, capacity=0"))
        #expect(
            traced[13].hasPrefix("generations_left(node=7, steps=4096, count=0x") && traced[13].hasSuffix("= OK 12"))
        #expect(
            traced[14].hasPrefix("generations_left(node=8, steps=0, count=0x") && traced[14].hasSuffix("= OK unlimited")
        )
        #expect(traced[12].hasPrefix("get_extension(id=\"stratagem.test/1\") = 0x"))
    }

    @Test(
        arguments: [
            (1, "get_node: out is NULL"), (2, "get_node: out->struct_size is 0; set it to sizeof(stg_node_info), 80"),
            (3, "get_budget: out->struct_size is 8; set it to sizeof(stg_budget), 72"), (4, "get_budget: out is NULL"),
            (5, "step_scores: count is NULL"), (6, "step_scores: out is NULL, but capacity is 4"),
            (7, "log: level is 9; the levels are 0 to 4"), (8, "log: text is not UTF-8"),
            (9, "set_error: code is STG_OK"),
            (10, "set_error: code is 77, which is not an stg_status"), (11, "has_role: role has 3 bytes at NULL"),
            (12, "random: called from outside create, next, save and restore of this instance, or on another thread"),
            (13, "get_budget: out->struct_size is 4294967295"),
            (14, "generations_left: steps is 4097; at most STG_MAX_STEPS, 4096, are taken"),
            (15, "generations_left: count is NULL"),
        ] as [(Int64, String)])
    func aBreachIsReportedAndNotForwarded(deed: Int64, says: String) throws {
        let recorder = Recorder()
        let status = try run(deed, try HostTableInterposer(KnownHost.table, sink: recorder, contract: recorder))
        let violations = recorder.violations.withLock { $0 }
        #expect(violations.count == 1)
        #expect(violations.first?.hasPrefix(says) == true, "\(violations)")
        #expect(recorder.calls.withLock { $0 }.last?.result.hasPrefix("refused: ") == true)
        if deed <= 6 { #expect(status == STG_INVALID_ARGUMENT) }
    }

    @Test func aCallFromDestroyIsABreach() throws {
        let recorder = Recorder()
        _ = try run(20, try HostTableInterposer(KnownHost.table, sink: nil, contract: recorder))
        #expect(recorder.violations.withLock { $0 }.map { $0.prefix(24) } == ["log: called from outside"])
    }

    @Test func aCallAfterTheEndIsABreach() throws {
        let recorder = Recorder()
        var interposer: HostTableInterposer? = try HostTableInterposer(KnownHost.table, sink: nil, contract: recorder)
        let table = try #require(interposer?.table)
        interposer = nil
        #expect(table.pointee.random(table) == 0)
        #expect(
            recorder.violations.withLock { $0 } == [
                "random: called with the host of an instance that has been destroyed"
            ])
    }

    @Test func aForeignHostIsAnswered() throws {
        let interposer = try HostTableInterposer(KnownHost.table, sink: nil)
        var budget = stg_budget()
        #expect(interposer.table.pointee.get_budget(KnownHost.table, &budget) == STG_INVALID_ARGUMENT)
        #expect(interposer.table.pointee.get_budget(nil, &budget) == STG_INVALID_ARGUMENT)
    }

    @Test func aHostThatOverlapsItsCallsIsReported() throws {
        let recorder = Recorder()
        let interposer = try HostTableInterposer(KnownHost.table, sink: nil, contract: recorder)
        let tracer = InstanceTracer(trace: nil, interposer: interposer)
        tracer.destroy { tracer.destroy {} }
        #expect(recorder.violations.withLock { $0 }.first?.contains("the host is at fault") == true)
    }

    /// Instances on many threads, each through its own table, all through the same closures.
    @Test func manyInstancesAtOnce() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let recorder = Recorder()
                    for _ in 0..<50 {
                        let interposer = try HostTableInterposer(KnownHost.table, sink: recorder, contract: recorder)
                        let table = interposer.table
                        interposer.enter("next", mayCallHost: true)
                        #expect(table.pointee.random(table) == UInt64(0xFEDC_BA98_7654_3210))
                        interposer.leave()
                    }
                    #expect(recorder.calls.withLock { $0 }.count == 50)
                    #expect(recorder.violations.withLock { $0 } == [])
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func saveAndRestoreAreTraced() throws {
        let recorder = Recorder()
        let tracer = InstanceTracer(trace: recorder, interposer: nil)
        let strategy = try strategy().descriptor.pointee
        var instance: OpaquePointer?
        withCreateInfo(0) { info in
            #expect(
                tracer.restore(info, state: stg_str(data: nil, size: 3)) {
                    strategy.restore(KnownHost.table, info, stg_str(data: nil, size: 3), &instance)
                } == STG_INVALID_ARGUMENT)
            _ = strategy.create(KnownHost.table, info, &instance)
        }
        let made = try #require(instance)
        var state = stg_str()
        withUnsafeMutablePointer(to: &state) { state in
            #expect(tracer.save(state) { strategy.save(made, state) } == STG_OK)
        }
        strategy.destroy(made)
        #expect(
            recorder.calls.withLock { $0 } == [
                .init(function: "restore", arguments: "params=[0], state=(3 bytes)", result: "INVALID_ARGUMENT"),
                .init(function: "save", arguments: "", result: "OK 8 bytes"),
            ])
    }

    /// The one table of signatures against the header, as the compiler sees it.
    @Test func signaturesOfTheTable() {
        #expect(
            InterposedFunction.all.map { "\($0.name) \($0.signature)" } == [
                "get_node i32(ptr,u64,ptr)", "step_scores i32(ptr,u64,ptr,u64,ptr)", "get_budget i32(ptr,ptr)",
                "random u64(ptr)",
                "has_role i32(ptr,str)", "log void(ptr,i32,str)", "set_error void(ptr,i32,str)",
                "get_extension ptr(ptr,str)",
                "generations_left i32(ptr,u64,i32,ptr)",
            ])
        let pointers = MemoryLayout<stg_host>.size - (MemoryLayout<stg_host>.offset(of: \.get_node) ?? 0)
        #expect(InterposedFunction.all.count * 8 == pointers, "a function of stg_host is not interposed")
    }
}
