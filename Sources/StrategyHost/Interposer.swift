import CStratagem
import SearchCore

// Replaced by the libffi closures that are being written; keeps the runtime building.
final class HostTableInterposer {
    let table: UnsafePointer<stg_host>
    init(_ real: UnsafeMutablePointer<stg_host>, sink: any ABITraceSink) throws(StratagemError) { table = UnsafePointer(real) }
}
