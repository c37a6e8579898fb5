import Glibc

/// Memory of weights that nothing has used yet.
///
/// llama.cpp maps a file and makes the system load all of it into the process at once. A bundle has more roles than a
/// run uses, so the mapped pages are released again: they stay in the system's cache, and come back one by one when a
/// model is first used.
enum WeightPages {
    static func release(ofFile path: String) {
        guard let real = realpath(path, nil) else { return }
        defer { free(real) }
        let name = String(cString: real)
        guard let maps = fopen("/proc/self/maps", "re") else { return }
        defer { fclose(maps) }
        var line: UnsafeMutablePointer<CChar>?
        var size = 0
        defer { free(line) }
        while getline(&line, &size, maps) > 0, let text = line.map({ String(cString: $0) }) {
            // START-END PERMISSIONS OFFSET DEVICE INODE   PATH
            let fields = text.split(separator: " ", maxSplits: 5)
            guard fields.count == 6, fields[1].hasPrefix("r--"), fields[5].drop(while: { $0 == " " }) == name + "\n"
            else { continue }
            let ends = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
            guard ends.count == 2, ends[0] < ends[1] else { continue }
            madvise(UnsafeMutableRawPointer(bitPattern: ends[0]), Int(ends[1] - ends[0]), MADV_DONTNEED)
        }
    }
}
