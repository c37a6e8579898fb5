/// Splits a body of server-sent events as its bytes arrive.
struct EventStream {
    /// The content of one line of a stream.
    enum Event: Equatable {
        case data(ArraySlice<UInt8>)
        /// `data: [DONE]`: the end of a stream in OpenAI's interface.
        case done
        /// llama-server's older form of an error in the middle of a stream.
        case error(ArraySlice<UInt8>)
    }

    private var pending: [UInt8] = []
    /// The number of bytes that wait for the end of their line.
    var waiting: Int { pending.count }

    /// Each of the supported servers writes an event on one line; comments and the names and ids of events contain no
    /// data.
    /// - Parameter take: called once for each event, in order; may throw to stop.
    mutating func feed<Failure: Error>(_ bytes: some Sequence<UInt8>, _ take: (Event) throws(Failure) -> Void)
        throws(Failure)
    {
        let fresh = pending.count
        pending += bytes
        var start = 0
        var search = fresh
        while let end = pending[search...].firstIndex(of: 0x0A) {
            var line = pending[start..<end]
            if line.last == 0x0D { line.removeLast() }
            start = end + 1
            search = start
            if let event = Self.event(of: line) { try take(event) }
        }
        if start > 0 { pending.removeFirst(start) }
    }

    private static func event(of line: ArraySlice<UInt8>) -> Event? {
        if let data = value(of: line, named: "data:") {
            return data.elementsEqual("[DONE]".utf8) ? .done : .data(data)
        }
        return value(of: line, named: "error:").map(Event.error)
    }

    private static func value(of line: ArraySlice<UInt8>, named name: String) -> ArraySlice<UInt8>? {
        guard line.starts(with: name.utf8) else { return nil }
        let value = line.dropFirst(name.utf8.count)
        return value.first == 0x20 ? value.dropFirst() : value
    }
}
