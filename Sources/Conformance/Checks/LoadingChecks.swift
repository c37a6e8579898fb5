import CConformance
import CStratagem
import Glibc
import SearchCore

/// What loading leaves behind, and what the loaded block answers.
let loadingChecks: [Check] = [
    loadCheck(
        "load-threads", .threads, "starts no thread",
        means: "a runtime that does so stays in every process that only lists its plugins, and no such process can fork"
    ),
    Check(
        "load-files", .library, level: 3, proves: "Loading it opens no file that stays open.",
        clause: "stg_plugin_entry: no thread, file or global state of the process changes"
    ) { context throws(CheckStop) in
        let before = ProcessState.now()
        _ = try context.view()
        let after = ProcessState.now()
        guard let change = after.change(of: .files, since: before) else { return }
        if after.hasOnlyNamelessFiles(since: before) {
            throw context.warn(
                "loading it opens no file that stays open",
                change + ": a runtime's, which stay in every process that only lists its plugins")
        }
        throw context.fail("loading it opens no file that stays open", change)
    },
    loadCheck(
        "load-signals", .signals, "installs no signal handler",
        means: "a fault of anybody's in this process is now answered by the plugin's runtime"),
    loadCheck("load-environment", .environment, "changes no environment variable"),
    loadCheck("load-locale", .locale, "does not change the locale"),
    loadCheck("load-directory", .directory, "changes neither the working directory nor the umask"),
    loadCheck("load-rounding", .rounding, "changes neither how the processor rounds nor what it makes of tiny numbers"),
    loadCheck(
        "load-settings", .settings, "changes no signal mask, limit or sequence of the C library's random numbers",
        means: "all in the process share them"),
    Check(
        "load-silent", .library, level: 3,
        proves: "Loading it prints nothing.",
        clause: "stg_plugin_entry: It must do nothing but return it"
    ) { context throws(CheckStop) in
        let printed = try Capture.run { () throws(CheckStop) in _ = try context.view() }
        if !printed.isEmpty { throw context.fail("nothing is printed", "it printed \(quoted(printed))") }
    },
    Check(
        "block-constant", .library, level: 3,
        proves: "Nothing in the plugin's block changes while its strategies work.",
        clause: "What the plugin block points to stays valid for the life of the process; constant"
    ) { context throws(CheckStop) in
        let view = try context.view()
        let before = blockDigest(view)
        for strategy in try context.strategies() { _ = try context.search(strategy, context.standard) }
        if blockDigest(view) != before {
            throw context.fail("the block and its descriptors stay as they were", "they changed during a search")
        }
    },
    Check(
        "extension-unknown", .library, level: 3,
        proves: "get_extension returns NULL for ids that it does not know.",
        clause: "get_extension: or NULL for one it does not know"
    ) { context throws(CheckStop) in
        guard let get = try context.view().block.pointee.get_extension else { throw .skip("it has no get_extension") }
        let known = ExtensionIDs.known(context.path, get)
        let others = known.flatMap { [$0 + "0", String($0.dropLast()), $0.uppercased()] }
        for id in ["org.example.nothing/1", "stratagem.confidence/999", "", "x"] + others where !known.contains(id) {
            var id = id
            let found = id.withUTF8 { utf8 in
                utf8.withMemoryRebound(to: CChar.self) { get(stg_str(data: $0.baseAddress, size: $0.count)) }
            }
            if found != nil {
                throw context.fail("NULL for the extension \(quoted(Array(id.utf8)))", "it returned a pointer")
            }
        }
    },
    Check(
        "extension-id-bounds", .library, level: 3,
        proves: "get_extension reads no byte after the id.",
        clause: "Text. pointer and length, never NUL-terminated"
    ) { context throws(CheckStop) in
        guard let get = try context.view().block.pointee.get_extension else { throw .skip("it has no get_extension") }
        for id in ["org.example.nothing/1", "stratagem.confidence/1", "s"] {
            let pages = Pages(count: id.utf8.count, label: "an extension's id", atEnd: true)
            pages.start.copyMemory(from: Array(id.utf8), byteCount: id.utf8.count)
            _ = get(stg_str(data: UnsafePointer(pages.start.assumingMemoryBound(to: CChar.self)), size: id.utf8.count))
        }
        for id in ExtensionIDs.named(context.path) {
            let places = ExtensionIDs.Ending.allCases.map { ExtensionIDs.table(id, $0, get) }
            if Set(places).count > 1 {
                throw context.fail(
                    "the same table for \(quoted(Array(id.utf8))), whatever stands behind the id",
                    "with a NUL behind it \(places[0] == nil ? "NULL" : "a table"), with another byte "
                        + "\(places[1] == nil ? "NULL" : "a table")")
            }
        }
    },
    Check(
        "two-copies", .library, level: 6,
        proves: "Two copies of it in one process, as after a reload, work side by side and ask for the same.",
        clause: "no global state of the process changes"
    ) { context throws(CheckStop) in
        let originals = try context.strategies()
        var alone: [SearchRecord] = []
        for original in originals { alone.append(try context.search(original, context.standard)) }
        let copy = try CopiedLibrary.view(of: Sandbox.copies.first)
        for ((original, first), twin) in zip(zip(originals, alone), copy.strategies) where twin.isUsable {
            let second = context.searchOrRefusal(twin, context.standard)
            if first.turns != second.turns {
                throw context.fail(
                    "the second copy asks for what the first one asks for",
                    "it does not: \(second.endingText), the first \(first.endingText)", original)
            }
            let third = context.searchOrRefusal(original, context.standard)
            if first.turns != third.turns {
                throw context.fail("the first copy goes on as before", "loading the second changed it", original)
            }
        }
    },
]

