import SearchCore

/// The small network that makes a value of a model's last hidden state: linear layers with ReLU between them. The heads
/// of published reward models have one layer (a value head, a sequence classifier) or two (Qwen2.5-Math-PRM).
public struct ValueHead: Sendable {
    /// Sixteen numbers at a time, so that sums have one order on every machine.
    private typealias Lanes = SIMD16<Float>

    private struct Layer {
        var inputs: Int
        /// One row for each output, filled up with zeros.
        var rows: [[Lanes]]
        var bias: [Float]
    }

    private static let layersMax = 8
    private let layers: [Layer]
    /// SHA-256 of the file that it was read from.
    let digest: String

    /// The width of the hidden states that it takes.
    public var width: Int { layers[0].inputs }
    public var outputs: Int { layers.last?.rows.count ?? 0 }
    /// The number of weights; each takes part in one multiplication for each value.
    public var parameters: Int { layers.reduce(0) { $0 + $1.rows.count * ($1.inputs + 1) } }

    init(file: String) throws(Safetensors.Problem) { try self.init(try Safetensors(file: file)) }

    /// The tensors are named as in the checkpoint: `score.weight`; `v_head.summary.weight` and `.bias`; `score.0.weight`,
    /// `score.0.bias`, `score.2.weight`, `score.2.bias`. The layers follow one another in the order of these numbers.
    init(_ file: Safetensors) throws(Safetensors.Problem) {
        digest = file.digest
        if let activation = file.notes["activation"], activation != "relu" {
            throw .init(what: "has \(activation) between its layers, and only relu is known")
        }
        var layers: [Layer] = []
        for name in try Self.names(file) {
            guard let weight = file.tensors[name + ".weight"] else { continue }
            layers.append(try Self.layer(name, weight, bias: file.tensors[name + ".bias"]))
        }
        for (one, next) in zip(layers, layers.dropFirst()) where one.rows.count != next.inputs {
            throw .init(what: "has a layer of \(one.rows.count) outputs before one of \(next.inputs) inputs")
        }
        guard !layers.isEmpty else { throw .init(what: "has no tensor whose name ends in .weight, so it is no head") }
        self.layers = layers
    }

    /// The names of the layers, in their order. Tensors that belong to no layer are refused: the file may be the whole
    /// model.
    private static func names(_ file: Safetensors) throws(Safetensors.Problem) -> [String] {
        let names = file.tensors.keys.filter { $0.hasSuffix(".weight") }.map { String($0.dropLast(7)) }
        for name in file.tensors.keys.sorted() {
            let isBias = name.hasSuffix(".bias") && names.contains(String(name.dropLast(5)))
            guard name.hasSuffix(".weight") || isBias else {
                throw .init(what: "has the tensor '\(name.prefix(80))', which is no weight or bias of a layer")
            }
        }
        let numbered = names.map { name in
            let dot = name.lastIndex(of: ".") ?? name.endIndex
            return (name: name, stem: name[..<dot], number: Int(name[dot...].dropFirst()))
        }
        let isOneHead = Set(numbered.map(\.stem)).count == 1 && numbered.allSatisfy { $0.number != nil }
        guard names.count <= 1 || isOneHead && names.count <= layersMax else {
            throw .init(
                what:
                    "has \(names.count) weights whose names are not those of one head (score.0, score.2), but \(names.sorted().prefix(3).joined(separator: ", "))"
            )
        }
        return numbered.sorted { ($0.number ?? 0) < ($1.number ?? 0) }.map(\.name)
    }

    private static func layer(_ name: String, _ weight: Safetensors.Tensor, bias: Safetensors.Tensor?)
        throws(Safetensors.Problem) -> Layer
    {
        guard weight.shape.count == 2, weight.shape[0] > 0, weight.shape[1] > 0 else {
            throw .init(what: "has the tensor '\(name).weight' of shape \(weight.shape), and a layer is a matrix")
        }
        let (outputs, inputs) = (weight.shape[0], weight.shape[1])
        guard bias.map({ $0.shape == [outputs] }) ?? true else {
            throw .init(what: "has the tensor '\(name).bias' of shape \(bias?.shape ?? []), and not [\(outputs)]")
        }
        guard weight.values.allSatisfy(\.isFinite), bias?.values.allSatisfy(\.isFinite) ?? true else {
            throw .init(what: "has a number in '\(name)' that is NaN or infinite. Write the head anew")
        }
        let rows = (0..<outputs).map { lanes(weight.values[$0 * inputs..<($0 + 1) * inputs]) }
        return Layer(inputs: inputs, rows: rows, bias: bias?.values ?? [Float](repeating: 0, count: outputs))
    }

    private static func lanes(_ values: ArraySlice<Float>) -> [Lanes] {
        stride(from: values.startIndex, to: values.endIndex, by: Lanes.scalarCount).map { start in
            var lanes = Lanes.zero
            for place in 0..<min(Lanes.scalarCount, values.endIndex - start) { lanes[place] = values[start + place] }
            return lanes
        }
    }

    /// Its outputs for a hidden state of its width.
    public func callAsFunction(_ state: [Float]) -> [Float] {
        var values = state
        for (index, layer) in layers.enumerated() {
            if index > 0 { values = values.map { max(0, $0) } }
            let lanes = Self.lanes(values[...])
            values = zip(layer.rows, layer.bias).map { row, bias in
                var sum = Lanes.zero
                for place in row.indices { sum += row[place] * lanes[place] }
                return sum.sum() + bias
            }
        }
        return values
    }
}
