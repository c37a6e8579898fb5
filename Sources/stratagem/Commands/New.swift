import ArgumentParser
import Foundation
import Scaffold
import SearchCore

struct New: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a project for your own strategy.",
        discussion: """
            The project has a working strategy (best of N answers), the header, the kit of its language \
            and a README with three commands: build, check, solve. It needs the language's usual tools \
            and no network.

            Examples:
              stratagem new my-search --lang python
              stratagem new my-search --lang cpp ~/src/my-search

            Exit status: 0 done; 2 refused (a name that the language does not allow, a folder that is not \
            empty or cannot be written), and nothing was written.
            """)

    @Argument(help: "The strategy's name: words of a-z and 0-9, joined by hyphens.")
    var name: String

    @Option(help: "c, cpp, swift, rust or python.", completion: .list(Language.allCases.map(\.rawValue)))
    var lang: String

    @Argument(help: "The folder to make, by default ./NAME.", completion: .directory)
    var folder: String?

    @Flag(help: "Print what was made as JSON (docs/json.md).")
    var json = false

    mutating func run() throws {
        let language = try Self.language(lang)
        let name = try ProjectName(name, language: language)
        let target = folder ?? name.dashed
        Interrupt.beforeQuitting {
            for path in Project.temporaries(of: target) { try? FileManager.default.removeItem(atPath: path) }
        }
        let project = try Project.create(name, language, in: target, from: try Templates.find())
        let product = language.product(name)
        for tool in Tool.missing(language) {
            Output.note(
                "There is no \(tool.name) in your PATH, and the project cannot be built without: \(tool.remedy)")
        }
        if json {
            Output.json(
                JSON.object([
                    .init("name", .string(name.dashed)), .init("language", .string(language.rawValue)),
                    .init("folder", .string(project.folder)),
                    .init("files", .array(project.files.map { .string($0) })),
                    .init("build", .string(language.buildCommand)),
                    .init("plugin", .string(product)),
                ]).pretty)
            return
        }
        Output.line(
            """
            A strategy in \(language.title), in \(target): start with README.md. Three commands:

              cd \(target) && \(language.buildCommand)
              stratagem check \(product)
              stratagem solve --example 42 --strategy ./\(product)
            """)
    }

    private static func language(_ name: String) throws(StratagemError) -> Language {
        if let language = Language(rawValue: name.lowercased()) { return language }
        let others: [String: Language] = [
            "c++": .cpp, "cxx": .cpp, "cc": .cpp, "rs": .rust, "py": .python, "python3": .python, "c99": .c,
        ]
        if let language = others[name.lowercased()] { return language }
        throw StratagemError(
            .user, .unknownLanguage,
            "there is no kit for '\(name)'; there are \(Language.allCases.map(\.rawValue).joined(separator: ", ")). Any language that can export a C function works: docs/abi.md"
        )
    }
}
