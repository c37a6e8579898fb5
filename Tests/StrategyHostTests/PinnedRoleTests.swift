import StrategyHost
import Testing

@Suite struct PinnedRoleTests {
    @Test func pinnedRoles() {
        let pinned = PinnedRole("prm@0123456789abcdef")
        #expect(pinned?.role == "prm" && pinned?.digits == "0123456789abcdef")
        #expect(
            pinned?.matches("0123456789abcdef00") == true && pinned?.matches("0123456789abcdee00") == false
                && pinned?.matches(nil) == false)
        for text in ["prm", "prm@", "prm@0123456789abcde", "prm@0123456789ABCDEF", "prm@0123456789abcdeg"] {
            #expect(PinnedRole(text) == nil)
        }
    }
}
