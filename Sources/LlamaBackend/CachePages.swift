import CLlama
import Glibc

/// The addresses of a context's cache, so that cells which nobody needs can be returned to the system. llama.cpp
/// reserves a cache as a whole and has no call for that. Without it, the memory that a sequence has once filled would
/// be kept forever, for every sequence of every role.
///
/// The tensors are found when the first decode call uses them.
final class CachePages {
    /// Keys or values of one layer: the cells of all streams, one stream after the other.
    private struct Region {
        var start: UnsafeMutableRawPointer
        var cellBytes: Int
        var streamBytes: Int
        var cells: Int
        var streams: Int
    }

    private var regions: [UnsafeMutableRawPointer: Region] = [:]
    private var isLooking = true
    private static let pageBytes = sysconf(Int32(_SC_PAGESIZE))

    /// llama.cpp's `cb_eval`: it is shown every operation, and does not ask for any to be computed separately.
    static let callback: @convention(c) (UnsafeMutablePointer<ggml_tensor>?, Bool, UnsafeMutableRawPointer?) -> Bool = {
        tensor, _, data in
        if let tensor, let data { Unmanaged<CachePages>.fromOpaque(data).takeUnretainedValue().look(at: tensor) }
        return false
    }

    /// The first call has ended: all tensors have been seen.
    func endLooking() { isLooking = false }

    private func look(at tensor: UnsafeMutablePointer<ggml_tensor>) {
        guard isLooking else { return }
        withUnsafeBytes(of: tensor.pointee.src) { raw in
            for source in raw.bindMemory(to: UnsafeMutablePointer<ggml_tensor>?.self) {
                guard let source else { continue }
                add(source.pointee.view_src ?? source)
            }
        }
    }

    private func add(_ tensor: UnsafeMutablePointer<ggml_tensor>) {
        guard let start = tensor.pointee.data, regions[start] == nil else { return }
        let isCache = withUnsafeBytes(of: tensor.pointee.name) { name in
            ["cache_k_l", "cache_v_l"].contains { name.starts(with: $0.utf8) }
        }
        guard isCache else { return }
        let (extent, stride) = (tensor.pointee.ne, tensor.pointee.nb)
        // Within a stream the cells must follow one another, which is not so where values are stored transposed.
        guard extent.3 == 1, Int(stride.2) == Int(stride.1) * Int(extent.1) else { return }
        regions[start] = Region(
            start: start, cellBytes: Int(stride.1), streamBytes: Int(stride.2), cells: Int(extent.1),
            streams: Int(extent.2))
    }

    /// The bytes of its pages that are in memory now: for tests, and to see how much memory a cache uses.
    var residentBytes: Int {
        regions.values.reduce(0) { sum, region in
            let page = UInt(Self.pageBytes)
            let begin = UInt(bitPattern: region.start) / page * page
            let pages = Int(
                (UInt(bitPattern: region.start) + UInt(region.streamBytes * region.streams) - begin + page - 1) / page)
            var flags = [UInt8](repeating: 0, count: pages)
            guard mincore(UnsafeMutableRawPointer(bitPattern: begin), pages * Self.pageBytes, &flags) == 0 else {
                return sum
            }
            return sum + flags.count { $0 & 1 == 1 } * Self.pageBytes
        }
    }

    /// The cells of a stream from one on.
    struct Rest {
        var stream: Int
        var from: Int
    }

    /// Returns the pages of these cells to the system. They read as zero afterwards.
    ///
    /// Every call to the system makes all cores forget their translations of addresses, which costs more than the pages
    /// themselves. So streams that follow one another and are empty from their first cell on are returned together.
    /// - Parameter rests: ascending by stream, at most one of each.
    func giveBack(_ rests: [Rest]) {
        for region in regions.values {
            var index = 0
            while index < rests.count, rests[index].stream < region.streams {
                let first = rests[index]
                index += 1
                var last = first.stream
                while index < rests.count, rests[index].stream == last + 1, rests[index].from == 0,
                    last + 1 < region.streams
                {
                    last += 1
                    index += 1
                }
                giveBack(region, from: first, through: last)
            }
        }
    }

    private func giveBack(_ region: Region, from rest: Rest, through last: Int) {
        let start = UInt(bitPattern: region.start)
        let page = UInt(Self.pageBytes)
        let begin = start + UInt(rest.stream * region.streamBytes + min(rest.from, region.cells) * region.cellBytes)
        let first = (begin + page - 1) / page * page
        let end = (start + UInt((last + 1) * region.streamBytes)) / page * page
        if first < end { madvise(UnsafeMutableRawPointer(bitPattern: first), Int(end - first), MADV_DONTNEED) }
    }
}
