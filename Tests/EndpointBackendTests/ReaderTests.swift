import LanguageModels
import SearchCore
import Testing

@testable import EndpointBackend

@Suite("What servers send is read as they mean it, and nothing else is believed")
struct ReaderTests {
    private func json(_ text: String) throws -> JSONValue { try JSONParser.parse(Array(text.utf8)[...]) }

    @Test func valuesAreRead() throws {
        let value = try json(
            #"{"a":[1,-2.5,1e3,1234567890123456789],"b":"x\n\u00e9\ud83d\ude00\"","c":{"d":null,"e":true},"f":NaN,"g":-Infinity}"#
        )
        #expect(value["a"]?.array?.compactMap(\.double) == [1, -2.5, 1000, 1.2345678901234568e18])
        #expect(value["b"]?.string == "x\né😀\"" && value["c"]?["d"] == .null && value["c"]?["e"]?.bool == true)
        #expect(value["f"]?.double?.isNaN == true && value["g"]?.double == -.infinity)
        #expect(try json("[1,2.5]").ids == nil && json("[1,-2]").ids == nil && json("[3,4]").ids == [3, 4])
    }

    @Test(arguments: [
        "", "{", "[1,", "{\"a\"}", "{\"a\":}", "[1 2]", "tru", "\"abc", "\"\\x\"", "\"\\u12\"", "1 2", "{1:2}", "-",
        ".", "[1,]",
    ])
    func whatIsNoJSONIsRefused(_ text: String) { #expect(throws: JSONProblem.self) { try json(text) } }

    @Test func whatIsWrittenIsReadAgain() throws {
        var body = JSONWriter()
        body.add("text", "a\"\\\n\u{01}é😀")
        body.add("ids", [1, 2, 300])
        body.add("strings", ["x", "\n"])
        body.add("half", bytes: [0x61, 0xC3])
        body.add("number", 0.7)
        let value = try JSONParser.parse(body.finish()[...])
        #expect(value["text"]?.string == "a\"\\\n\u{01}é😀" && value["ids"]?.ids == [1, 2, 300])
        #expect(
            value["strings"]?.array?.compactMap(\.string) == ["x", "\n"] && value["half"]?.string == "a\u{FFFD}"
                && value["number"]?.double == 0.7)
    }

