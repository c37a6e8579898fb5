import CStratagem
import Foundation
import Testing

/// The functions of `math-answers`, called by their declared signatures.
@Suite struct MathAnswersTests {
    typealias Extract = @convention(c) (UnsafePointer<CChar>?, UInt64, UnsafeMutablePointer<stg_str>) -> Int32
    typealias Equal = @convention(c) (UnsafePointer<CChar>?, UInt64, UnsafePointer<CChar>?, UInt64) -> Int32
    typealias Aggregate = @convention(c) (UnsafePointer<Double>?, UInt64) -> Double

    private static let extractors = ["gsm8k", "gsm8k-last", "boxed", "math", "math-first", "last-number"]
    let image: PluginImage
    init() throws { image = try PluginImage("math-answers") }

    private func function<F>(_ hook: String, _ name: String, _ signature: String, as type: F.Type) throws -> F {
        let function = try image.function("stratagem.\(hook)/1", name)
        #expect(string(function.signature) == signature)
        return unsafeBitCast(function.address, to: type)
    }

    /// Runs an extractor on bytes that end where a page ends: reading past them is a crash.
    private func extract(_ name: String, _ text: [UInt8]) throws -> String? {
        let call = try function("extract_answer", name, "i32(ptr,u64,ptr)", as: Extract.self)
        return Guarded(text).withBytes { start in
            var answer = stg_str()
            let status = call(start, UInt64(text.count), &answer)
            if status == STG_NOT_FOUND { return nil }
            #expect(status == STG_OK)
            // It points into the text.
            #expect(answer.data >= start! && answer.data + answer.size <= start! + text.count)
            return string(answer)
        }
    }
    private func extract(_ name: String, _ text: String) throws -> String? { try extract(name, Array(text.utf8)) }

    private func equal(_ name: String, _ a: String, _ b: String) throws -> Bool {
        let call = try function("answers_equal", name, "i32(ptr,u64,ptr,u64)", as: Equal.self)
        return Guarded(Array(a.utf8)).withBytes { left in
            Guarded(Array(b.utf8)).withBytes { right in
                let result = call(left, UInt64(a.utf8.count), right, UInt64(b.utf8.count))
                #expect(call(right, UInt64(b.utf8.count), left, UInt64(a.utf8.count)) == result)
                return result == 1
            }
        }
    }

    private func aggregate(_ name: String, _ values: [Double]) throws -> Double {
        try function("aggregate_steps", name, "f64(ptr,u64)", as: Aggregate.self)(values, UInt64(values.count))
    }

