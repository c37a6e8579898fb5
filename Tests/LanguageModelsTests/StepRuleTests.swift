import SearchCore
import Testing

@testable import LanguageModels

@Suite("Steps of free text")
struct StepRuleTests {
    /// The steps of a sample that comes in these pieces; the last one may be open.
    private func steps(_ rule: StepRule, _ pieces: [String]) -> [String] {
        var sample = SampleText(StopRules(steps: rule, stop: []))
        for piece in pieces { _ = sample.take(Array(piece.utf8)) }
        var steps: [String] = [], start = 0
        for end in sample.stepEnds + (sample.stepEnds.last == sample.text.count ? [] : [sample.text.count]) {
            steps.append(String(decoding: sample.text[start..<end], as: UTF8.self))
            start = end
        }
        return steps
    }
    /// A piece a character.
    private func steps(_ rule: StepRule, _ text: String) -> [String] { steps(rule, text.map(String.init)) }

    @Test func lines() {
        #expect(steps(.line, "one\ntwo\n\nthree") == ["one\n", "two\n", "\nthree"])
        #expect(steps(.line, ["one", "\n\n", "two", "\n"]) == ["one\n\n", "two\n"], "a token is never cut")
        #expect(steps(.line, "\\boxed{\n1\n}\nx") == ["\\boxed{\n1\n}\n", "x"])
        #expect(steps(.line, "so \\boxed{\\frac{1}{2}}\nx\n") == ["so \\boxed{\\frac{1}{2}}\n", "x\n"])
        #expect(
            steps(.line, "run\n```python\na = 1\n\nb = 2\n```\nthen\n") == [
                "run\n", "```python\na = 1\n\nb = 2\n```\n", "then\n",
            ])
        #expect(steps(.line, "\\boxed{ never closed\n\nnext\n") == ["\\boxed{ never closed\n\n", "next\n"])
    }

    @Test func theLiteralDelimiterIsLiteral() {
        #expect(steps(.delimiter("\n"), "\\boxed{\n1}\n\n") == ["\\boxed{\n", "1}\n", "\n"])
        #expect(steps(.delimiter("ab"), ["a", "b", "aab"]) == ["ab", "aab"])
    }

    @Test func paragraphs() {
        #expect(steps(.paragraph, "one\ntwo\n\nthree\n \nfour") == ["one\ntwo\n\n", "three\n \n", "four"])
        #expect(steps(.paragraph, "```\na\n\nb\n```\n\nc") == ["```\na\n\nb\n```\n\n", "c"])
    }

    @Test func sentences() {
        #expect(
            steps(.sentence, "It costs 3.5 dollars. So what? Nothing!") == [
                "It costs 3.5 dollars.", " So what?", " Nothing!",
            ])
        #expect(steps(.sentence, "He has 12. Then he has 4.") == ["He has 12. ", "Then he has 4."])
        #expect(steps(.sentence, "Mr. A. has e.g. two. Yes.") == ["Mr. A. has e.g. two.", " Yes."])
        #expect(steps(.sentence, "1. First\n2. Second\n") == ["1. First\n", "2. Second\n"])
        #expect(steps(.sentence, "Then 5! = 120 holds. And so") == ["Then 5! = 120 holds.", " And so"])
        #expect(steps(.sentence, "So \\boxed{a. b. c}. Done") == ["So \\boxed{a. b. c}.", " Done"])
        #expect(steps(.sentence, "它是三。好") == ["它是三。", "好"])
    }

    @Test func headings() {
        #expect(
            steps(.numbered, "Plan:\nStep 1: add\nmore\n\n**Step 2:** take\nStep 10: end") == [
                "Plan:\nStep 1:", " add\nmore\n\n**Step 2:", "** take\nStep 10:", " end",
            ])
        #expect(
            steps(.numbered, "Step 1: add\nStepwise: no\nSee Step 2: no") == [
                "Step 1: add\nStepwise: no\nSee Step 2: no"
            ])
    }

    @Test func expressions() throws {
        let rule = StepRule.pattern(try StepPattern("\n[0-9]+\\)"))
        #expect(steps(rule, "a\n1) b\n2) \\boxed{\n3)} c") == ["a\n1)", " b\n2)", " \\boxed{\n3)} c"])
        let refused = try #require(throws: StratagemError.self) { _ = try StepPattern("[0-9") }
        #expect(refused.message.contains("is not a regular expression"))
        #expect(throws: StratagemError.self) { _ = try StepPattern("x*") }
        // What would take a matcher that goes back until the end of time.
        let slow = StepRule.pattern(try StepPattern("(a|aa)+$b"))
        #expect(steps(slow, String(repeating: "a", count: 400)).count == 1)
    }

    @Test func whatAVerifierIsShownAsTheDelimiter() throws {
        func delimiter(_ rule: StepRule, _ step: String) -> String {
            String(decoding: rule.delimiter(of: Array(step.utf8)), as: UTF8.self)
        }
        #expect(delimiter(.line, "a\n") == "\n" && delimiter(.line, "a") == "\n")
        #expect(delimiter(.paragraph, "a\n \n") == "\n \n" && delimiter(.paragraph, "a") == "\n\n")
        #expect(delimiter(.sentence, "a. ") == " " && delimiter(.sentence, "a.") == "")
        #expect(
            delimiter(.numbered, " add\n\n**Step 2:**") == "\n\n**Step 2:**" && delimiter(.numbered, "end") == "\n\n")
        #expect(delimiter(.pattern(try StepPattern("=+")), "a==") == "==")
    }

    @Test func whetherATextEndsWithAStep() {
        #expect(StepRule.line.endsStep(Array("a\nb\n".utf8)) && !StepRule.line.endsStep(Array("a\nb".utf8)))
        #expect(
            StepRule.delimiter("ab").endsStep(Array("xab".utf8))
                && !StepRule.delimiter("ab").endsStep(Array("abx".utf8)))
    }

    @Test func stopStringsThatBeginAboveTheSample() {
        let rules = StopRules(steps: .line, stop: ["\nQuestion:"])
        var first = SampleText(rules)
        _ = first.take(Array("#### 4".utf8))
        #expect(first.take(Array("\n".utf8)) == .step)
        var second = SampleText(rules, after: first.tail)
        #expect(second.take(Array("Quest".utf8)) == .goesOn)
        // What was appended in between is part of the answer.
        let appended = rules.tail(of: Array("n".utf8), after: rules.tail(of: Array("io".utf8), after: second.tail))
        var third = SampleText(rules, after: appended)
        #expect(third.take(Array(": x".utf8)) == .stop && third.text.isEmpty && third.stepEnds.isEmpty)
        var other = SampleText(rules, after: rules.tail(of: Array("No".utf8)))
        #expect(other.take(Array("Question:".utf8)) == .goesOn)
    }

    @Test func tokensWithoutTextInStopStrings() {
        var sample = SampleText(StopRules(steps: .line, stop: ["<|x|>b"]))
        #expect(sample.take(Array("a".utf8)) == .goesOn)
        #expect(sample.take([], control: Array("<|x|>".utf8)) == .goesOn)
        #expect(sample.take(Array("c".utf8)) == .goesOn)
        #expect(sample.take([], control: Array("<|x|>".utf8)) == .goesOn)
        #expect(sample.take(Array("b".utf8)) == .stop)
        #expect(sample.text == Array("ac".utf8))
    }
}

@Suite("Thoughts apart from answers")
struct ThoughtTests {
    private let thought = Thought(opens: "<think>", closes: "</think>")
    private func answer(_ text: String, isOpen: Bool = false) -> String? {
        thought.answer(in: Array(text.utf8), isOpen: isOpen).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func theAnswerIsReadBehindTheLastThought() {
        #expect(answer("<think>#### 3</think>#### 4") == "#### 4")
        #expect(answer("<think>a</think>b<think>c</think>d") == "d")
        #expect(answer("a</think>d", isOpen: true) == "d")
        #expect(answer("#### 5") == "#### 5")
    }

    @Test func anOpenThoughtHasNoAnswer() {
        #expect(answer("<think>#### 3") == nil)
        #expect(answer("#### 3", isOpen: true) == nil)
        #expect(answer("a</think>b<think>#### 3") == nil)
        #expect(
            thought.isOpen(after: "user\n<think>\n") && !thought.isOpen(after: "<think>\n\n</think>\n")
                && !thought.isOpen(after: "user"))
    }
}
