import CStratagem
import SearchCore

/// A strategy that is ready to run. Valid for the life of the process.
public struct LoadedStrategy: @unchecked Sendable {
    public let info: StrategyInfo
    /// SHA-256 of the plugin's bytes: identifies the code in traces and results.
    public let pluginHash: String
    /// Where the plugin was found.
    public let pluginPath: String
    /// The plugin's own block, checked. Its image is never unloaded. For an isolated plugin, a stand-in whose functions
    /// refuse.
    public let descriptor: UnsafePointer<stg_strategy>
    /// The image whose worker it runs in; nil if it runs in this process.
    public var isolated: IsolatedImage?

    /// A value for every parameter, from values that a user typed as `name=text`.
    ///
    /// Files are read. Defaults are filled in, and are `.none` if the plugin computes its default itself.
    ///
    /// - Parameter folder: the folder of files that are not named by a full path; nil: the current folder.
    public func check(parameters: [String: String], filesIn folder: String? = nil) throws(StratagemError) -> [String:
        ParameterValue]
    {
        try ParameterCheck.typed(parameters, info, filesIn: folder)
    }

    /// A value for every parameter, from what another plugin gave in a RUN ask.
    public func check(values: [String: ParameterValue]) throws(StratagemError) -> [String: ParameterValue] {
        try ParameterCheck.complete(values, info, blame: .plugin)
    }

    /// Refuses complete values in which a required value is missing.
    ///
    /// - Parameter blame: the user, or the plugin that gave the values in a RUN ask.
    public func requireAll(_ values: [String: ParameterValue], blame: Origin = .user) throws(StratagemError) {
        try ParameterCheck.requireAll(values, info, blame: blame)
    }
}
