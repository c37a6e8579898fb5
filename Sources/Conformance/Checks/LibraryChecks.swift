import CStratagem
import StrategyHost

/// The file, before and while it is loaded.
let libraryChecks: [Check] = [
    Check(
        "library-loads", .library, level: 1,
        proves: "The shared object can be opened.",
        clause: "A plugin is one shared object"
    ) { context throws(CheckStop) in
        // The dynamic loader takes a file that was cut short, and dies of it later.
        if let why = PluginFile.refusal(context.path) {
            throw context.fail("a whole shared object for this machine", "the file \(why)")
        }
        do throws(OpenedLibrary.Problem) { _ = try OpenedLibrary.open(context.path) } catch {
            switch error {
            case .unloadable(let why): throw context.fail("dlopen opens it", why)
            }
        }
    },
    Check(
        "library-binds-now", .library, level: 1,
        proves: "Every function that it calls is there: it can be opened with RTLD_NOW, as the host does.",
        clause: "A plugin is one shared object"
    ) { context throws(CheckStop) in
        if let why = try context.library().bindingProblem { throw context.fail("dlopen with RTLD_NOW opens it", why) }
    },
    Check(
        "entry-exported", .library, level: 1,
        proves: "It exports the function stg_plugin_entry.",
        clause: "exports one function, stg_plugin_entry"
    ) { context throws(CheckStop) in
        if try context.library().entry == nil {
            throw context.fail("dlsym finds \(STG_ENTRY_SYMBOL)", "there is no such symbol")
        }
    },
    Check(
        "entry-block", .library, level: 1,
        proves: "stg_plugin_entry returns a block, aligned as it must be.",
        clause: "stg_plugin_entry: Always the same block"
    ) { context throws(CheckStop) in
        let block = try entryBlock(context)
        guard let block else { throw context.fail("a pointer to the plugin's block", "stg_plugin_entry returned NULL") }
        if UInt(bitPattern: block) % 8 != 0 {
            throw context.fail("a pointer aligned to 8 bytes", "stg_plugin_entry returned \(block)")
        }
    },
    blockCheck("entry-magic", proves: "The block begins with STG_MAGIC.", clause: "uint64_t magic; STG_MAGIC") {
        block in
        let magic = block.pointee.magic
        return magic == PluginView.magic
            ? nil
            : ("magic is 0x\(String(PluginView.magic, radix: 16))", "it is 0x\(String(magic, radix: 16))")
    },
    blockCheck(
        "entry-abi-major", proves: "It was built for this ABI's major version.",
        clause: "Versions. ABI 1.1. Same major only"
    ) { block in
        guard block.pointee.magic == PluginView.magic else { return nil }
        let major = Int32(block.pointee.abi_major)
        return major == STG_ABI_MAJOR ? nil : ("abi_major is STG_ABI_MAJOR, \(STG_ABI_MAJOR)", "it is \(major)")
    },
    blockCheck("entry-size", proves: "The block gives its size, and is large enough for 1.0.", clause: "Struct sizes") {
        block in
        guard block.pointee.magic == PluginView.magic, Int32(block.pointee.abi_major) == STG_ABI_MAJOR else {
            return nil
        }
        let size = Int(block.pointee.struct_size), needed = MemoryLayout<stg_plugin>.size
        return size >= needed && size <= 65536 ? nil : ("struct_size is sizeof(stg_plugin), \(needed)", "it is \(size)")
    },
    Check(
        "entry-constant", .library, level: 2,
        proves: "Every call of stg_plugin_entry returns the same block.",
        clause: "stg_plugin_entry: Always the same block"
    ) { context throws(CheckStop) in
        let first = try context.view().block
        for _ in 0..<3 {
            let again = try entryBlock(context)
            if again != first {
                throw context.fail(
                    "the same pointer every time", "first \(first), then \(again.map { "\($0)" } ?? "NULL")")
            }
        }
    },
    Check(
        "library-exports", .library, level: 2,
        proves: "It exports nothing but stg_plugin_entry, so it can clash with nothing.",
        clause: "The one symbol that a plugin exports"
    ) { context throws(CheckStop) in
        guard let file = ELFView(path: context.path) else { throw .skip("its symbol table cannot be read") }
        let others = file.exports.filter { $0 != STG_ENTRY_SYMBOL }
        if !others.isEmpty {
            throw context.fail(
                "one exported symbol, stg_plugin_entry",
                "it also exports \(others.sorted().prefix(5).joined(separator: ", "))\(others.count > 5 ? " and \(others.count - 5) more" : "")"
            )
        }
    },
    Check(
        "library-stack", .library, level: 2,
        proves: "Loading it does not make the process's stacks executable.",
        clause: "stg_plugin_entry: nothing of the process changes"
    ) { context throws(CheckStop) in
        guard let file = ELFView(path: context.path) else { throw .skip("its segments cannot be read") }
        if file.stackIsExecutable {
            throw context.fail(
                "PT_GNU_STACK without the X flag", "it asks for an executable stack (link with -z noexecstack)")
        }
    },
    Check(
        "library-needs", .library, level: 2,
        proves: "It needs no library but run-time libraries of languages: it is one file.",
        clause: "A plugin is one shared object"
    ) { context throws(CheckStop) in
        guard let file = ELFView(path: context.path) else { throw .skip("its dynamic section cannot be read") }
        let others = file.needs.filter { name in !systemLibraries.contains { name.hasPrefix($0) } }
        let strangers = others.filter { name in !languageLibraries.contains { name.hasPrefix($0) } }
        if !strangers.isEmpty {
            throw context.fail(
                "only the system's runtimes", "it needs \(strangers.joined(separator: ", ")): link that into it")
        }
        if !others.isEmpty {
            throw context.warn(
                "only the system's runtimes",
                "it needs \(others.joined(separator: ", ")), its language's run-time library: it loads only where that "
                    + "is installed. Say so to its users, or link it in if your compiler can")
        }
    },
    Check(
        "load-time", .library, level: 2, .warn,
        proves: "Loading it takes less than a quarter of a second.",
        clause: "stg_plugin_entry: It must do nothing but return it"
    ) { context throws(CheckStop) in
        let start = monotonicSeconds()
        _ = try context.view()
        let seconds = monotonicSeconds() - start
        if seconds > 0.25 { throw context.fail("loaded within 0.25 s", "it took \(milliseconds(seconds)) ms") }
    },
]

