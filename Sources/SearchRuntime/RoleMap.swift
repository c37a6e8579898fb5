/// Values by role. A bundle has few roles, with short names, so comparing the names one after the other is far faster
/// than hashing one. Every sample needs this look-up.
struct RoleMap<Value> {
    private var entries: [(role: String, value: Value?)] = []

    private func index(of role: String) -> Int? { entries.firstIndex { $0.role == role } }

    private mutating func place(of role: String) -> Int {
        if let known = index(of: role) { return known }
        entries.append((role, nil))
        return entries.count - 1
    }

    subscript(role: String) -> Value? {
        get { index(of: role).flatMap { entries[$0].value } }
        _modify { yield &entries[place(of: role)].value }
    }

    subscript(role: String, default fallback: @autoclosure () -> Value) -> Value {
        get { self[role] ?? fallback() }
        _modify {
            let place = place(of: role)
            var value = entries[place].value.take() ?? fallback()
            defer { entries[place].value = value }
            yield &value
        }
    }

    var count: Int { entries.count { $0.value != nil } }

    /// Roles that have a value, in the order in which they came.
    var pairs: [(role: String, value: Value)] { entries.compactMap { entry in entry.value.map { (entry.role, $0) } } }
}
