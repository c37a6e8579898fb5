import CStratagem
import SearchCore

/// The host's side of `stratagem.confidence/1` and `/2` (stratagem_confidence.h).
enum ConfidenceExtension {
    static let id = STG_CONFIDENCE_1

    /// One table for all instances: the run is found through the host pointer.
    nonisolated(unsafe) static let table: UnsafeRawPointer = {
        let table = UnsafeMutablePointer<stg_confidence_1>.allocate(capacity: 1)
        table.initialize(
            to: stg_confidence_1(
                struct_size: UInt32(MemoryLayout<stg_confidence_1>.size), reserved: 0, summary: summary))
        return UnsafeRawPointer(table)
    }()

    private static let summary:
        @convention(c) (UnsafePointer<stg_host>?, stg_node, UnsafeMutablePointer<stg_confidence>?) -> stg_status = {
            host, id, out in
            guard let host = HostTable.of(host), let out, out.pointee.struct_size >= 8 else {
                return STG_INVALID_ARGUMENT
            }
            guard let confidence = host.environment.node(id)?.confidence else { return STG_NOT_FOUND }
            let filled = stg_confidence(
                struct_size: 0, tokens: UInt32(clamping: confidence.tokens), mean: confidence.mean,
                minimum: confidence.minimum,
                tenth: confidence.tenth, median: confidence.median, lowest_window: confidence.lowestWindow,
                last_window: confidence.lastWindow)
            HostTable.fill(out, filled, size: out.pointee.struct_size)
            return STG_OK
        }

    static let id2 = STG_CONFIDENCE_2

    nonisolated(unsafe) static let table2: UnsafeRawPointer = {
        let table = UnsafeMutablePointer<stg_confidence_2>.allocate(capacity: 1)
        table.initialize(
            to: stg_confidence_2(
                struct_size: UInt32(MemoryLayout<stg_confidence_2>.size), reserved: 0, token_figures: tokenFigures))
        return UnsafeRawPointer(table)
    }()

    private typealias TokenFiguresFunction =
        @convention(c) (
            UnsafePointer<stg_host>?, stg_node, stg_token_figure, UnsafeMutablePointer<Double>?, Int,
            UnsafeMutablePointer<Int>?
        ) -> stg_status

    private static let tokenFigures: TokenFiguresFunction = { host, id, figure, out, capacity, count in
        guard let host = HostTable.of(host), let count, out != nil || capacity == 0 else { return STG_INVALID_ARGUMENT }
        guard let figure = TokenFigure(rawValue: figure) else { return STG_UNSUPPORTED }
        guard let figures = host.environment.node(id)?.figures else { return STG_NOT_FOUND }
        for token in 0..<min(capacity, figures.count) { out?[token] = figures.value(figure, of: token) }
        count.pointee = figures.count
        return STG_OK
    }
}
