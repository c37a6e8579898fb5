/// Where each step of a picture goes: columns by depth, and within a column the
/// children of one parent together, best first. Lines between columns never cross.
struct TreeLayout {
    struct Metrics {
        var rowPitch: Double
        var columnGap: Double
        /// Height of the letters of an answer beside its step.
        var verdictSize: Double
        /// How much white is mixed into a score's colour.
        var tint: Double
        /// Width of a column whose longest label has so many characters.
        var width: (Int) -> Double
        var labelLimit: Int
        var showsText: Bool

        /// Boxes with their text.
        static var boxes: Metrics {
            Metrics(
                rowPitch: 30, columnGap: 30, verdictSize: 12, tint: 0.55, width: { 58 + 6.1 * Double($0) },
                labelLimit: 40, showsText: true)
        }

        /// For wide searches: a dot a step, text in tooltips.
        static var dots: Metrics {
            Metrics(
                rowPitch: 11, columnGap: 70, verdictSize: 9, tint: 0.1, width: { _ in 10 }, labelLimit: 0,
                showsText: false)
        }
    }

    let metrics: Metrics
    /// Centre line of each step, by its index.
    private(set) var y: [Double]
    /// Left edge and width of each column.
    private(set) var columns: [(x: Double, width: Double)] = []
    /// From the first row's top to the last one's bottom.
    private(set) var height: Double
    /// Right end of the last column and of the answers beside it.
    private(set) var width = 0.0

    init(_ picture: TreePicture) {
        let layers = Self.order(picture)
        metrics = (layers.map(\.count).max() ?? 0) > 48 ? .dots : .boxes
        y = [Double](repeating: 0, count: picture.steps.count)
        let pitch = metrics.rowPitch
        for layer in layers { Self.place(layer, picture, pitch, &y) }
        y = y.map { $0 + pitch / 2 }
        height = (y.max() ?? 0) + pitch / 2
        for layer in layers { addColumn(layer, picture) }
    }

    private mutating func addColumn(_ layer: [Int], _ picture: TreePicture) {
        let x = columns.isEmpty ? 0 : width + metrics.columnGap
        let label = layer.map { picture.label(picture.steps[$0], limit: metrics.labelLimit).count }.max() ?? 0
        let verdict = layer.compactMap { picture.verdict(picture.steps[$0])?.count }.max() ?? 0
        let column = (x: x, width: metrics.width(label))
        columns.append(column)
        width = column.x + column.width + (verdict > 0 ? 8 + Double(verdict) * metrics.verdictSize * 0.66 : 0)
    }

    /// Columns of step indices, top to bottom.
    private static func order(_ picture: TreePicture) -> [[Int]] {
        var children: [[Int]] = Array(repeating: [], count: picture.steps.count)
        var roots: [Int] = []
        for (index, step) in picture.steps.enumerated() {
            if let parent = step.parent { children[parent].append(index) } else { roots.append(index) }
        }
        func isBefore(_ a: Int, _ b: Int) -> Bool {
            let first = picture.steps[a], second = picture.steps[b]
            if first.fate != second.fate { return first.fate < second.fate }
            let scores = (first.score ?? -1, second.score ?? -1)
            return scores.0 != scores.1 ? scores.0 > scores.1 : a < b
        }
        var layers: [[Int]] = []
        var layer = roots
        while !layer.isEmpty {
            layers.append(layer)
            layer = layer.flatMap { children[$0].sorted(by: isBefore) }
        }
        return layers
    }

    /// A step stands level with its parent, or as near below as the steps above it
    /// allow: the chosen path runs straight along the top.
    private static func place(_ layer: [Int], _ picture: TreePicture, _ pitch: Double, _ y: inout [Double]) {
        var free = 0.0
        for index in layer {
            y[index] = max(free, picture.steps[index].parent.map { y[$0] } ?? 0)
            free = y[index] + pitch
        }
    }
}
