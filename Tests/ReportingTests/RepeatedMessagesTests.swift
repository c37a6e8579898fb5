import Reporting
import Testing

@Suite("The same message is shown three times")
struct RepeatedMessagesTests {
    @Test func theThirdOneSaysSo() {
        let messages = RepeatedMessages()
        let shown = (0..<5).map { _ in messages.shown("the server is gone") }
        #expect(
            shown == [
                "the server is gone", "the server is gone", "the server is gone (this message is not shown again)", nil,
                nil,
            ])
        #expect(messages.shown("another") == "another")
    }

    @Test func memoryIsBounded() {
        let messages = RepeatedMessages()
        for number in 0..<1000 { #expect(messages.shown("\(number)") == "\(number)") }
        for _ in 0..<5 { #expect(messages.shown("one too many") == "one too many") }
        #expect(messages.shown("7") == "7" && messages.shown("7")?.hasSuffix("again)") == true)
    }
}
