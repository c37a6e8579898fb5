import Foundation

/// What the shell is offered for a strategy's name.
enum Completions {
    @Sendable static func strategies(_ words: [String], _ index: Int, _ prefix: String) -> [String] {
        var options = PluginArguments()
        for (word, value) in zip(words, words.dropFirst()) where word == "--plugin-path" { options.pluginPath.append(value) }
        return options.registry().records.filter { $0.status == .loaded }.flatMap { $0.strategies.map(\.name) }.sorted()
    }
}
