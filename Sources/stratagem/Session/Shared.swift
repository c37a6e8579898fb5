import Synchronization

/// A value behind a lock that several closures hold.
final class Shared<Value: Sendable>: Sendable {
    let value: Mutex<Value>
    init(_ value: sending Value) { self.value = Mutex(value) }
}