    /// However the bytes come in pieces.
    @Test func eventsAreTheSameHoweverTheyAreCut() {
        let bytes = Array(
            "data: {\"a\":1}\r\n\r\n: comment\nevent: x\ndata:{\"b\":2}\n\nerror: {\"c\":3}\n\ndata: [DONE]\n\n".utf8)
        for size in 1...bytes.count {
            var stream = EventStream()
            var events: [EventStream.Event] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                stream.feed(bytes[start..<min(start + size, bytes.count)]) { events.append($0) }
            }
            #expect(
                events == [
                    .data(Array("{\"a\":1}".utf8)[...]), .data(Array("{\"b\":2}".utf8)[...]),
                    .error(Array("{\"c\":3}".utf8)[...]), .done,
                ])
        }
    }

    @Test func addressesAreTheSameWithAndWithoutV1() throws {
        for text in ["http://h:8000", "http://h:8000/", "http://h:8000/v1", "http://h:8000/v1/"] {
            #expect(try EndpointAddress(parsing: text).base == "http://h:8000/v1")
        }
        #expect(try EndpointAddress(parsing: "https://h/llm/v1").url(of: .native("props")) == "https://h/llm/props")
        for text in ["h:8000", "ftp://h", "http://", "http://u:secret@h/v1", "http://h/v1?key=1"] {
            #expect(throws: StratagemError.self) { try EndpointAddress(parsing: text) }
        }
    }

    @Test func seedsAreStrangersWithinTheRangeThatAllServersTake() {
        let seeds = (0..<1000).map { number in
            SampleRequest(
                ids: [], bytes: [], until: .end, maxTokens: 1, temperature: 1, topP: 1, minP: 0, seed: UInt64(number),
                origin: RequestOrigin(root: 0)
            ).seed(segment: 0)
        }
        #expect(seeds.allSatisfy { $0 < 1 << 31 } && Set(seeds).count == 1000)
        let sorted = seeds.sorted()
        #expect(zip(sorted, sorted.dropFirst()).filter { $1 - $0 < 16 }.isEmpty)
    }

    @Test func vLLMIsToldEverything() throws {
        let request = SampleRequest(
            ids: [1, 2], bytes: [], until: .end, maxTokens: 9, temperature: 0.5, topP: 0.9, minP: 0.1, seed: 1,
            origin: RequestOrigin(root: 0))
        let body = try JSONParser.parse(
            CompletionsReader.body(
                model: "m", prompt: .ids([1, 2]), most: 9, request: request, seed: 7, stop: ["\n"], isVLLM: true)[...])
        #expect(
            body["prompt"]?.ids == [1, 2] && body["max_tokens"]?.int == 9 && body["seed"]?.int == 7
                && body["n"]?.int == 1)
        #expect(body["temperature"]?.double == 0.5 && body["top_p"]?.double == 0.9 && body["min_p"]?.double == 0.1)
        for key in ["return_token_ids", "include_stop_str_in_output", "stream"] {
            #expect(body[key]?.bool == true, "\(key)")
        }
        for key in ["top_k", "repetition_penalty", "presence_penalty", "logprobs", "stop", "stream_options"] {
            #expect(body[key] != nil, "\(key)")
        }
    }

    private func assemble(_ events: [String], until: SampleUntil = .steps(1)) throws -> SampleResult {
        var reader = CompletionsReader(keepsTokens: true)
        for event in events { try reader.take(try json(event)) }
        var assembly = SampleAssembly(rules: StopRules(steps: .delimiter("\n"), stop: ["END"]), until: until)
        let ending = assembly.take(reader.segment)
        return assembly.result(ending ?? .cancelled)
    }

    /// As vLLM 0.32 sends it: a stop inside a token, whose rest is in the token's spelling alone.
    @Test func aStepOfVLLMHasItsLastTokenWhole() throws {
        let result = try assemble([
            #"{"choices":[{"index":0,"text":"So 7","token_ids":[5,6],"logprobs":{"tokens":["So"," 7"],"token_logprobs":[-0.1,-0.2]},"finish_reason":null,"stop_reason":null}]}"#,
            #"{"choices":[{"index":0,"text":".\n","token_ids":[9],"logprobs":{"tokens":[".\n\n"],"token_logprobs":[-0.3]},"finish_reason":"stop","stop_reason":"\n"}]}"#,
            #"{"choices":[],"usage":{"prompt_tokens":4,"completion_tokens":3}}"#,
        ])
        #expect(result.text == Array("So 7.\n\n".utf8) && result.stepEnds == [7] && result.ids == [5, 6, 9])
        #expect(result.tokens == 3 && result.logProbabilities == [-0.1, -0.2, -0.3] && result.ending == .step)
    }

    @Test func anEndOfVLLMIsCountedAndIsNoText() throws {
        let result = try assemble([
            #"{"choices":[{"index":0,"text":"7","token_ids":[5,2],"logprobs":{"tokens":["7","</s>"],"token_logprobs":[-0.1,-0.2]},"finish_reason":"stop","stop_reason":null}]}"#,
            #"{"choices":[],"usage":{"prompt_tokens":4,"completion_tokens":2}}"#,
        ])
        #expect(
            result.text == Array("7".utf8) && result.ids == [5] && result.tokens == 2 && result.ending == .finished
                && result.stepEnds == [1])
    }

    /// Half a character at the cut: the text is empty, the tokens are counted, and nothing is finished.
    @Test func halfACharacterOfVLLMIsTruncated() throws {
        let result = try assemble([
            #"{"choices":[{"index":0,"text":"","token_ids":[180],"logprobs":{"tokens":["�"],"token_logprobs":[-0.1]},"finish_reason":"length","stop_reason":null}]}"#,
            #"{"choices":[],"usage":{"prompt_tokens":4,"completion_tokens":1}}"#,
        ])
        #expect(
            result.text.isEmpty && result.ids == [180] && result.tokens == 1 && result.ending == .truncated
                && result.stepEnds.isEmpty)
    }

    @Test func aStreamWithoutACountHasNotEnded() throws {
        var reader = CompletionsReader(keepsTokens: false)
        try reader.take(try json(#"{"choices":[{"index":0,"text":"7","finish_reason":"stop"}]}"#))
        #expect(reader.segment.ending == nil)
        try reader.take(try json(#"{"choices":[],"usage":{"prompt_tokens":4,"completion_tokens":2}}"#))
        #expect(reader.segment.ending == .untold && reader.segment.tokens == 2)
    }
}
