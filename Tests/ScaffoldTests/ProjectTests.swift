import Foundation
import SearchCore
import Testing
@testable import Scaffold

@Suite struct ProjectTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
    /// Those of the repository.
    private let templates: Templates
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("scaffold-\(UUID().uuidString)")
        .path

    init() throws {
        templates = try Templates.find(environment: [:])
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    private func remove() { try? FileManager.default.removeItem(atPath: folder) }

    @Test(arguments: Language.allCases)
    func nothingOfTheTemplatesNameIsLeft(_ language: Language) throws {
        defer { remove() }
        let project = try Project.create(
            try ProjectName("zeta-walk", language: language), language, in: folder + "/a/b", from: templates)
        #expect(project.files.contains("README.md") && project.files.contains(".gitignore"))
        for file in project.files {
            let text = try String(contentsOfFile: project.folder + "/" + file, encoding: .utf8)
            for spelling in ["my-search", "my_search", "MySearch"] {
                #expect(!file.contains(spelling), "\(file)")
                // The sources of the kit have their own examples in their comments.
                if !file.contains("StrategyKit/"), !file.hasPrefix("stratagem/"), file != "stratagem.hpp" {
                    #expect(!text.contains(spelling), "\(file)")
                }
            }
        }
        let header = project.files.first { $0.hasSuffix("stratagem.h") }
        #expect((header == nil) == (language == .rust))
        if let header {
            #expect(
                FileManager.default.contents(atPath: project.folder + "/" + header)
                    == FileManager.default.contents(atPath: Self.root + "/Sources/CStratagem/include/stratagem.h"))
        }
    }

    /// The kit is the one that our own plugins are built with.
    @Test func theSwiftKitIsOurs() throws {
        defer { remove() }
        _ = try Project.create(try ProjectName("a", language: .swift), .swift, in: folder, from: templates)
        let ours = try FileManager.default.contentsOfDirectory(atPath: Self.root + "/Sources/StrategyKit").sorted()
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/Sources/StrategyKit").sorted() == ours)
        for file in ours {
            #expect(
                FileManager.default.contentsEqual(
                    atPath: Self.root + "/Sources/StrategyKit/" + file, andPath: folder + "/Sources/StrategyKit/" + file
                ), "\(file)")
        }
        #expect(
            FileManager.default.contentsEqual(
                atPath: Self.root + "/Plugins/plugin.version", andPath: folder + "/plugin.version"))
    }

    private func refusal(_ target: String) throws -> StratagemError? {
        let name = try ProjectName("my-search", language: .c)
        return #expect(throws: StratagemError.self, "\(target)") {
            try Project.create(name, .c, in: target, from: templates)
        }
    }

    @Test func refusesAFolderThatIsNotEmpty() throws {
        defer { remove() }
        try Data("mine".utf8).write(to: URL(fileURLWithPath: folder + "/notes.txt"))
        let error = try refusal(folder)
        #expect(error?.code == .folderExists && error?.message.contains("notes.txt") == true)
        #expect(try refusal(folder + "/notes.txt")?.code == .folderExists)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["notes.txt"])
    }

    @Test func takesAnEmptyFolder() throws {
        defer { remove() }
        #expect(
            try Project.create(try ProjectName("my-search", language: .c), .c, in: folder, from: templates).files
                .contains("my_search.c"))
    }

    /// What cannot be finished is taken back.
    @Test func leavesNothingBehindWhereItCannotWrite() throws {
        defer { remove() }
        #expect(try refusal("/proc/nothing-here/x")?.code == .unwritable)
        try Data().write(to: URL(fileURLWithPath: folder + "/file"))
        #expect(try refusal(folder + "/file/below")?.code == .unwritable)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["file"])
        // A name that is too long: found out only when folders above it were made.
        #expect(try refusal(folder + "/new/" + String(repeating: "a", count: 300))?.code == .unwritable)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["file"])
    }

    /// As it is installed: the copies beside the program are whole.
    @Test(arguments: Language.allCases)
    func theCopiesAreWhole(_ language: Language) throws {
        defer { remove() }
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let beside = try #require(Templates.standardFolders(program: program).compactMap(Templates.init(at:)).first)
        #expect(beside.projects != templates.projects)
        let name = try ProjectName("my-search", language: language)
        #expect(try beside.files(language, name).map(\.path) == templates.files(language, name).map(\.path))
    }

    @Test func namesTheToolsThatAreMissing() throws {
        defer { remove() }
        let make = folder + "/make"
        #expect(FileManager.default.createFile(atPath: make, contents: Data(), attributes: [.posixPermissions: 0o755]))
        #expect(Tool.missing(.python, environment: ["PATH": "/nowhere:\(folder)"]).map(\.name) == ["cc", "python3"])
        #expect(Tool.missing(.rust, environment: [:]).map(\.name) == ["cargo"])
    }

    @Test func saysWhereItLookedForTheTemplates() {
        let error = #expect(throws: StratagemError.self) {
            try Templates.find(environment: ["STRATAGEM_TEMPLATES": "/nowhere"])
        }
        #expect(error?.code == .noTemplates && error?.message.contains("/nowhere") == true)
    }
}
