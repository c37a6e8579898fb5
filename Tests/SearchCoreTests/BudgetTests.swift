import SearchCore
import Testing

@Suite struct BudgetText {
    @Test(arguments: [
        ("16", Limits(generations: 16)),
        ("tokens=500", Limits(tokens: 500)),
        ("flops=1e12", Limits(flops: 1e12)),
        ("seconds=0.5", Limits(seconds: 0.5)),
        ("16+seconds=5", Limits(generations: 16, seconds: 5)),
        ("generations=4+tokens=9+flops=2.5+seconds=1", Limits(generations: 4, tokens: 9, flops: 2.5, seconds: 1)),
        ("\(1 << 40)", Limits(generations: 1 << 40)),
    ])
    func isRead(_ text: String, _ limits: Limits) throws {
        #expect(try Limits(parsing: text) == limits)
    }

    @Test(arguments: [
        "0", "-1", "+", "", " ", "16 ", "1.5", "1e3", "nan", "inf", "abc", "\((1 << 40) + 1)", "99999999999999999999",
        "0x10", "١٦",
        "tokens=0", "tokens=-5", "tokens=", "tokens=1.5", "tokens=nan", "tokens==5", "tokens=\((1 << 40) + 1)",
        "flops=0", "flops=-1", "flops=nan", "flops=inf", "flops=-inf", "flops=1e999", "flops=", "flops=many",
        "seconds=0", "seconds=-0.0", "seconds=-1", "seconds=nan", "seconds=inf", "seconds=",
        "16+16", "16+generations=3", "tokens=1+tokens=1", "flops=1+flops=1", "seconds=1+seconds=1",
        "16+", "+16+5", "16++seconds=5", "token=5", "Tokens=5", "=5", "minutes=1", "16,seconds=5", "\0", "16\0",
    ])
    func isRefusedWithTheRemedy(_ text: String) {
        let error = #expect(throws: StratagemError.self) { try Limits(parsing: text) }
        #expect(error?.origin == .user && error?.code == .badBudget)
        #expect(error?.message.hasPrefix("budget '\(text)': ") == true, "names what was given: \(error?.message ?? "")")
        #expect(error?.message.contains("16+seconds=5") == true, "shows a right one")
    }

    @Test(arguments: [
        ("0", "between 1 and 1099511627776, found 0"), ("1.5", "'1.5' is not a whole number of generations"),
        ("tokens=x", "'x' is not a whole number of tokens"), ("flops=nan", "flops must be a finite number above 0"),
        ("seconds=1+seconds=2", "seconds is given twice"), ("minutes=1", "'minutes' is not a kind of budget"),
    ])
    func isRefusedForTheRightReason(_ text: String, _ why: String) {
        let error = #expect(throws: StratagemError.self) { try Limits(parsing: text) }
        #expect(error?.message.contains(why) == true, "\(error?.message ?? "")")
    }

    @Test(arguments: [
        "16", "tokens=500", "flops=1000000000000", "seconds=0.5", "16+seconds=5", "4+tokens=9+flops=2.5+seconds=1",
        "flops=1e20", "seconds=1e-07",
    ])
    func isPrintedAsItIsRead(_ text: String) throws {
        let limits = try Limits(parsing: text)
        #expect(try Limits(parsing: limits.description) == limits, "\(limits)")
    }
}
