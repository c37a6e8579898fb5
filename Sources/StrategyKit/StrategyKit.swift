/// StrategyKit is the Swift author's side of the plugin ABI: a strategy is a value
/// with one method, `next`, and the kit turns it into the C block that the host
/// loads. It uses `CStratagem` and the standard library, nothing else, so that a
/// plugin stays one small file.
///
/// The C header comes along with `import StrategyKit`: `stg_plugin_entry` is
/// implemented by the author's own line, and the compiler checks it against the header.
@_exported import CStratagem
