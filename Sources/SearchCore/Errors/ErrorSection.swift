/// What `docs/errors.md` says about one code.
public struct ErrorEntry: Sendable {
    public var code: ErrorCode
    /// Whose fault it can be.
    public var origins: [Origin]
    /// What is wrong, in one line of Markdown.
    public var cause: String
    /// What to do about it, in one line of Markdown.
    public var remedy: String

    init(_ code: ErrorCode, _ origins: [Origin], cause: String, remedy: String) {
        self.code = code
        self.origins = origins
        self.cause = cause
        self.remedy = remedy
    }
}

/// A part of `docs/errors.md`. Each code has one entry in one section; a test checks it.
public struct ErrorSection: Sendable {
    public var title: String
    public var entries: [ErrorEntry]

    /// All sections, in the page's order.
    public static let all = [commandLine, problems, models, plugins, workers, asks, studies, files]

    /// `docs/errors.md`.
    public static var page: String {
        var page = """
            <!-- Made by 'stratagem manual --errors'. Do not edit: change Sources/SearchCore/Errors. -->
            # Errors: every code, its cause and its remedy

            An error has an *origin* (whose fault it is: `user`, `plugin`, `model`, `verifier`, `host`), a *code* (stable, for
            programs) and a *message* (for people: what was expected, what was found, what to do). `--json` prints all three
            ([docs/json.md](json.md)). A code keeps its meaning; new ones are added.

            """
        for section in all {
            page += "\n## \(section.title)\n\n| code | origin | cause | remedy |\n|---|---|---|---|\n"
            for entry in section.entries {
                let origins = entry.origins.map(\.rawValue).joined(separator: ", ")
                page += "| `\(entry.code)` | \(origins) | \(entry.cause) | \(entry.remedy) |\n"
            }
        }
        return page
    }
}
