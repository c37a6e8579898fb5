import Foundation
import Locking
import Metrics

/// Keeps what is measured, and writes it as Prometheus reads it: a handler for swift-metrics.
final class PrometheusMetrics: MetricsFactory {
    enum Kind: String { case counter, gauge, histogram }

    /// Of times, in seconds: from a search on a small model to one that takes minutes.
    static let bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]

    /// One label of one name.
    final class Series: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler, TimerHandler {
        fileprivate struct Values {
            var value = 0.0
            var count: UInt64 = 0
            var buckets = [UInt64](repeating: 0, count: PrometheusMetrics.bounds.count)
        }

        fileprivate let values = Locked(Values())

        func increment(by amount: Int64) { increment(by: Double(amount)) }
        func increment(by amount: Double) { values.withLock { $0.value += amount } }
        func decrement(by amount: Double) { increment(by: -amount) }
        func set(_ value: Int64) { set(Double(value)) }
        func set(_ value: Double) { values.withLock { $0.value = value } }
        func reset() { set(0.0) }
        func record(_ value: Int64) { record(Double(value)) }
        func recordNanoseconds(_ duration: Int64) { record(Double(duration) * 1e-9) }

        func record(_ value: Double) {
            values.withLock { values in
                values.value += value
                values.count += 1
                for (index, bound) in PrometheusMetrics.bounds.enumerated() where value <= bound {
                    values.buckets[index] += 1
                }
            }
        }
    }

    private struct Family {
        var kind: Kind
        /// By labels as they are written.
        var series: [String: Series] = [:]
    }

    private let families = Locked<[String: Family]>([:])
    private let help: [String: String]

    /// - Parameter help: what each name is, for people.
    init(help: [String: String]) { self.help = help }

    private func series(_ label: String, _ dimensions: [(String, String)], _ kind: Kind) -> Series {
        let labels = dimensions.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }.joined(separator: ",")
        return families.withLock { families in
            var family = families[label] ?? Family(kind: kind)
            let series = family.series[labels] ?? Series()
            family.series[labels] = series
            families[label] = family
            return series
        }
    }

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, dimensions, .counter)
    }
    func makeFloatingPointCounter(label: String, dimensions: [(String, String)]) -> any FloatingPointCounterHandler {
        series(label, dimensions, .counter)
    }
    func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, dimensions, .gauge)
    }
    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        series(label, dimensions, aggregate ? .histogram : .gauge)
    }
    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(label, dimensions, .histogram)
    }
    // What was counted stays: a counter that begins anew looks like a restart.
    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    func destroyMeter(_ handler: any MeterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}

    private static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    /// The text format, version 0.0.4.
    var text: String {
        var lines: [String] = []
        for (name, family) in families.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
            if let help = help[name] { lines.append("# HELP \(name) \(help)") }
            lines.append("# TYPE \(name) \(family.kind.rawValue)")
            for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
                let values = series.values.withLock { $0 }
                guard family.kind == .histogram else {
                    lines.append("\(name)\(Self.braced(labels)) \(Self.number(values.value))")
                    continue
                }
                for (bound, count) in zip(Self.bounds, values.buckets) {
                    lines.append("\(name)_bucket\(Self.braced(labels, "le=\"\(Self.number(bound))\"")) \(count)")
                }
                lines.append("\(name)_bucket\(Self.braced(labels, "le=\"+Inf\"")) \(values.count)")
                lines.append("\(name)_sum\(Self.braced(labels)) \(Self.number(values.value))")
                lines.append("\(name)_count\(Self.braced(labels)) \(values.count)")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func braced(_ labels: String, _ more: String = "") -> String {
        let all = [labels, more].filter { !$0.isEmpty }.joined(separator: ",")
        return all.isEmpty ? "" : "{\(all)}"
    }

    private static func number(_ value: Double) -> String { Int(exactly: value).map(String.init) ?? "\(value)" }
}
