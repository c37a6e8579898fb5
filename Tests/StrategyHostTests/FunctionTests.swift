import Foundation
import SearchCore
@testable import StrategyHost
import Testing

/// A plugin's plain functions, called through libffi.
@Suite struct FunctionTests {
    private func registry() throws -> PluginRegistry {
        let folder = try Fixture.folder()
        try Fixture.install(in: folder)
        return try LoadingTests.registry(folder)
    }

    @Test func answersAreExtracted() throws {
        guard case .extractAnswer(let extract) = try registry().function(.extractAnswer, named: "after-equals") else {
            Issue.record("not an extractor")
            return
        }
        #expect(extract(Array("3 + 4 = 7".utf8)) == "7")
        #expect(extract(Array("a = é".utf8)) == "é")
        #expect(extract(Array("x = ".utf8)) == "")
        #expect(extract(Array("no answer".utf8)) == nil)
        #expect(extract([]) == nil)
        #expect(extract(Array("= ".utf8) + [0xFF]) == nil, "not UTF-8")
        #expect(extract(Array("= ".utf8) + [UInt8](repeating: 0x31, count: 70_000)) == nil, "longer than any answer")
    }

    @Test func answersAreCompared() throws {
        guard case .answersEqual(let equal) = try registry().function(.answersEqual, named: "caseless") else {
            Issue.record("not an equality")
            return
        }
        #expect(equal("Yes", "yes"))
        #expect(equal("", ""))
        #expect(!equal("yes", "no"))
        #expect(!equal("yes", "yes "))
    }

    @Test func answersGetTheirForm() throws {
        guard case .canonicalAnswer(let form) = try registry().function(.canonicalAnswer, named: "spaceless") else {
            Issue.record("not a canonical form")
            return
        }
        #expect(form(" Four  ty") == "fourty")
        #expect(form("é") == "é")
        #expect(form("long") == String(repeating: "l", count: 4000), "called again with the room that it needs")
        #expect(form("?") == nil, "there is none")
        #expect(form(" ") == nil && form("") == nil, "no bytes")
        #expect(form("!") == nil, "a form of a megabyte")
    }

    @Test func stepsAreAggregated() throws {
        guard case .aggregateSteps(let smallest) = try registry().function(.aggregateSteps, named: "min") else {
            Issue.record("not an aggregator")
            return
        }
        #expect(smallest([0.9, 0.25, 0.5]) == 0.25)
        #expect(smallest([1]) == 1)
        #expect(smallest([]) == 0, "no steps: not called")
        #expect(smallest([7]) == 1, "clamped")
        #expect(smallest([-7]) == 0, "clamped")
        #expect(smallest([.nan]) == 0)
    }

    @Test func programsVerify() throws {
        guard case .verify(let verify) = try registry().functions(hook: "stratagem.verify/1", name: "repeats") else {
            Issue.record("not a verifier")
            return
        }
        #expect(verify(problem: Array("abcd".utf8), text: Array("abxx".utf8)) == 0.5)
        #expect(verify(problem: [], text: []).isNaN, "no verdict")
    }

    @Test func unknownFunctionsAreRefusedWithWhatThereIs() throws {
        let registry = try registry()
        let error = #expect(throws: StratagemError.self) {
            try registry.functions(hook: "stratagem.aggregate_steps/1", name: "mni")
        }
        #expect(error?.code == .unknownFunction)
        #expect(error?.message.contains("did you mean \"min\"?") == true)
        let hook = #expect(throws: StratagemError.self) {
            try registry.functions(hook: "stratagem.verify", name: "repeats")
        }
        #expect(hook?.code == .unknownHook)
        #expect(hook?.message.contains("did you mean \"stratagem.verify/1\"?") == true)
    }

    @Test func manyThreadsAtOnce() async throws {
        guard case .aggregateSteps(let smallest) = try registry().function(.aggregateSteps, named: "min") else {
            return
        }
        await withTaskGroup(of: Bool.self) { group in
            for task in 1...8 {
                group.addTask {
                    (0..<2000).allSatisfy { smallest([1, 1 / Double(task + $0)]) == 1 / Double(task + $0) }
                }
            }
            for await isRight in group { #expect(isRight) }
        }
    }

    // MARK: - Signatures

    @Test func everyHooksSignatureIsOneOfLibffis() {
        for hook in Hook.allCases { #expect(FFISignature.named(hook.signature) != nil, "\(hook)") }
    }

    @Test func aSignatureIsMadeOnce() {
        #expect(FFISignature.named("f64(ptr,u64)") === FFISignature.named("f64(ptr,u64)"))
        #expect(FFISignature.named("void()")?.arguments == [])
        #expect(FFISignature.named("u64(ptr,str,i32,i64,f64)")?.arguments == [.ptr, .str, .i32, .i64, .f64])
    }

    @Test(arguments: [
        "", "f64", "f64(", "f64)", "(ptr)", "f32(ptr)", "f64(ptr,)", "f64(,ptr)", "f64(void)", "f64 (ptr)", "f64(ptr) ",
    ])
    func malformedSignatures(text: String) {
        #expect(FFISignature.named(text) == nil)
    }
}
