/// The colours of a figure by what they stand for: a strategy has the same one in every
/// figure. After Okabe and Ito's colour-blind safe set, with orange and pink darkened on
/// white until lines stand out (contrast of 3:1 and more). Strategies differ in their
/// marks as well, so that nothing rests on colour alone.
public enum Ink: String, Sendable, CaseIterable {
    case bestOfN = "best-of-n"
    case majority
    case beam
    case lookahead
    case revise
    case parallel
    case reviseSearch = "revise-search"
    case optimal
    case predicted
    case charged
    /// The strategy `compute-optimal` itself.
    case ran
    case optimalICLR = "optimal-iclr"
    case large
    case text
    case paper
    case axis
    case grid
    case page

    /// Each is used once: drawings are themed by replacing them.
    public var light: String {
        switch self {
        case .bestOfN: "#0072b2"
        case .majority: "#b07400"
        case .beam: "#d55e00"
        case .lookahead: "#00805a"
        case .revise: "#b8478a"
        case .parallel: "#2e9fd8"
        case .reviseSearch: "#5d3a9b"
        case .optimal: "#101113"
        case .predicted: "#0b8585"
        case .charged: "#c02942"
        case .ran: "#7b3fa0"
        case .optimalICLR: "#5a6b8c"
        case .large: "#8a5a2b"
        case .text: "#1c1e22"
        case .paper: "#8e949d"
        case .axis: "#6b7078"
        case .grid: "#e3e5e9"
        case .page: "#ffffff"
        }
    }

    public var dark: String {
        switch self {
        case .bestOfN: "#58aee6"
        case .majority: "#e69f00"
        case .beam: "#ff8a4c"
        case .lookahead: "#2fc598"
        case .revise: "#e48fc0"
        case .parallel: "#a8dcff"
        case .reviseSearch: "#b39aeb"
        case .optimal: "#fafafa"
        case .predicted: "#5cd6d6"
        case .charged: "#ff7d93"
        case .ran: "#cfa3ec"
        case .optimalICLR: "#9fb4dd"
        case .large: "#d2a679"
        case .text: "#e7e9ec"
        case .paper: "#858c97"
        case .axis: "#9aa1ab"
        case .grid: "#2b2f37"
        case .page: "#181a1f"
        }
    }

    /// gnuplot's point type.
    var mark: Int {
        switch self {
        case .bestOfN: 7
        case .majority: 5
        case .beam: 9
        case .lookahead: 13
        case .revise: 11
        case .parallel: 6
        case .reviseSearch: 15
        case .optimal: 4
        case .predicted: 6
        case .charged: 12
        case .ran: 3
        case .optimalICLR: 8
        case .large: 3
        default: 1
        }
    }
}
