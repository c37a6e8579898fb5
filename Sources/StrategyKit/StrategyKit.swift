/// StrategyKit is for authors of plugins in Swift: a strategy is a value with one method, `next`, and the kit turns it
/// into the C block that the host loads. It uses only `CStratagem` and the standard library, so that a plugin stays one
/// small file.
///
/// `import StrategyKit` also imports the C header. The author's own line implements `stg_plugin_entry`, and the
/// compiler checks it against the header.
@_exported import CStratagem
