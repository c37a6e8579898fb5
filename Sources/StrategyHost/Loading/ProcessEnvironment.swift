import Glibc

/// The variables that decide where files lie. (Reading all variables would need `environ`, a global that Swift 6
/// rightly rejects.)
func processEnvironment() -> [String: String] {
    var found: [String: String] = [:]
    for name in ["XDG_CACHE_HOME", "XDG_DATA_HOME", "HOME", "STRATAGEM_PATH"] {
        if let value = getenv(name) { found[name] = String(cString: value) }
    }
    return found
}
