/// One measured figure, with the limit or goal that it is held against.
public struct BenchFigure: Sendable, Codable {
    public var name: String
    public var value: Double
    public var unit: String
    /// What the figure should be: "≥ 0.9"; nil if it is told for information.
    public var goal: String?
    /// Whether it is; nil without a goal.
    public var isReached: Bool?
    /// How it was measured.
    public var note: String

    public init(_ name: String, _ value: Double, _ unit: String, atLeast goal: Double, note: String) {
        self.init(name: name, value: value, unit: unit, goal: "≥ \(goal)", isReached: value >= goal, note: note)
    }

    public init(_ name: String, _ value: Double, _ unit: String, atMost goal: Double, note: String) {
        self.init(name: name, value: value, unit: unit, goal: "≤ \(goal)", isReached: value <= goal, note: note)
    }

    public init(_ name: String, _ value: Double, _ unit: String, note: String) {
        self.init(name: name, value: value, unit: unit, goal: nil, isReached: nil, note: note)
    }

    private init(name: String, value: Double, unit: String, goal: String?, isReached: Bool?, note: String) {
        self.name = name
        self.value = value
        self.unit = unit
        self.goal = goal
        self.isReached = isReached
        self.note = note
    }
}
