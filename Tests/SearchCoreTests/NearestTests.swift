@testable import SearchCore
import Testing

@Suite struct NearestTests {
    @Test(arguments: [
        ("beam-serach", "beam-search"), ("bestofn", "best-of-n"), ("greddy", "greedy"), ("Majority", "majority"),
        ("beamsearch", "beam-search"),
    ])
    func findsTheSlip(typed: String, meant: String) {
        #expect(Nearest.name(typed, among: ["beam-search", "best-of-n", "greedy", "lookahead", "majority"]) == meant)
    }

    @Test(arguments: ["", "x", "monte-carlo", String(repeating: "beam", count: 1000)])
    func saysNothingWhenNothingIsNear(typed: String) {
        #expect(Nearest.name(typed, among: ["beam-search", "best-of-n", "greedy"]) == nil)
        #expect(Nearest.name(typed, among: []) == nil)
    }

    @Test func distances() {
        #expect(Nearest.distance(Array("kitten"), Array("sitting")) == 3)
        #expect(Nearest.distance(Array("abcd"), Array("abdc")) == 1)
        #expect(Nearest.distance(Array(""), Array("abc")) == 3)
        #expect(Nearest.distance(Array("abc"), Array("")) == 3)
    }
}