    /// The first mark counts, as in GSM8K's own grader; words, stars and dollars are not part of the number.
    @Test(
        arguments: [
            ("6 * 7 = 42\n#### 42", "42"), ("#### 1 then #### 2", "1"), ("####5", "5"), ("####  $12.50.  \n", "12.50"),
            ("#### 1,234", "1,234"), ("####\n 9\nmore", "9"), ("#### 3 apples\nbye", "3"), ("##### 8", "8"),
            ("#### -4", "-4"), ("#### 4 ####", "4"), ("no mark", nil), ("### 4", nil), ("####", nil),
            ("####  .  ", nil), ("", nil),
            ("#### 35%", "35"), (#"#### \$6"#, "6"), ("#### **12,000**", "12,000"), ("#### $1.50 each", "1.50"),
            ("#### 3/4 of it", "3/4"),
            ("#### 1 1/2 cups", "1 1/2"), ("#### 2 or 3", "2 or 3"), ("#### 5 million", "5 million"),
            (#"#### \frac{1}{2}"#, #"\frac{1}{2}"#),
            ("#### 7\nQuestion: what next?\n#### 9", "7"), ("#### \n#### 6", "6"), ("#### 5x", "5x"),
            ("#### 12 + 3", "12 + 3"), ("#### about 5 apples", "5"), ("#### 12 (twelve)", "12"),
            ("#### The answer is 5", "5"), (#"#### 18 \boxed{19}"#, "18"), ("#### 18\n\\boxed{19}", "18"),
            ("#### 18, so we stop", "18"), ("#### 12 (base 8)", "12 (base 8)"), ("#### 5 March", "5 March"),
            ("#### 3 fifths", "3 fifths"), ("#### 3:45 PM", "3:45 PM"), ("#### approximately $12.50", "12.50"),
        ] as [(String, String?)])
    func gsm8k(_ text: String, _ answer: String?) throws {
        #expect(try extract("gsm8k", text) == answer)
    }

    @Test(
        arguments: [
            ("#### 1 then #### 2", "2"), ("#### 7\nQuestion: what next?\n#### 9", "9"), ("#### 5\n####", "5"),
            ("none", nil),
        ]
            as [(String, String?)])
    func gsm8kLast(_ text: String, _ answer: String?) throws {
        #expect(try extract("gsm8k-last", text) == answer)
    }

    @Test(
        arguments: [
            (#"so \boxed{42}."#, "42", "42"), (#"\boxed{1} and \boxed{2}"#, "2", "1"), (#"\boxed{3} #### 4"#, "3", "3"),
            ("#### 4\n#### 5", "5", "4"),
            ("The answer is 12.", "12", "12"), ("The answer is 12 apples. Next: the answer is 3.", "3", "12"),
            ("Answer: $x=3$, so", "x=3", "x=3"),
            (#"the final answer is: \(\frac{1}{2}\)."#, #"\frac{1}{2}"#, #"\frac{1}{2}"#), ("**Answer:** 7", "7", "7"),
            ("no answer, but 5 and 6", "6", "6"),
            ("The answer is $18 for all of it.", "18", "18"), ("The answers are 2 and 3.", "2 and 3", "2 and 3"),
            ("It is 3.5. Done", "3.5", "3.5"),
            (#"\boxed{\boxed{5}}"#, "5", #"\boxed{5}"#), ("The answer is approximately 3.14.", "3.14", "3.14"),
            ("The answer is therefore 9", "9", "9"),
            ("The answer is C) 5", "C", "C"), ("The answer is (C) 5.", "(C)", "(C)"),
            ("The answer is A because it is red.", "A", "A"),
            ("The answers are A, B and C.", "A, B and C", "A, B and C"),
            ("The answer is A) 5 and B) 6", "A) 5 and B) 6", "A) 5 and B) 6"),
            (
                "Final Answer: The final answer is $\\frac{1}{2}$. I hope it is correct.", #"\frac{1}{2}"#,
                #"\frac{1}{2}"#
            ),
            (#"Final Answer: The final answer is \boxed{5}."#, "5", "5"), ("See version 1.2.3", nil, nil),
            ("It takes 1 1/2 cups", "1 1/2", "1 1/2"), ("The answer is approximately $3.14$, or so.", "3.14", "3.14"),
            (#"\boxed 7 \fbox{8}"#, "8", "7"), ("none at all", nil, nil),
            ("", nil, nil),
        ] as [(String, String?, String?)])
    func math(_ text: String, _ last: String?, _ first: String?) throws {
        #expect(try extract("math", text) == last)
        #expect(try extract("math-first", text) == first)
    }

    @Test(
        arguments: [
            (#"so \boxed{42}."#, "42"), (#"\boxed{1} and \boxed{ 2 }"#, "2"),
            (#"\boxed{\frac{1}{2}}"#, #"\frac{1}{2}"#),
            // The last one does not balance: the one before counts.
            (#"\boxed{7} \boxed{8"#, "7"), (#"\boxed{a\}b}"#, #"a\}b"#), (#"\boxed{\boxed{5}}"#, "5"),
            (#"}} \boxed{3} {{"#, "3"),
            (#"\boxed{x} }"#, "x"), (#"\boxed{9}} {"#, "9"), (#"\\boxed{4}"#, nil), (#"\boxed {4}"#, "4"),
            (#"\boxed{}"#, nil),
            (#"\boxed 12, as"#, "12"), (#"\fbox{3}"#, "3"), (#"$\boxed \frac12$"#, #"\frac12"#),
            (#"\boxed{1} \boxed{ }"#, "1"), (#"\boxedx{1}"#, nil),
            (#"{\boxed{6}"#, "6"), ("boxed{4}", nil), ("", nil), (#"\boxed{"#, nil),
        ] as [(String, String?)])
    func boxed(_ text: String, _ answer: String?) throws {
        #expect(try extract("boxed", text) == answer)
    }

    @Test(
        arguments: [
            ("The answer is 42.", "42"), ("1 2 3", "3"), ("x = -5", "-5"), ("5-3", "3"), ("12.5 km", "12.5"),
            ("$1,234,567.89!", "1,234,567.89"),
            ("1,2,3", "3"), ("3.1.4", nil), ("5 in version 1.2.3", "5"), ("1 1/2 cups", "1 1/2"),
            (#"is 2 \frac{1}{3}"#, #"2 \frac{1}{3}"#), ("in 2020 1/2 of it", "1/2"), ("3 4/2", "4/2"),
            ("costs .5", ".5"), ("v.5", "5"), ("(-7)", "-7"), ("a-7", "7"),
            ("none", nil), ("", nil), ("0", "0"),
            ("12,34", "34"), ("2024-11-24", "24"), ("é5", "5"), ("– -1", "-1"), ("9,999 or", "9,999"), (",123", "123"),
            ("1234,567", "1234,567"),
            ("half is 1/2.", "1/2"), ("on 11/24/2024", "2024"), ("fell to −8", "−8"), ("about 1.5e-3 m", "1.5e-3"),
            ("$4{,}200$", "4{,}200"),
            (#"is $\frac{3}{8}$"#, #"\frac{3}{8}"#), (#"is $-2\frac{3}{8}$"#, #"-2\frac{3}{8}"#),
            (#"\dfrac{\pi}{4}"#, #"\dfrac{\pi}{4}"#), (#"is \frac38"#, #"\frac38"#),
        ] as [(String, String?)])
    func lastNumber(_ text: String, _ answer: String?) throws {
        #expect(try extract("last-number", text) == answer)
    }

    @Test func statedInATextOfAChatModel() throws {
        #expect(statedAnswers.count > 250)
        for (name, text, answer) in statedAnswers { #expect(try extract(name, text) == answer, "\(name): \(text)") }
    }

    @Test(arguments: [
        ("42", "42.0", true), ("42", "42.", true), ("42", " 42 ", true), ("$42", "42", true), ("-$5", "$-5", true),
        ("042", "42", true),
        ("1,234", "1234", true), ("1,234,567.50", "1234567.5", true), ("0", "-0.0", true), (".5", "0.50", true),
        ("+3", "3", true),
        ("9007199254740993", "9007199254740992", false), ("0.1", "0.10000000000000001", false), ("42", "43", false),
        ("42", "-42", false),
        ("12,34", "1234", false), ("1,2", "12", false), ("1,000", "1,0,0,0", false), ("x", "x", true),
        ("x", " x", true), ("x", "X", false),
        ("", "", true), ("", "0", false), (".", "0", false), ("1e3", "1000", true), ("4 2", "42", false),
        ("-", "0", false), ("5-", "5", false),
        ("12", "120", false), ("1", "1.1", false), ("100", "1", false),
        ("3/4", "0.75", true), (#"\frac{6}{8}"#, ".75", true), ("1 1/2", "1.5", true), ("18 dollars", "$18", true),
        ("7%", "7", true), ("−5", "-5", true),
        (#"\text{(C)}"#, "c", true), ("(J)", "J", true), ("(I)", "I", true), ("J", "j", true),
        (#"\text{Ann}"#, "Ann", true), ("p-q", "p - q", true), ("1, -2", "1,-2", true),
        ("3, 500", "3,500", false),
        (#"\sqrt{8}"#, #"2\sqrt{2}"#, false), (#"\pm 3"#, "3", false), ("12:00", "1:00", false), ("1/3", "0.33", false),
    ])
    func numeric(_ a: String, _ b: String, _ same: Bool) throws {
        #expect(try equal("numeric", a, b) == same)
    }

    private static func pairs(_ table: String, _ sign: String) -> [(String, String)] {
        table.split(separator: "\n").filter { !$0.hasPrefix("# ") }.compactMap { line in
            let sides = line.components(separatedBy: " \(sign) ")
            return sides.count == 2 ? (sides[0], sides[1]) : nil
        }
    }

    @Test func answersThatMeanTheSame() throws {
        let pairs = [equalAnswers, moreEqualAnswers, furtherEqualAnswers, stillMoreEqualAnswers]
            .flatMap { Self.pairs($0, "==") }
        #expect(pairs.count > 550)
        for (a, b) in pairs { #expect(try equal("math", a, b), "\(a) | \(b)") }
    }

    @Test func answersThatDoNot() throws {
        let pairs = [differentAnswers, moreDifferentAnswers, furtherDifferentAnswers].flatMap { Self.pairs($0, "!=") }
        #expect(pairs.count > 350)
        for (a, b) in pairs { #expect(try !equal("math", a, b), "\(a) | \(b)") }
        #expect(try !equal("math", "5", "") && equal("math", "", " "))
    }

    @Test func exact() throws {
        #expect(try equal("exact", "42", " 42\n"))
        #expect(try !equal("exact", "42", "42.0"))
        #expect(try equal("exact", "", "  "))
    }

    /// An equivalence over answers that nearly are numbers.
    /// The strict forms: the same, but nothing for what is known by its text alone.
    @Test(
        arguments: [
            ("42", "42", "42"), ("1e-05", "0.00001", "1/100000"), (#"\frac{1}{2}"#, "1/2", "1/2"),
            ("-0.125", "-1/8", "-1/8"), ("2.50", "2.5", "5/2"), ("0.1", "0.1", "1/10"), ("(C)", "C", "C"),
            ("abc", nil, "abc"),
            ("9 (apples)", "9", "9"), ("12:00", nil, "12:00"), ("p - q", nil, "p - q"),
            (#"\text{Evelyn}"#, nil, "evelyn"), ("#!?", nil, nil), ("", nil, nil),
        ] as [(String, String?, String?)])
    func strict(_ answer: String, _ numeric: String?, _ math: String?) throws {
        typealias Canonical =
            @convention(c) (
                UnsafePointer<CChar>?, UInt64, UnsafeMutablePointer<CChar>?, UInt64, UnsafeMutablePointer<UInt64>
            ) -> Int32
        for (name, form) in [("numeric", numeric), ("math", math)] {
            func canonical(_ name: String) throws -> String? {
                let call = try function("canonical_answer", name, "i32(ptr,u64,ptr,u64,ptr)", as: Canonical.self)
                var (buffer, needed) = ([CChar](repeating: 0, count: 256), UInt64(0))
                guard call(answer, UInt64(answer.utf8.count), &buffer, 256, &needed) == STG_OK else { return nil }
                return String(decoding: buffer.prefix(Int(needed)).map(UInt8.init(bitPattern:)), as: UTF8.self)
            }
            #expect(try canonical(name + "-strict") == form)
            if form != nil { #expect(try canonical(name) == form) }
        }
    }

    @Test func numericIsAnEquivalence() throws {
        let pieces = ["", "0", "00", "1", "10", ".", ".0", ",", ",000", "-", "$", " ", "+"]
        let texts = pieces.flatMap { a in pieces.flatMap { b in [a + b, a + b + "0"] } }
        var classes: [String] = []
        var memberOf: [Int] = []
        for text in texts {
            #expect(try equal("numeric", text, text))
            let same = try classes.indices.filter { try equal("numeric", classes[$0], text) }
            #expect(same.count <= 1, "\(text) equals \(same.map { classes[$0] })")
            memberOf.append(same.first ?? classes.count)
            if same.isEmpty { classes.append(text) }
        }
        for (i, a) in texts.enumerated() {
            for (j, b) in texts.enumerated().dropFirst(i) where memberOf[i] == memberOf[j] {
                #expect(try equal("numeric", a, b), "\(a) \(b)")
            }
        }
    }

    @Test func aggregates() throws {
        let values = [0.9, 0.5, .nan, 0.8]
        #expect(try aggregate("last", values) == 0.8)
        #expect(try aggregate("last", [0.4, .nan]) == 0.4)
        #expect(try aggregate("min", values) == 0.5)
        #expect(try aggregate("product", values) == 0.9 * 0.5 * 0.8)
        #expect(try aggregate("mean", values) == (0.9 + 0.5 + 0.8) / 3)
        for name in ["last", "min", "product", "mean"] {
            #expect(try aggregate(name, [.nan]) == 0)
            #expect(try aggregate(name, [1.5]) == 1)
            #expect(try aggregate(name, [-1]) == 0)
        }
    }

    /// Any bytes: no read beyond them and no crash, up to 256 KiB of the worst. What long texts cost:
    /// `MathAnswersWorkTests`.
    @Test func anyBytes() throws {
        var bits: UInt64 = 7
        func random(_ bound: Int) -> Int {
            bits = bits &* 6364136223846793005 &+ 1442695040888963407
            return Int(bits >> 33) % bound
        }
        let pieces =
            [
                "####", "\\boxed{", "\\boxed", "answer is ", "}", "{", "\\", "1", ",", ".", "-", "$", "\n", " ",
                "\u{0}", "é", "0",
            ].map { Array($0.utf8) } + [[0xFF], [0x80]]
        for _ in 0..<1000 {
            let text = (0..<random(14)).flatMap { _ in pieces[random(pieces.count)] }
            for name in Self.extractors { _ = try extract(name, text) }
            for name in ["math", "numeric"] { _ = try equal(name, String(decoding: text, as: UTF8.self), "1") }
        }
        for piece in pieces {
            let text = Array(repeating: piece, count: (1 << 18) / piece.count).flatMap(\.self)
            for name in Self.extractors { _ = try extract(name, text) }
        }
    }
}
