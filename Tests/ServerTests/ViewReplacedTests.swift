import Foundation
import SearchCore
@testable import Server
import Studies
import Testing

/// The store that `view` shows is taken away, or another one comes in its place.
extension ViewTests {
    enum Change: CaseIterable { case removed, moved, writtenOver }

    /// As large as the other, and of the same shape: nothing but its texts and the order of its cells tells it.
    private static var other: Study {
        var other = study
        other.problems = problems.map {
            Problem(text: $0.text.replacing("What", with: "Else"), answer: $0.answer ?? "")
        }
        (other.dataName, other.dataSHA256) = ("e.jsonl", "1")
        return other
    }

    @Test(arguments: Change.allCases) func anotherStudyTakesThePlace(_ change: Change) async throws {
        let folder = try Folder()
        defer { folder.remove() }
        let (path, second) = (folder.path + "/study.db", folder.path + "/second.db")
        try Self.fill(path)
        try Self.fill(second, study: Self.other, cells: [Self.cell("second"), Self.cell("first")])
        try await serve({ try ViewServer(store: path, $0) { _ in } }) { base in
            let first = try await get(base + "/v1/study").json
            let id = try #require(first["id"]?.string)
            #expect(try await get(base + "/v1/study/runs?cell=1&study=" + id).status == 200)
            switch change {
            case .removed:
                try FileManager.default.removeItem(atPath: path)
                for address in ["/v1/study", "/v1/study/runs?study=" + id, "/v1/runs/1-0/events?study=" + id] {
                    let reply = try await get(base + address)
                    #expect(reply.status == 400 && reply.error.code == "store_gone", "\(reply.text)")
                    #expect(reply.text.contains("study.db was removed while it was shown here"))
                }
                try FileManager.default.moveItem(atPath: second, toPath: path)
            case .moved:
                #expect(rename(second, path) == 0)
            case .writtenOver:
                let bytes = try Data(contentsOf: URL(fileURLWithPath: second))
                let handle = try #require(FileHandle(forWritingAtPath: path))
                try handle.truncate(atOffset: 0)
                try handle.write(contentsOf: bytes)
                try handle.close()
            }
            // The page that is open asks by numbers of the first.
            for address in ["/v1/study/runs?cell=1&study=" + id, "/v1/runs/1-0/events?study=" + id] {
                let reply = try await get(base + address)
                #expect(reply.status == 409 && reply.error.code == "study_replaced", "\(reply.text)")
                #expect(reply.text.contains("study.db is another study than the page was opened with"))
            }
            let study = try await get(base + "/v1/study").json
            let fresh = try #require(study["id"]?.string)
            #expect(fresh != id && study["origin"]?.string?.hasPrefix("e.jsonl") == true)
            let cell = study["cells"]?.array?.first { $0["id"]?.int == 1 }
            #expect(cell?["name"]?.string == "second:width=4@4", "the same number, another strategy")
            let rows = try await get(base + "/v1/study/runs?cell=1&study=" + fresh).json["rows"]?.array
            #expect(rows?.compactMap { $0["text"]?.string }.allSatisfy { $0.hasPrefix("Else") } == true)
            let events = try await get(base + "/v1/runs/1-0/events?study=" + fresh).events
            #expect(
                events.first?["problem"]?.string == "Else is 2 + 2?" && events.first?["strategy"]?.string == "second")
        }
    }

    /// The file of before came back, or a copy of it: the same study, and the page may go on or read it anew.
    @Test func whatIsNoStoreIsSaid() async throws {
        let folder = try Folder()
        defer { folder.remove() }
        let path = folder.path + "/study.db"
        try Self.fill(path)
        try await serve({ try ViewServer(store: path, $0) { _ in } }) { base in
            let id = try #require(try await get(base + "/v1/study").json["id"]?.string)
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            try Data("no store at all, and long enough to be read as one".utf8).write(to: URL(fileURLWithPath: path))
            let reply = try await get(base + "/v1/study")
            #expect(reply.status == 400 && reply.error.code == "bad_store", "\(reply.text)")
            try bytes.write(to: URL(fileURLWithPath: path))
            #expect(try await get(base + "/v1/study/runs?study=" + id).json["rows"]?.array?.count == 5)
        }
    }
}
