import CStratagem
import Glibc

/// A plugin as the host meets it: a file, opened with `dlopen`, and what its entry returns.
///
/// `swift test` builds every product of the package, so the files lie beside the
/// test binary; nothing links them.
struct PluginImage {
    let path: String
    let block: UnsafePointer<stg_plugin>

    init(_ name: String) throws {
        try self.init(path: Self.folder + "/libstg-\(name).so")
    }

    init(path: String) throws {
        self.path = path
        guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | Int32(0x1000) /* RTLD_NODELETE */) else {
            throw Failure("\(path): \(String(cString: dlerror()))")
        }
        guard let symbol = dlsym(handle, STG_ENTRY_SYMBOL) else { throw Failure("\(path): no entry") }
        let entry = unsafeBitCast(symbol, to: (@convention(c) () -> UnsafePointer<stg_plugin>?).self)
        guard let block = entry() else { throw Failure("\(path): no block") }
        self.block = block
    }

    /// Where the build put the test binary and the plugins.
    static let folder: String = {
        var buffer = [CChar](repeating: 0, count: 4096)
        let size = readlink("/proc/self/exe", &buffer, buffer.count)
        let path = String(decoding: buffer.prefix(max(0, size)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])
    }()

    var strategy: UnsafePointer<stg_strategy> { block.pointee.strategies[0]! }

    func function(_ hook: String, _ name: String) throws -> stg_function {
        for index in 0..<block.pointee.function_count {
            let function = block.pointee.functions[index]!.pointee
            if string(function.hook) == hook, string(function.name) == name { return function }
        }
        throw Failure("no function \(hook) \(name)")
    }
}

struct Failure: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

func string(_ text: stg_str) -> String {
    guard let data = text.data else { return "" }
    return String(decoding: UnsafeRawBufferPointer(start: data, count: text.size), as: UTF8.self)
}
