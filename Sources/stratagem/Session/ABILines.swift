import StrategyHost

/// `--trace-abi`: one line per call on standard error.
struct ABILines: ABITraceSink {
    func call(_ function: String, arguments: String, result: String, nanoseconds: UInt64) {
        Output.note("abi: \(function)(\(arguments)) -> \(result)  [\(nanoseconds) ns]")
    }
}
