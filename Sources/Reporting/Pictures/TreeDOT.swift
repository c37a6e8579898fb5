import Studies
/// A search tree for Graphviz: `dot -Tpdf tree.dot`.
public enum TreeDOT {
    public static func draw(_ picture: TreePicture) -> String {
        var text = """
            digraph search {
              graph [rankdir=LR, label="\(Markup.dot(picture.title + ": " + (picture.answer ?? "no answer")))", labelloc=t, fontname="Helvetica"];
              node [shape=box, style="rounded,filled", fillcolor="#f1f2f4", color="#8b929c", fontname="Helvetica", fontsize=10];
              edge [color="#8b929c", arrowsize=0.5];

            """
        for (index, step) in picture.steps.enumerated() { text += node(index, step, picture) }
        for (index, step) in picture.steps.enumerated() {
            guard let parent = step.parent else { continue }
            text += "  s\(parent) -> s\(index)\(style(step.fate));\n"
        }
        return text + "}\n"
    }

    private static func node(_ index: Int, _ step: TreePicture.Step, _ picture: TreePicture) -> String {
        var label = picture.label(step, limit: 60)
        if let score = step.score { label += "\n" + Readable.fixed(score, 2) }
        if step.ending == .finished { label += "\n= " + (step.answer ?? "no answer") }
        if step.ending == .truncated { label += "\ncut off" }
        var attributes = ["label=\"\(Markup.dot(label))\"", "tooltip=\"\(Markup.dot(picture.detail(step)))\""]
        if let score = step.score {
            attributes.append(
                "fillcolor=\"\(ScoreColour(bucket: ScoreColour.bucket(score)).mixed(with: .white, 0.55).hex)\"")
        }
        switch step.fate {
        case .won: attributes.append("color=\"#00796b\", penwidth=2")
        case .kept: break
        case .dropped: attributes.append("color=\"#d3d6db\", fontcolor=\"#6b7078\"")
        }
        return "  s\(index) [\(attributes.joined(separator: ", "))];\n"
    }

    private static func style(_ fate: TreePicture.Fate) -> String {
        switch fate {
        case .won: " [color=\"#00796b\", penwidth=2]"
        case .kept: ""
        case .dropped: " [color=\"#d3d6db\"]"
        }
    }
}
