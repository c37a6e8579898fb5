/// The time to wait before a request is sent again: twice as long each time, and randomised so that requests do not all
/// come at the same moment.
struct Backoff {
    private static let first = 0.1, longest = 5.0
    private var next = first
    /// The number of waits so far.
    private(set) var waits = 0

    /// - Parameter asked: the seconds that the server asked for; respected up to half a minute.
    mutating func wait(atLeast asked: Double? = nil) async {
        let spread = next * Double.random(in: 0.75...1.25)
        next = min(Self.longest, next * 2)
        waits += 1
        try? await Task.sleep(for: .seconds(max(spread, min(asked ?? 0, 30))))
    }
}
