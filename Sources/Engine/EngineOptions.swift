import Foundation
import SearchCore
import StrategyHost

/// The options for opening an engine.
public struct EngineOptions: Sendable {
    /// A bundle (docs/bundles.md), the short name of a shipped one, or a script; nil: the reference models.
    public var bundle: String?
    /// Instead of a bundle: the address of a server with OpenAI's interface.
    public var endpoint: String?
    /// The endpoint's model; nil: the only one that it has. Without an endpoint: a GGUF file that takes the place of a
    /// bundle.
    public var model: String?
    public var plugins = PluginOptions()
    /// Lets a bundle run programs as verifiers (`command = …`), with the rights of this process.
    public var allowsCommands = false
    /// The functions that find and compare answers, if the bundle does not name them.
    public var answers = AnswerChoice()
    /// The number of threads that search in parallel, from 1 to 1024; nil leaves it to the models.
    public var lanes: Int?
    /// The number of threads that one lane computes with, from 1 to 1024; nil leaves it to the models.
    public var threads: Int?
    /// The memory for the caches of all models together, in bytes; nil leaves it to the models.
    /// ``CacheShares`` divides it.
    public var cacheBytes: Int?
    /// Draws and scores only once what several runs of a problem ask for; no result or cost changes.
    public var sharesSamples = false
    /// Receives messages. It is called on any thread, often on a lane's, and must return quickly.
    public var log: EngineLog = noLog
    /// Called on its own thread when a plugin in this process does not return from a call: the plugin cannot be
    /// stopped, and its lane is lost. Save your results here and end the process. Nil: hangs are not watched for.
    public var whenHanging: (@Sendable (StratagemError) -> Void)?
    /// Receives every call between host and plugin.
    public var abiTraceSink: (any ABITraceSink)?

    public init() {}
}

/// How one figure for cache memory is divided.
package enum CacheShares {
    /// For what models have read.
    package static func models(of bytes: Int) -> Int { bytes / 8 * 7 }
    /// For samples that runs share.
    package static func samples(of bytes: Int) -> Int { bytes / 8 }
}

/// Where plugins are looked for, and which of them run in their own process.
public struct PluginOptions: Sendable {
    /// Folders with plugins, or single plugins; searched before `STRATAGEM_PATH`, the user's data folder and the
    /// program's folder.
    public var folders: [String] = []
    /// Trusted plugins run in their own process too.
    public var isolatesAll = false
    /// Refuses plugins that are not trusted if this system cannot confine them fully.
    public var requiresIsolation = false
    /// Lets plugins that are not trusted take the names of trusted ones that come after them.
    public var allowsShadowing = false
    /// Called on its own thread when a trusted plugin does not return while it is being loaded: it cannot be stopped.
    /// Save your results here and end the process. Nil: hangs are not watched for.
    public var whenHanging: (@Sendable (StratagemError) -> Void)?
    /// The environment, which names further folders and the user's list of trusted plugins.
    public var environment = ProcessInfo.processInfo.environment

    public init() {}
}

/// The importance of a line in the log.
public enum LogLevel: Int, Sendable, Comparable {
    case debug, information
    /// What a plugin in its own process has printed.
    case notice
    case warning, error

    public static func < (one: LogLevel, other: LogLevel) -> Bool { one.rawValue < other.rawValue }

    /// - Parameter level: as `stg_log_level`; a plugin may send any number.
    init(ofPlugin level: Int32) {
        self =
            switch level {
            case ...0: .debug
            case 1: .information
            case 2: .warning
            default: .error
            }
    }
}

/// Receives a line of the log, without a line feed.
public typealias EngineLog = @Sendable (LogLevel, String) -> Void

/// Drops every line.
public let noLog: EngineLog = { _, _ in }
