import CConformance
import Glibc

/// What a plugin must leave as it found it, of the process that it lives in.
struct ProcessState {
    var threads: Set<String>
    var files: [String: OpenFile]
    var signals: [Int32: UInt]
    var environment: [String]
    var locale: String
    var directory: String
    var umask: mode_t
    var rounding: UInt32
    /// The thread's signal mask, the process's limits.
    var settings: [String: [UInt64]]
    /// What the C library draws next. Each look sets it back, so that the next one knows what to expect.
    var chance: [Int]

    /// What a descriptor is open on. The name is for people: that of a file which
    /// somebody else deletes meanwhile changes, and is still the same file.
    struct OpenFile {
        var name: String
        var device: dev_t
        var inode: ino_t

        func isSame(as other: OpenFile?) -> Bool { other.map { $0.device == device && $0.inode == inode } ?? false }
    }

    static func now() -> ProcessState {
        let mask = Glibc.umask(0)
        _ = Glibc.umask(mask)
        return ProcessState(
            threads: Set(names(Sandbox.tasks)), files: openFiles(), signals: handlers(), environment: variables(),
            locale: setlocale(LC_ALL, nil).map { String(cString: $0) } ?? "", directory: currentDirectory(),
            umask: mask,
            rounding: kit_rounding(), settings: ["signal mask": signalMask(), "limits": limits()], chance: chance())
    }

    private static func names(_ stream: OpaquePointer?) -> [String] {
        guard let stream else { return [] }
        rewinddir(stream)
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }

    private static func openFiles() -> [String: OpenFile] {
        var files: [String: OpenFile] = [:]
        guard let folder = Sandbox.descriptors else { return [:] }
        for name in names(folder) {
            var buffer = [UInt8](repeating: 0, count: 512)
            let count = buffer.withUnsafeMutableBytes { raw in
                raw.baseAddress.map {
                    readlinkat(dirfd(folder), name, $0.assumingMemoryBound(to: CChar.self), raw.count)
                } ?? -1
            }
            var status = stat()
            // The folder's own descriptor is gone again by now.
            guard count > 0, let descriptor = Int32(name), fstat(descriptor, &status) == 0 else { continue }
            files[name] = OpenFile(
                name: String(decoding: buffer.prefix(count), as: UTF8.self), device: status.st_dev, inode: status.st_ino
            )
        }
        return files
    }

    /// Whether all that was opened is a new pipe or an object of the kernel's, by which a runtime's threads wake
    /// each other.
    func hasOnlyNamelessFiles(since before: ProcessState) -> Bool {
        files.filter { !$0.value.isSame(as: before.files[$0.key]) }.allSatisfy { _, file in
            file.name.hasPrefix("anon_inode:")
                || file.name.hasPrefix("pipe:") && !before.files.contains { $0.value.isSame(as: file) }
        }
    }

    private static func handlers() -> [Int32: UInt] {
        var handlers: [Int32: UInt] = [:]
        for number in Int32(1)...31 {
            var action = sigaction()
            guard sigaction(number, nil, &action) == 0 else { continue }
            handlers[number] = unsafeBitCast(action.__sigaction_handler.sa_handler, to: UInt.self)
        }
        return handlers
    }

    private static func signalMask() -> [UInt64] {
        var mask = sigset_t()
        pthread_sigmask(SIG_BLOCK, nil, &mask)
        return (Int32(1)...64).map { UInt64(sigismember(&mask, $0)) }
    }

    private static func limits() -> [UInt64] {
        (Int32(0)..<16).flatMap { resource -> [UInt64] in
            var limits = rlimit()
            guard getrlimit(__rlimit_resource_t(UInt32(resource)), &limits) == 0 else { return [] }
            return [UInt64(limits.rlim_cur), UInt64(limits.rlim_max)]
        }
    }

    private static func chance() -> [Int] {
        let drawn = [random(), lrand48()]
        srandom(4711)
        srand48(4711)
        return drawn
    }

    private static let expectedChance: [Int] = {
        _ = chance()
        return chance()
    }()

    private static func variables() -> [String] {
        var found: [String] = []
        // Not `environ` itself: after clearenv it is NULL, which Swift thinks it cannot be.
        while let entry = kit_variable(found.count) { found.append(String(cString: entry)) }
        return found.sorted()
    }

    private static func currentDirectory() -> String {
        guard let path = getcwd(nil, 0) else { return "" }
        defer { free(path) }
        return String(cString: path)
    }

    enum Aspect: Sendable { case threads, files, signals, environment, locale, directory, rounding, settings }

    /// What has changed since `before`, in words; nil if nothing has.
    func change(of aspect: Aspect, since before: ProcessState) -> String? {
        switch aspect {
        case .threads:
            let new = threads.subtracting(before.threads)
            return new.isEmpty ? nil : "it has \(new.count) more threads than before"
        case .files:
            let new = files.filter { !$0.value.isSame(as: before.files[$0.key]) }
            return new.isEmpty
                ? nil
                : "file descriptor \(new.map { "\($0.key) (\($0.value.name))" }.sorted().joined(separator: ", ")) was left open"
        case .signals:
            let changed = signals.filter { before.signals[$0.key] != $0.value }.keys.sorted()
            return changed.isEmpty
                ? nil : "it has another handler for \(changed.map(signalName).joined(separator: ", "))"
        case .environment:
            return environment == before.environment
                ? nil
                : "the environment differs: \(Set(environment).symmetricDifference(before.environment).sorted().joined(separator: ", "))"
        case .locale: return locale == before.locale ? nil : "the locale is \(locale), it was \(before.locale)"
        case .directory:
            if directory != before.directory {
                return "the working directory is \(directory), it was \(before.directory)"
            }
            return umask == before.umask
                ? nil : "the umask is \(String(umask, radix: 8)), it was \(String(before.umask, radix: 8))"
        case .settings:
            if chance != Self.expectedChance {
                return "somebody drew from, or seeded, the C library's random numbers, which all in the process share"
            }
            let changed = settings.filter { before.settings[$0.key] != $0.value }.keys.sorted()
            return changed.isEmpty ? nil : "it has another \(changed.joined(separator: ", "))"
        case .rounding:
            return rounding == before.rounding
                ? nil
                : "the processor's control of rounding and tiny numbers is 0x\(String(rounding, radix: 16)), it was 0x\(String(before.rounding, radix: 16)): was it built with -ffast-math?"
        }
    }
}
