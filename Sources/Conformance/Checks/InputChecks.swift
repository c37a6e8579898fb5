import SearchCore

/// Texts that nobody would write.
let inputChecks: [Check] = [
    inputCheck("problem-empty", level: 5, "An empty problem makes a search that ends.") { $0.problems = [[]] },
    inputCheck("problem-huge", level: 7, "A problem of eight megabytes makes a search that ends.") {
        $0.problems = [[UInt8](repeating: UInt8(ascii: "x"), count: 8 << 20)]
    },
    inputCheck("problem-nul", level: 6, "A problem with NULs in it makes a search that ends.") {
        $0.problems = [Array("a\0b\0\0c".utf8)]
    },
    inputCheck("problem-unicode", level: 6, "A problem in any script makes a search that ends.") {
        $0.problems = [Array("Wie viel ist ½ + ⅓? 二分之一 🧮 \u{202E}abc\u{0301}".utf8)]
    },
    inputCheck(
        "node-text-hostile", level: 6, "Node texts with NULs, without valid UTF-8 and of 60 kB make a search that ends."
    ) { $0.hostileText = true },
    inputCheck("node-text-empty", level: 6, "Finished nodes without a byte of text make a search that ends.") {
        $0.endsSilently = true
    },
]

private func inputCheck(
    _ name: String, level: Int, _ proves: String, _ change: @escaping @Sendable (inout Scenario) -> Void
) -> Check {
    Check(name, .input, level: level, proves: proves, clause: "Text: Bytes; UTF-8 where the field says UTF-8") {
        context throws(CheckStop) in
        for strategy in try context.strategies() {
            try context.requireClean(strategy)
            try context.expectEnd(strategy, context.standard.with { change(&$0) }, in: proves)
        }
    }
}
