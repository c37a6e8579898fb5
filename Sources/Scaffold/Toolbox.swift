import Foundation

/// A program that a project cannot be built without.
public struct Tool: Sendable, Equatable {
    public let name: String
    /// Where to get it.
    public let remedy: String

    /// The tools of `language` that are in no folder of the PATH.
    public static func missing(
        _ language: Language, environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> [Tool] {
        let folders = (environment["PATH"] ?? "").split(separator: ":")
        return language.tools.filter { tool in
            !folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(tool.name)") }
        }
    }
}

extension Language {
    var tools: [Tool] {
        let make = Tool(name: "make", remedy: "apt-get install make")
        return switch self {
        case .c: [make, Tool(name: "cc", remedy: "apt-get install gcc")]
        case .cpp: [make, Tool(name: "c++", remedy: "apt-get install g++")]
        case .swift: [Tool(name: "swift", remedy: "https://www.swift.org/install/linux")]
        case .rust: [Tool(name: "cargo", remedy: "https://rustup.rs, or apt-get install cargo (1.75 or later)")]
        case .python:
            [
                make, Tool(name: "cc", remedy: "apt-get install gcc"),
                Tool(name: "python3", remedy: "apt-get install python3"),
            ]
        }
    }
}
