import StrategyKit

/// All strategies that this plugin offers. Keep the style that you like, and delete the other.
private let plugin = Plugin(
    name: "my-search", version: "0.1.0", strategies: [MySearch.self, Sequential<MySearchLoop>.self])

@c @implementation
public func stg_plugin_entry() -> UnsafePointer<stg_plugin>! { plugin.block }
