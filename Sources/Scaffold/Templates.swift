import Foundation
import SearchCore

/// The files that a new project is made of, found wherever the program lies.
///
/// A template is a project that works, of a strategy called `my-search`. The header
/// and StrategyKit are the repository's own sources, copied beside the templates when
/// the program is built.
public struct Templates: Sendable {
    /// A folder a language.
    let projects: String
    /// Where `StrategyKit` and `CStratagem` are.
    let sources: String

    /// Looks in `STRATAGEM_TEMPLATES`, in the repository if the program lies in its build
    /// folder, beside the program, in `share/stratagem` of the program's prefix.
    public static func find(environment: [String: String] = ProcessInfo.processInfo.environment) throws(StratagemError)
        -> Templates
    {
        if let named = environment["STRATAGEM_TEMPLATES"], !named.isEmpty {
            guard let there = Templates(at: named) else {
                throw missing(
                    "STRATAGEM_TEMPLATES names \(named), where there is no Resources/c/my_search.c. Correct or unset it"
                )
            }
            return there
        }
        // Not `argv[0]`, which says whatever the caller wants.
        let program =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments
            .first ?? ""
        if let here = repository(of: program) { return here }
        let places = standardFolders(program: program)
        guard let place = places.lazy.compactMap(Templates.init(at:)).first else {
            throw missing(
                "the templates were not found (looked in \(places.joined(separator: ", "))). Run 'make build' in the repository, or set STRATAGEM_TEMPLATES to their folder"
            )
        }
        return place
    }

    /// As they are copied beside the program.
    init?(at folder: String) { self.init(projects: folder + "/Resources", sources: folder) }

    private init?(projects: String, sources: String) {
        guard FileManager.default.fileExists(atPath: projects + "/c/my_search.c") else { return nil }
        self.projects = projects
        self.sources = sources
    }

    /// SwiftPM copies a folder when it builds for the first time, and not when a file in
    /// it changes: while one works on the kits, the sources themselves are the truth.
    private static func repository(of program: String) -> Templates? {
        guard let build = program.range(of: "/.build/", options: .backwards) else { return nil }
        let sources = program[..<build.lowerBound] + "/Sources"
        return Templates(projects: sources + "/Scaffold/Resources", sources: String(sources))
    }

    static func standardFolders(program: String) -> [String] {
        let folder = URL(fileURLWithPath: program).deletingLastPathComponent()
        return [
            folder.appendingPathComponent("stratagem_Scaffold.resources").path,
            folder.deletingLastPathComponent().appendingPathComponent("share/stratagem/templates").standardizedFileURL
                .path,
        ]
    }

    private static func missing(_ message: String) -> StratagemError { StratagemError(.user, .noTemplates, message) }

    /// One file of a new project.
    struct File: Equatable {
        /// In the project.
        var path: String
        var text: String
        var isExecutable = false
    }

    /// The project's files, by path.
    func files(_ language: Language, _ name: ProjectName) throws(StratagemError) -> [File] {
        var files = try Self.tree(projects + "/" + language.rawValue).map { file in
            var file = file
            file.path = name.rename(file.path == "gitignore" ? ".gitignore" : file.path)
            file.text = name.rename(file.text)
            return file
        }
        for (source, target) in Self.copies[language] ?? [] {
            for var file in try Self.tree(
                source.hasPrefix("shared/") ? projects + "/" + source : sources + "/" + source)
            {
                file.path = file.path.isEmpty ? target : target + "/" + file.path
                files.append(file)
            }
        }
        return files.sorted { $0.path < $1.path }
    }

    /// What is not the author's: taken as it is.
    private static let copies: [Language: [(String, String)]] = [
        .c: [("CStratagem/include/stratagem.h", "stratagem.h")],
        .cpp: [("CStratagem/include/stratagem.h", "stratagem.h"), ("shared/plugin.version", "plugin.version")],
        .swift: [
            ("CStratagem", "Sources/CStratagem"), ("StrategyKit", "Sources/StrategyKit"),
            ("shared/plugin.version", "plugin.version"),
        ],
        .rust: [],
        .python: [("CStratagem/include/stratagem.h", "kit/stratagem.h")],
    ]

    /// Every file at or below `start`, with paths that begin there.
    private static func tree(_ start: String) throws(StratagemError) -> [File] {
        let names: [String]
        do { names = try Self.names(start) } catch { throw unreadable(start, error) }
        var files: [File] = []
        for name in names {
            let file = name.isEmpty ? start : start + "/" + name
            do {
                files.append(
                    File(
                        path: name, text: try String(contentsOfFile: file, encoding: .utf8),
                        isExecutable: FileManager.default.isExecutableFile(atPath: file)))
            } catch { throw unreadable(file, error) }
        }
        return files
    }

    private static func names(_ start: String) throws -> [String] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: start, isDirectory: &isFolder), isFolder.boolValue else {
            return [""]
        }
        return try FileManager.default.subpathsOfDirectory(atPath: start).filter { name in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: start + "/" + name, isDirectory: &isFolder)
                && !isFolder.boolValue
        }
    }

    private static func unreadable(_ path: String, _ error: any Error) -> StratagemError {
        StratagemError(
            .host, .noTemplates,
            "\(path) cannot be read: \(error.localizedDescription). Run 'make build' in the repository again")
    }
}

extension ProjectName {
    /// The template's name becomes the project's.
    func rename(_ text: String) -> String {
        text.replacingOccurrences(of: "my-search", with: dashed)
            .replacingOccurrences(of: "my_search", with: snake)
            .replacingOccurrences(of: "MySearch", with: camel)
    }
}
