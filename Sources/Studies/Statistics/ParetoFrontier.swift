/// Which of several ways of solving are worth their cost.
public enum ParetoFrontier {
    /// By point, whether no point of the same or a lower cost is as accurate. Of equal points the first is.
    public static func members(_ points: [(cost: Double, accuracy: Double)]) -> [Bool] {
        var isMember = points.map { _ in false }
        var best = -1.0
        let order = points.indices.sorted {
            (points[$0].cost, -points[$0].accuracy, $0) < (points[$1].cost, -points[$1].accuracy, $1)
        }
        for index in order where points[index].accuracy > best {
            best = points[index].accuracy
            isMember[index] = true
        }
        return isMember
    }
}
