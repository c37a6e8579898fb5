import CStratagem
import Foundation
import Testing

/// The files themselves: what they show, what they need, what they say of themselves.
@Suite struct ImageTests {
    static let names = [
        "greedy", "majority", "best-of-n", "beam-search", "lookahead", "self-certainty", "confidence-filter",
        "math-answers",
    ]
    /// Written as one function each, so they cannot be saved.
    static let sequential =
        ["revise", "revise-parallel", "revise-search", "compute-optimal"] + EveryStrategyTests.byStep

    @Test(arguments: names + sequential) func exportsTheEntryAndNothingElse(_ name: String) throws {
        let file = try ELFFile(path: PluginImage(name).path)
        #expect(try file.exports() == ["stg_plugin_entry"])
    }

    @Test(arguments: names + sequential) func needsNothingButSwiftAndC(_ name: String) throws {
        let file = try ELFFile(path: PluginImage(name).path)
        let allowed = ["libc.so", "libm.so", "libswift", "libgcc_s", "ld-linux", "libclang_rt", "libasan", "libtsan"]
        let needed = try file.needed()
        #expect(needed.allSatisfy { library in allowed.contains { library.hasPrefix($0) } }, "\(needed)")
        #expect(try file.isNeverUnloaded())
        #expect(!file.hasExecutableStack)
    }

    @Test(arguments: names + sequential) func entryIsConstant(_ name: String) throws {
        let (first, second) = (try PluginImage(name), try PluginImage(name))
        #expect(first.block == second.block)
        #expect(first.block.pointee.magic == 0x3147_4154_5254_530A)
        #expect(first.block.pointee.struct_size == UInt32(MemoryLayout<stg_plugin>.size))
        #expect(first.block.pointee.abi_major == 1 && first.block.pointee.abi_minor == 1)
        #expect(string(first.block.pointee.name) == name)
    }

    @Test(arguments: names.dropLast() + sequential) func descriptor(_ name: String) throws {
        let strategy = try PluginImage(name).strategy.pointee
        #expect(string(strategy.id) == "org.stratagem.\(name)")
        #expect(string(strategy.name) == name)
        #expect(!string(strategy.summary).isEmpty && string(strategy.version) == "1.0.0")
        #expect(
            (strategy.save != nil) == !Self.sequential.contains(name)
                && (strategy.save == nil) == (strategy.restore == nil))
        for index in 0..<strategy.param_count {
            let row = strategy.params[index]
            #expect(string(row.id).wholeMatch(of: /[a-z][a-z0-9_]*/) != nil)
            #expect(!string(row.help).isEmpty)
            #expect((row.fallback.kind == STG_VALUE_NONE) == (row.fallback_text.size > 0))
            if row.kind == STG_PARAM_INT || row.kind == STG_PARAM_FLOAT { #expect(row.min < row.max) }
            if row.fallback.kind == STG_VALUE_INT {
                #expect(Double(row.fallback.i) >= row.min && Double(row.fallback.i) <= row.max)
            }
            if row.fallback.kind == STG_VALUE_FLOAT { #expect(row.fallback.f >= row.min && row.fallback.f <= row.max) }
        }
    }

    /// The C plugin says of `n`, `temperature` and the rest what the Swift ones say.
    @Test func sharedParametersAreTheSameEverywhere() throws {
        var known: [String: String] = [:]
        for name in Self.names.dropLast() {
            let strategy = try PluginImage(name).strategy.pointee
            for index in 0..<strategy.param_count {
                let row = strategy.params[index]
                let id = string(row.id)
                if id == "beam_width" { continue }
                let shown =
                    "\(row.kind) \(string(row.help)) \(row.fallback.kind) \(row.fallback.i) \(row.fallback.f) \(string(row.fallback.s)) "
                    + "\(string(row.fallback_text)) \(row.min) \(row.max)"
                #expect(known[id, default: shown] == shown, "\(id) of \(name)")
                known[id] = shown
            }
        }
        #expect(known.count == 13)
    }

    /// `create` refuses a table that is not a host's.
    @Test(arguments: names.dropLast() + sequential) func createChecksItsArguments(_ name: String) throws {
        guard name != "majority" else { return }  // C: trusts its host, as the contract lets it
        let strategy = try PluginImage(name).strategy.pointee
        var out: OpaquePointer?
        var info = stg_create_info()
        #expect(strategy.create(nil, &info, &out) == STG_INVALID_ARGUMENT)
        let host = FakeHost(Tree(options: [:]))
        #expect(strategy.create(host.table, &info, &out) == STG_INVALID_ARGUMENT)
        #expect(out == nil)
    }

    /// A C compiler and the header are all that a plugin needs.
    @Test(arguments: ["majority", "math-answers"])
    func plainC(_ name: String) throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let output = FileManager.default.temporaryDirectory.appendingPathComponent("stg-\(UUID().uuidString).so")
        defer { try? FileManager.default.removeItem(at: output) }
        let compiler = Process()
        compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        compiler.arguments = [
            "cc", "-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror", "-shared", "-fPIC", "-fvisibility=hidden",
            "-I", root.appendingPathComponent("Sources/CStratagem/include").path,
            "-o", output.path,
        ]
        let folder = root.appendingPathComponent("Plugins/\(name)").path
        compiler.arguments? += try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".c") }
            .map { "\(folder)/\($0)" }
        try compiler.run()
        compiler.waitUntilExit()
        #expect(compiler.terminationStatus == 0)
        let image = try PluginImage(path: output.path)
        #expect(string(image.block.pointee.version) == "1.0.0")
        let file = try ELFFile(path: output.path)
        #expect(try file.exports() == ["stg_plugin_entry"])
        #expect(try file.needed().allSatisfy { $0.hasPrefix("libc.so") })
    }
}