/// Names that NEEDED entries may begin with.
private let systemLibraries = [
    "libc.so", "libm.so", "libpthread.so", "libdl.so", "librt.so", "libgcc_s.so", "libstdc++.so", "libc++.so",
    "libc++abi.so", "ld-linux",
    "libswift", "lib_Internal", "libBlocksRuntime", "libdispatch", "libFoundation", "lib_Foundation",
]

/// Those of compilers that often cannot link them in.
private let languageLibraries = [
    "libgfortran", "libquadmath", "libflang", "libgnat", "libgnarl", "libHS", "libgphobos", "libgdruntime",
    "libphobos2", "libdruntime", "libgo.so", "libobjc", "libgmp.so", "libffi.so", "libpython3", "libatomic.so",
    "libgomp.so",
    "libasmrun", "libcamlrun",
]

func milliseconds(_ seconds: Double) -> String { "\((seconds * 10000).rounded() / 10)" }

func entryBlock(_ context: CheckContext) throws(CheckStop) -> UnsafePointer<stg_plugin>? {
    guard let entry = try context.library().entry else { throw .skip("it has no \(STG_ENTRY_SYMBOL) (entry-exported)") }
    return entry()
}

private func blockCheck(
    _ name: String, proves: String, clause: String,
    _ judge: @escaping @Sendable (UnsafePointer<stg_plugin>) -> (String, String)?
) -> Check {
    Check(name, .library, level: 1, proves: proves, clause: clause) { context throws(CheckStop) in
        guard let block = try entryBlock(context) else { throw .skip("stg_plugin_entry returned NULL (entry-block)") }
        if let (expected, happened) = judge(block) { throw context.fail(expected, happened) }
    }
}
