import ArgumentParser

/// What `difficulty` and `fit` ask of `--bins` and `--thresholds`.
enum BinOptions {
    static let usual = 5

    static func check(_ bins: Int?, _ thresholds: String?) throws {
        guard let bins else { return }
        guard (1...1000).contains(bins) else { throw ValidationError("--bins must be from 1 to 1000, found \(bins).") }
        guard thresholds == nil else {
            throw ValidationError("--bins and --thresholds both define the bins. Give one of them.")
        }
    }
}