private func loadCheck(
    _ name: String, _ aspect: ProcessState.Aspect, _ what: String, means: String? = nil
) -> Check {
    Check(
        name, .library, level: 3, proves: "Loading it \(what).",
        clause: "stg_plugin_entry: no thread, file or global state of the process changes"
    ) { context throws(CheckStop) in
        let before = ProcessState.now()
        _ = try context.library()
        let opened = ProcessState.now()
        _ = try context.view()
        if let change = ProcessState.now().change(of: aspect, since: opened) {
            throw context.fail("stg_plugin_entry \(what)", change)
        }
        guard let change = opened.change(of: aspect, since: before) else { return }
        // What a language's runtime does when it is loaded its authors cannot help.
        guard let means else { throw context.fail("loading it \(what)", change) }
        throw context.warn("loading it \(what)", "\(change): \(means)")
    }
}

/// Of the plugin's struct, the strategies' and the parameters', bytes and texts.
private func blockDigest(_ view: PluginView) -> UInt64 {
    var hash = StableHash()
    func add(_ start: UnsafeRawPointer, _ count: Int) {
        hash.combine(Array(UnsafeRawBufferPointer(start: start, count: count)))
    }
    func add(_ text: stg_str) { hash.combine(bytes(text) ?? []) }
    add(view.block, MemoryLayout<stg_plugin>.size)
    add(view.block.pointee.name)
    for strategy in view.strategies {
        add(strategy.raw, min(Int(strategy.raw.pointee.struct_size), MemoryLayout<stg_strategy>.size))
        add(strategy.raw.pointee.name)
        add(strategy.raw.pointee.summary)
        if let first = strategy.raw.pointee.params { add(first, strategy.paramCount * strategy.paramStride) }
        for param in strategy.params {
            guard let choices = param.choices, (1...1024).contains(param.choice_count) else { continue }
            for index in 0..<param.choice_count { add(choices[index]) }
        }
        for role in strategy.roles {
            withUnsafeBytes(of: role) { hash.combine(Array($0)) }
            add(role.name)
        }
    }
    for function in view.functions {
        add(function, min(Int(function.pointee.struct_size), MemoryLayout<stg_function>.size))
    }
    return hash.value
}

/// Standard output and error while something runs.
enum Capture {
    static func run(_ body: () throws(CheckStop) -> Void) throws(CheckStop) -> [UInt8] {
        var ends: [Int32] = [0, 0]
        guard kit_pipe(&ends, 1) == 0 else { throw .skip("no pipe can be made") }
        kit_flush()
        let saved = (dup(1), dup(2))
        dup2(ends[1], 1)
        dup2(ends[1], 2)
        defer {
            close(ends[0])
            close(ends[1])
        }
        func back() {
            kit_flush()
            dup2(saved.0, 1)
            dup2(saved.1, 2)
            close(saved.0)
            close(saved.1)
        }
        do throws(CheckStop) { try body() } catch {
            back()
            throw error
        }
        back()
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(ends[0], &buffer, buffer.count)
        return Array(buffer.prefix(max(0, count)))
    }
}

/// The same bytes under another path: for the loader, another library.
enum CopiedLibrary {
    static func view(of descriptor: Int32?) throws(CheckStop) -> PluginView {
        guard let descriptor else { throw .skip("the file could not be copied to memory") }
        guard let handle = dlopen("/proc/self/fd/\(descriptor)", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE),
            let symbol = dlsym(handle, STG_ENTRY_SYMBOL),
            let block = unsafeBitCast(symbol, to: stg_plugin_entry_fn.self)()
        else { throw .skip("the copy cannot be loaded: \(dlerror().map { String(cString: $0) } ?? "")") }
        return PluginView(block: block)
    }
}
