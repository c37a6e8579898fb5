import Foundation
import SearchCore
import Testing
@testable import Studies

/// Files: their lines, their marks, their kinds.
struct DataFormatTests {
    private func set(_ text: String, _ file: String = "d.jsonl") throws -> DataSet {
        try DataSet.parse(Data(text.utf8), file: file)
    }

    private func refusal(_ bytes: Data, _ file: String = "d.jsonl") -> String {
        let error = #expect(throws: StratagemError.self) { try DataSet.parse(bytes, file: file) }
        return error?.message ?? "(accepted)"
    }

    private func refusal(_ text: String, _ file: String = "d.jsonl") -> String { refusal(Data(text.utf8), file) }
    private static let line = #"{"problem":"a","answer":"1"}"#

    // MARK: JSON

    @Test(arguments: [
        (#"{"problem":"a","answer":"1","answer":"2"}"#, "d.jsonl:2: the key \"answer\" occurs twice"),
        (#"{"problem":"a","answer":"1","answer":"1"}"#, "d.jsonl:2: the key \"answer\""),
        (#"{"problem":"a","answ\u0065r":"1","answer":"2"}"#, "d.jsonl:2: the key \"answer\""),
        (#"{"problem":"a","answer":"1","metadata":{"b":[{"c":1,"d":2,"c":3}]}}"#, "d.jsonl:2: the key \"c\""),
        (#"{"problem":"a\"","answer":"1","problem":"b"}"#, "d.jsonl:2: the key \"problem\""),
    ]) func repeatedKeys(line: String, message: String) {
        #expect(refusal(Self.line + "\n" + line).hasPrefix(message))
        #expect(refusal("[\(Self.line),\n\(line)]", "d.json").hasPrefix(message.replacing("d.jsonl", with: "d.json")))
    }

    @Test func theSameKeyInOtherObjectsIsNone() throws {
        let found = try set(
            #"{"problem":"\"answer\":","answer":"1","metadata":[{"answer":1},{"answer":"answer"},["answer","answer",{}]]}"#
        )
        #expect(found.problems == [Problem(text: "\"answer\":", answer: "1")])
    }

    @Test func oneObjectOverManyLines() throws {
        #expect(
            try set("{\n  \"problem\": \"a\",\n  \"answer\": \"1\"\n}\n").problems == [Problem(text: "a", answer: "1")])
        #expect(try set("{\"problem\": \"a\", \"answer\": \"1\"}").items.map(\.line) == [1])
        #expect(
            refusal("{\n\"problem\":\"a\",\n\"answer\":\"1\",\n\"answer\":\"2\"}").hasPrefix(
                "d.jsonl:4: the key \"answer\" occurs twice"))
        for text in ["{\"version\": 1, \"data\": [\(Self.line)]}", "{\n\"version\": 1,\n\"data\": [\(Self.line)]\n}\n"]
        {
            let found = refusal(text)
            #expect(
                found.hasPrefix(
                    "d.jsonl:1: the line has no \"problem\" or \"question\". Its field \"data\" is a list of 1 object: write each on a line of its own"
                ), "\(found)")
        }
        #expect(
            refusal("{\n\"problem\":\"a\"\n}\n{\n\"problem\":\"b\"\n}\n").contains(
                "its object does not end on the line. If the objects have several lines each: jq -c . FILE"))
    }

    @Test(arguments: [
        (#"{"problem":"a","answer":"1"},"#, "remove the comma at its end"),
        ("problem,answer", "it does not begin with {. The name of a table ends in .csv or .tsv"),
        ("{'problem':'a'}", "names and texts need double quotes"),
        (#"{"problem":"a","answer":NaN}"#, "NaN, Infinity, None, True and False are words of Python"),
        (#"{"problem":"a","answer":"1"} {"problem":"b","answer":"1"}"#, "there are two objects in it"),
    ]) func mistakes(line: String, hint: String) {
        let found = refusal(Self.line + "\n" + line + "\n" + Self.line)
        #expect(found.hasPrefix("d.jsonl:2: the line is not a JSON object: \(hint)"), "\(found)")
    }

    @Test func arrays() {
        #expect(
            refusal("[\(Self.line)\n\(Self.line)]\n", "d.json").hasPrefix(
                "d.json: the file begins as a JSON array and is not JSON: a comma between two objects is missing"))
        #expect(refusal("[\(Self.line), null]", "d.json").hasPrefix("d.json: element 2 is not an object, found null"))
        #expect(refusal("[]", "d.json").hasPrefix("d.json: there are no problems in it"))
    }

    /// `cat a.jsonl b.jsonl`, where both begin with a byte order mark.
    @Test func marksWithin() throws {
        #expect(try set("\u{FEFF}\(Self.line)\r\n\u{FEFF}\(Self.line)\r\n").items.map(\.line) == [1, 2])
        #expect(try set("\(Self.line)\n\u{FEFF}\r\n").items.count == 1, "the second file may be empty")
        #expect(try set("\u{FEFF}problem,answer\r\na,1\r\n", "d.csv").problems == [Problem(text: "a", answer: "1")])
    }

    // MARK: Tables

    @Test func rowsAreNamedByTheirLines() throws {
        let found = try set("problem,answer\n\"a\nb\",1\n\n c ,\"2\"\r\n\"d \"\"e\"\"\",3", "d.csv")
        #expect(found.problems.map(\.text) == ["a\nb", "c ", "d \"e\""] && found.items.map(\.line) == [2, 5, 6])
        #expect(try set("problem,answer\ra,1\rb,2", "d.csv").items.map(\.line) == [2, 3])
        #expect(try set("problem,answer,level\na,1,", "d.csv").problems == [Problem(text: "a", answer: "1")])
        #expect(
            try DataSet.parse(Data("problem,answer\na,1\n\"b".utf8), file: "d.csv", limit: 1).items.count == 1,
            "what comes after the limit is not looked at")
    }

    @Test(arguments: [
        ("question,answer,answer\na,1,2\n", "d.csv:1: the header names the column \"answer\" twice"),
        ("question,answer\na,1\n\n\"b\nc,2\n", "d.csv:4: the cell that begins with a quote here has no quote"),
        (
            "question,answer\n\"a,1\n\"b\",2\n",
            "d.csv:2: the cell that begins with a quote here ends with one in line 3, and text follows it"
        ),
        ("question,answer\na 5\" pipe,2\n", "d.csv:2: the row cannot be read: a quote stands within a cell"),
        ("question,hint,answer\na,1\nb,c,2\n", "d.csv:2: the row has 2 cells, and the header 3"),
        ("question,answer\na,b,1\n", "d.csv:2: the row has 3 cells, and the header 2"),
        (
            "question;answer\na;1\n",
            "d.csv:1: the first row does not name a column with problems: it has \"question;answer\""
        ),
        (line, "d.csv:1: this is JSON, and the file's name says that it is a table"),
        ("", "d.csv: there are no problems"),
        ("question,Answer,answer\na,1,2\n", "d.csv:2: \"Answer\" is 1 and \"answer\" is 2"),
        ("question,answer\na,####\n", "d.csv:2: \"answer\" must be a string or a number, and not empty"),
    ]) func tablesRefused(text: String, message: String) {
        let found = refusal(text, "d.csv")
        #expect(found.hasPrefix(message), "\(found)")
    }

    /// A comma too many loses nothing.
    @Test func trailingCommas() throws {
        #expect(try set(#"{"problem":"a","answer":"1",}"#).problems == [Problem(text: "a", answer: "1")])
        #expect(try set("[\(Self.line),]", "d.json").problems == [Problem(text: "a", answer: "1")])
    }

    @Test func columnsWithoutAName() throws {
        #expect(try set(",question,answer\n0,a,1\n", "d.csv").unused.names == ["column 1"])
    }

    // MARK: Other kinds

    @Test(arguments: [
        ([0x50, 0x41, 0x52, 0x31] as [UInt8], "d.parquet", "this is a Parquet file. Convert it: python3 -c '"),
        ([0x1F, 0x8B, 8], "d.jsonl.gz", "this is a gzip file. Unpack it: gunzip -k d.jsonl.gz"),
        ([0x50, 0x4B, 3, 4], "my data.zip", "this is a zip file. Unpack it: unzip 'my data.zip'"),
        ([0x50, 0x4B, 3, 4], "d.xlsx", "this is a spreadsheet. Convert it: python3 -c 'import pandas"),
        ([0xD0, 0xCF, 0x11, 0xE0], "d.csv", "this is a spreadsheet."),
        ([0x42, 0x5A, 0x68, 0x39], "d", "this is a bzip2 file."),
        ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], "d", "this is an xz file."),
        ([0x28, 0xB5, 0x2F, 0xFD], "d", "this is a Zstandard file. Unpack it: zstd -d d"),
        (Array("ARROW1".utf8), "d", "this is an Arrow file."), ([0xFF, 0xFE, 0x7B, 0], "d", "this is UTF-16."),
        (Array("SQLite format 3\0".utf8), "d.db", "this is an SQLite database"),
        (Array("<!DOCTYPE html>".utf8), "d.jsonl", "this is HTML or XML"),
        (Array("%PDF-1.7".utf8), "d.pdf", "this is a PDF file."),
    ]) func otherKinds(bytes: [UInt8], file: String, message: String) {
        let found = refusal(Data(bytes), file)
        #expect(found.hasPrefix("\(file): \(message)"), "\(found)")
    }
}
