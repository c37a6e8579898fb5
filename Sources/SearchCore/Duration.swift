extension Duration {
    /// The duration in seconds; negative for a negative duration.
    public var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
