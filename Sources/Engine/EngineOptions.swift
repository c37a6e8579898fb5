import Foundation
import SearchCore
import StrategyHost

/// The options for opening an engine.
public struct EngineOptions: Sendable {
    /// A bundle (docs/bundles.md), the short name of a shipped one, or a script; nil: the reference models.
    public var bundle: String?
    /// Instead of a bundle: the address of a server with OpenAI's interface.
    public var endpoint: String?
    /// The endpoint's model; nil: the only one that it has. Without an endpoint: a GGUF file instead of a bundle.
    public var model: String?
    public var plugins = PluginOptions()
    /// Which functions find and compare answers, where it is not the bundle that says it.
    public var answers = AnswerChoice()
    /// Threads that search side by side, from 1 to 1024; nil leaves it to the models.
    public var lanes: Int?
    /// Threads that one lane computes with, from 1 to 1024; nil leaves it to the models.
    public var threads: Int?
    /// The memory for the caches of all models together, in bytes; nil leaves it to the models.
    /// Three quarters are for what models have read, the rest for samples that runs share.
    public var cacheBytes: Int?
    /// Draws and scores what several runs of a problem ask for once; no result or cost changes.
    public var sharesSamples = false
    /// Receives messages. Called on any thread, often on a lane's: must be quick.
    public var log: EngineLog = noLog
    /// Called on its own thread when a plugin in this process does not return from a call: it cannot be
    /// stopped, and its lane is lost. Who has results saves them here and ends the process. Nil: nobody watches.
    public var whenHanging: (@Sendable (StratagemError) -> Void)?
    /// Gets every call between host and plugin.
    public var abiTraceSink: (any ABITraceSink)?

    public init() {}
}

/// Where plugins are looked for, and which of them run in their own process.
public struct PluginOptions: Sendable {
    /// Folders with plugins, or single plugins; searched before `STRATAGEM_PATH`, the user's data folder and the
    /// program's folder.
    public var folders: [String] = []
    /// Trusted plugins run in their own process too.
    public var isolatesAll = false
    /// Refuses plugins that are not trusted where this system cannot confine them in full.
    public var requiresIsolation = false
    /// Lets plugins that are not trusted take the names of trusted ones that come after them.
    public var allowsShadowing = false
    /// Called on its own thread when a trusted plugin does not return from its loading: it cannot be stopped.
    /// Who has results saves them here and ends the process. Nil: nobody watches.
    public var whenHanging: (@Sendable (StratagemError) -> Void)?
    /// Names further folders, and the user's list of trusted plugins.
    public var environment = ProcessInfo.processInfo.environment

    public init() {}
}

/// The importance of a line of the log.
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

/// Takes a line of the log, without a line feed.
public typealias EngineLog = @Sendable (LogLevel, String) -> Void

/// Drops every line.
public let noLog: EngineLog = { _, _ in }
