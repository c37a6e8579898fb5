extension Duration {
    /// In seconds; negative if it is.
    public var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
