import CConformance
import CStratagem
import Glibc
import Locking
import SearchCore

/// One function, called on several threads at once with arguments that are there beforehand: nothing but the function
/// takes time, so calls meet.
enum FunctionCrowd {
    private struct Arguments {
        var first: stg_str
        var second: stg_str
        var values: UnsafePointer<Double>?
        var count: UInt64

        init(_ input: FunctionInput) {
            first = CalledFunction.immortal(input.first)
            second = CalledFunction.immortal(input.second)
            let values = CalledFunction.immortal(input.values.withUnsafeBytes { Array($0) })
            self.values = UnsafeRawPointer(values.data)?.assumingMemoryBound(to: Double.self)
            count = UInt64(input.values.count)
        }
    }

    private static let threads = 4
    private static var seconds: Double { Effort.isBrief ? 0.004 : 0.04 }

    /// - Returns: an input for which a call beside others gave something else than a call alone.
    static func stray(_ function: UnsafePointer<stg_function>, _ inputs: [FunctionInput]) -> FunctionInput? {
        guard let hook = text(function.pointee.hook), let address = function.pointee.address else { return nil }
        nonisolated(unsafe) let call = digest(hook, address)
        nonisolated(unsafe) let arguments = inputs.map(Arguments.init)
        let alone = arguments.map { call($0) }
        let different = Locked<Int?>(nil)
        inParallel(threads) { thread in
            let end = monotonicSeconds() + seconds
            var turn = thread * 7
            repeat {
                for _ in 0..<64 {
                    let index = turn % alone.count
                    turn += 1
                    if call(arguments[index]) != alone[index] { different.withLock { $0 = index } }
                }
            } while monotonicSeconds() < end && different.withLock { $0 == nil }
        }
        return different.withLock { $0 }.map { inputs[$0] }
    }

    /// - Returns: an input for which the first calls of all, made at the same time, gave something else than a later one.
    static func strayAtFirst(_ function: UnsafePointer<stg_function>, _ inputs: [FunctionInput]) -> FunctionInput? {
        guard let hook = text(function.pointee.hook), let address = function.pointee.address else { return nil }
        nonisolated(unsafe) let call = digest(hook, address)
        nonisolated(unsafe) let arguments = inputs.map(Arguments.init)
        let found = Locked<[[UInt64]]>([])
        kit_meetings(200)
        inParallel(threads) { _ in
            kit_meet()
            let results = arguments.map { call($0) }
            found.withLock { $0.append(results) }
        }
        kit_meetings(0)
        let alone = arguments.map { call($0) }
        for results in found.withLock({ $0 }) {
            if let place = firstDifference(results, alone) { return inputs[place] }
        }
        return nil
    }

    /// A call whose result is one number.
    private static func digest(_ hook: String, _ address: @escaping @convention(c) () -> Void)
        -> (Arguments) -> UInt64
    {
        switch hook {
        case "stratagem.extract_answer/1":
            let extract = unsafeBitCast(address, to: CalledFunction.Extract.self)
            return { input in
                var answer = stg_str()
                let status = extract(input.first.data, UInt64(input.first.size), &answer)
                return status == STG_OK ? hash(answer.data, answer.size) : UInt64(bitPattern: Int64(status))
            }
        case "stratagem.answers_equal/1":
            let equal = unsafeBitCast(address, to: CalledFunction.Equal.self)
            return {
                UInt64(
                    bitPattern: Int64(
                        equal($0.first.data, UInt64($0.first.size), $0.second.data, UInt64($0.second.size))))
            }
        case "stratagem.aggregate_steps/1":
            let aggregate = unsafeBitCast(address, to: CalledFunction.Aggregate.self)
            return { aggregate($0.values, $0.count).bitPattern }
        case "stratagem.verify/1":
            let verify = unsafeBitCast(address, to: CalledFunction.Verify.self)
            return {
                verify($0.first.data, UInt64($0.first.size), $0.second.data, UInt64($0.second.size)).bitPattern
            }
        default:
            let canonical = unsafeBitCast(address, to: CalledFunction.Canonical.self)
            return { input in
                withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { room in
                    var needed: UInt64 = 0
                    let status = canonical(input.first.data, UInt64(input.first.size), room.baseAddress, 256, &needed)
                    return status == STG_OK && needed <= 256
                        ? hash(room.baseAddress, Int(needed)) : UInt64(bitPattern: Int64(status))
                }
            }
        }
    }

    private static func hash(_ start: UnsafePointer<CChar>?, _ count: Int) -> UInt64 {
        var value: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in UnsafeBufferPointer(start: start, count: min(count, 4096)) {
            value = (value ^ UInt64(UInt8(bitPattern: byte))) &* 0x100_0000_01B3
        }
        return value
    }
}
