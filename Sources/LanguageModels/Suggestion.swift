import SearchCore

/// ", did you mean 'beam-search'?" if one of `known` is near enough to be what was meant, else nothing.
public func suggestion(for word: String, among known: some Collection<String>) -> String {
    Nearest.name(word, among: Array(known)).map { ", did you mean '\($0)'?" } ?? ""
}
