/// One figure of the report, as data: what is drawn, listed and said. Nothing in it
/// knows how it is drawn.
public struct Figure: Sendable, Equatable {
    /// File name of the SVG and anchor in the page.
    public var id: String
    public var title: String
    /// What is shown, and which of the paper's figures it belongs to.
    public var about: String
    public var panels: [Panel]
    /// Panels side by side.
    public var columns: Int
    public var x: XAxis
    public var y: YAxis
    /// What is seen, and how sure it is: worked out from the numbers.
    public var seen: [String]
    /// What a reader must know to read it rightly.
    public var notes: [String]
    /// Besides the one of all that is drawn.
    public var tables: [Table]
    /// Whether there is one of all that is drawn: not where every point has an x of its own.
    public var listsPoints = true

    init(
        id: String, title: String, about: String, panels: [Panel], columns: Int = 1, x: XAxis, y: YAxis = .accuracy,
        seen: [String] = [], notes: [String] = [], tables: [Table] = []
    ) {
        self.id = id
        self.title = title
        self.about = about
        self.panels = panels
        self.columns = columns
        self.x = x
        self.y = y
        self.seen = seen
        self.notes = notes
        self.tables = tables
    }

    var isEmpty: Bool { panels.allSatisfy { $0.series.allSatisfy { $0.points.isEmpty || $0.isPaper } } }
}

/// What a figure came to.
public enum Drawn: Sendable, Equatable {
    case figure(Figure)
    /// The store has no cells for it; `needs` says which, in one sentence.
    case missing(id: String, title: String, needs: String)
}

public struct XAxis: Sendable, Equatable {
    public enum Scale: Sendable, Equatable {
        case doubling
        case linear
        /// Values 0, 1, 2 … stand for these.
        case names([String])
        /// A ratio: 1:4, 1:1, 4:1; values are the ratio's logarithm to base 2.
        case ratio
    }

    public var label: String
    public var scale: Scale

    static let budget = XAxis(label: "budget N (generations)", scale: .doubling)

    /// As tables and ticks write a value.
    func name(_ value: Double) -> String {
        switch scale {
        case .doubling, .linear: value == value.rounded() ? String(Int(value)) : Words.number(value)
        case .names(let names): names.indices.contains(Int(value)) ? names[Int(value)] : ""
        case .ratio: Self.ratio(value)
        }
    }

    private static func ratio(_ power: Double) -> String {
        let rounded = power.isNaN ? 0 : Int(power.rounded().clamped(to: -40...40))
        return rounded >= 0 ? "\(1 << rounded):1" : "1:\(1 << -rounded)"
    }
}

public struct YAxis: Sendable, Equatable {
    public var label: String
    /// Shares are shown times 100.
    public var isPercent: Bool

    static let accuracy = YAxis(label: "accuracy (%)", isPercent: true)
}

public struct Panel: Sendable, Equatable {
    public var title: String
    public var series: [Series]
    /// A second, smaller line.
    public var note = ""
}

public struct Series: Sendable, Equatable {
    public enum Line: String, Sendable {
        case solid, dashed, dotted
        /// Marks alone.
        case none
    }

    public struct Point: Sendable, Equatable {
        public var x: Double
        public var y: Estimate

        public init(_ x: Double, _ y: Estimate) {
            self.x = x
            self.y = y
        }
    }

    public var name: String
    public var ink: Ink
    public var line: Line
    public var points: [Point]
    /// The paper's own: no interval, and measured on other data.
    public var isPaper = false

    init(_ name: String, _ ink: Ink, _ line: Line = .solid, _ points: [Point], isPaper: Bool = false) {
        self.name = name
        self.ink = ink
        self.line = line
        self.points = points
        self.isPaper = isPaper
    }

    func point(at x: Double) -> Estimate? { points.first { $0.x == x }?.y }
}
