import Foundation
import SearchCore
import Testing
@testable import Studies

struct DataSetTests {
    private func parse(_ text: String) throws -> DataSet { try DataSet.parse(Data(text.utf8), file: "d.jsonl") }

    /// The message of the refusal.
    private func refusal(_ bytes: Data) -> String {
        do {
            _ = try DataSet.parse(bytes, file: "d.jsonl")
            return "(accepted)"
        } catch {
            #expect(error.origin == .user)
            return error.message
        }
    }

    private func refusal(_ text: String) -> String { refusal(Data(text.utf8)) }

    @Test func bothSpellings() throws {
        let set = try parse(
            """
            {"problem": "1 + 1?", "answer": "2"}

            {"question": "Tom has 1,000 …", "answer": "He has 1000 + 234.\\n#### 1,234"}\r
            {"problem": "half?", "answer": 0.5}
            {"problem": "seven?", "answer": 7, "level": 3}
            """)
        #expect(set.items.map(\.problem.answer) == ["2", "1234", "0.5", "7"])
        #expect(set.items.map(\.line) == [1, 3, 4, 5])
        #expect(set.items[1].problem.text == "Tom has 1,000 …")
    }

    @Test func limitStopsReading() throws {
        let set = try DataSet.parse(
            Data("{\"problem\":\"a\",\"answer\":\"1\"}\nrubbish\n".utf8), file: "d.jsonl", limit: 1)
        #expect(set.items.count == 1)
    }

    @Test func byteOrderMarkIsSkipped() throws {
        #expect(try parse("\u{FEFF}{\"problem\":\"a\",\"answer\":\"1\"}").items.count == 1)
    }

    @Test(arguments: [
        ("{\"problem\":\"a\",\"answer\":\"1\"}\n{\"problem\":\"b\"}\n", "d.jsonl:2: the problem has no \"answer\""),
        ("{\"answer\":\"1\"}\n", "d.jsonl:1: the line has no \"problem\""),
        ("{\"problem\":\"a\",\"answer\":\"1\"}\n{\"problem\":\"b\",\"ans", "d.jsonl:2: the last line is truncated"),
        (
            "{\"problem\":\"a\",\"answer\":\"1\"}\n{\"problem\":\"b\",\"ans\n",
            "d.jsonl:2: the line is not a JSON object"
        ),
        ("[{\"problem\":\"a\",\"answer\":\"1\"}", "d.jsonl: the file begins as a JSON array and does not end as one"),
        ("[{\"problem\":\"a\",\"answer\":\"1\"}, 7]", "d.jsonl: element 2 is not an object"),
        (
            "{\"problem\":\"a\",\"answer\":1234567890123456789012345678901234567890}",
            "d.jsonl:1: \"answer\" is a number with more than 37 digits"
        ),
        ("{\"problem\":\"a\",\"answer\":null}", "d.jsonl:1: the problem has no \"answer\""),
        ("{\"problem\":\"a\",\"solution\":\"so 7\"}", "d.jsonl:1: there is no \"answer\", and no \\boxed"),
        ("{\"question\":\"a\",\"choices\":[\"x\"],\"answer\":0}", "d.jsonl:1: \"choices\" must be 2 to 26"),
        ("{\"question\":\"a\",\"choices\":\"x or y\",\"answer\":0}", "d.jsonl:1: \"choices\" must be a list"),
        ("{\"question\":\"a\",\"options\":[\"x\",\"y\"],\"answer\":2}", "d.jsonl:1: \"answer\" is 2, which is not one"),
        (
            "{\"question\":\"a\",\"options\":[\"x\",\"y\"],\"answer\":\"z\"}",
            "d.jsonl:1: \"answer\" is z, which is not one"
        ),
        ("{\"question\":\"a\",\"context\":[[\"b\"]],\"answer\":\"1\"}", "d.jsonl:1: \"context\" must be a string"),
        ("{\"question\":\"a\",\"image\":\"b.png\",\"answer\":\"1\"}", "d.jsonl:1: \"image\" is a part of the question"),
        ("{\"problem\":\"a\",\"steps\":[\"b\"],\"label\":-1}", "d.jsonl:1: this is a solution with judged steps"),
        ("PAR1\u{1}\u{2}", "d.jsonl: this is a Parquet file"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:0", "d.jsonl: this is a Git LFS pointer"),
        ("", "d.jsonl: there are no problems in it"),
        (" \n\n\t\r\n", "d.jsonl: there are no problems in it"),
        ("{\"problem\":\"  \",\"answer\":\"1\"}", "d.jsonl:1: the problem is empty"),
        ("{\"problem\":\"a\\u0000b\",\"answer\":\"1\"}", "d.jsonl:1: the problem has a NUL byte"),
        ("{\"problem\":7,\"answer\":\"1\"}", "d.jsonl:1: \"problem\" must be a string"),
        ("{\"problem\":\"a\",\"answer\":[1]}", "d.jsonl:1: \"answer\" must be a string or a number"),
        ("{\"problem\":\"a\",\"answer\":true}", "d.jsonl:1: \"answer\" must be a string or a number"),
        ("{\"problem\":\"a\",\"answer\":\"#### \"}", "d.jsonl:1: \"answer\" must be a string or a number"),
        ("{\"problem\":\"a\",\"answer\":\"1\"}\nA\0B\n", "d.jsonl:2: the line holds a NUL byte"),
    ]) func refused(text: String, message: String) {
        let found = refusal(text)
        #expect(found.hasPrefix(message), "\(found)")
    }

    @Test func notUTF8() {
        #expect(
            refusal(Data("{\"problem\":\"caf".utf8) + [0xE9] + Data("\",\"answer\":\"1\"}".utf8)).hasPrefix(
                "d.jsonl:1: the line is not UTF-8"))
    }

    @Test func longLines() {
        let mebibyte = String(repeating: "a", count: 1 << 20)
        #expect(refusal("{\"problem\":\"\(mebibyte)a\",\"answer\":\"1\"}").contains("at most 1048576"))
        #expect(refusal(String(repeating: mebibyte, count: 8)).hasPrefix("d.jsonl:1: the line has 8388608 bytes"))
    }

    @Test func files() {
        #expect(throws: StratagemError.self) { try DataSet.read(file: "/nonexistent.jsonl") }
        #expect(throws: StratagemError.self) { try DataSet.read(file: NSTemporaryDirectory()) }
    }

    @Test(arguments: [
        ("18", "18"), ("He has 18.\n#### 18", "18"), ("#### 1\n#### $2,500 ", "2500"), (" 3/4 ", "3/4"), ("", nil),
        ("####", nil), ("1,5", "1,5"),
        ("so\n#### (1,2)", "(1,2)"), ("#### $1,234", "1234"),
    ]) func answerKeys(written: String, key: String?) {
        #expect(DataShape.answerKey(written) == key)
    }
}
