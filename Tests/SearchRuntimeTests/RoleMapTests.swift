import Testing

@testable import SearchRuntime

@Suite("Values by role")
struct RoleMapTests {
    @Test func isADictionaryInTheOrderOfItsKeys() {
        var map = RoleMap<[Int]>()
        #expect(map["prm"] == nil && map.count == 0)
        map["prm", default: [0]].append(1)
        map["orm"] = [7]
        map["prm"]?.append(2)
        map["judge"]?.append(3)
        #expect(map["prm"] == [0, 1, 2] && map["judge"] == nil)
        #expect(map.pairs.map(\.role) == ["prm", "orm"] && map.count == 2)
        map["prm"] = nil
        #expect(map["prm", default: [5]] == [5] && map.pairs.map(\.role) == ["orm"] && map.count == 1)
        // It comes back where it was.
        map["prm", default: []].append(9)
        #expect(map.pairs.map(\.value) == [[9], [7]])
    }

    private final class Storage {}

    private struct Value {
        var storage = Storage()
        var wasAlone = false
        mutating func touch() { wasAlone = isKnownUniquelyReferenced(&storage) }
    }

    /// A copy of a large value at every change would be felt.
    @Test func aValueIsChangedInPlace() {
        var map = RoleMap<Value>()
        map["policy"] = Value()
        map["policy"]?.touch()
        #expect(map["policy"]?.wasAlone == true)
        map["policy", default: Value()].touch()
        #expect(map["policy"]?.wasAlone == true)
    }
}
