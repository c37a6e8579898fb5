/// What the process ends with. Scripts rest on these: see the man page.
enum ExitStatus {
    static let done: Int32 = 0
    /// It ran, and failed.
    static let failed: Int32 = 1
    /// Refused before anything ran: usage, files, plugins, problems.
    static let refused: Int32 = 2
    static let interrupted: Int32 = 130
}
