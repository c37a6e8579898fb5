import CConformance
import CStratagem
import Glibc
import SearchCore

/// Functions by declared signature.
let functionChecks: [Check] = [
    Check(
        "function-sizes", .functions, level: 1,
        proves: "Every function's descriptor gives its size, and has an address.",
        clause: "Struct sizes; stg_function.address"
    ) { context throws(CheckStop) in
        for function in try functions(context) {
            let size = Int(function.pointee.struct_size), needed = MemoryLayout<stg_function>.size
            if size < needed || size > 65536 {
                throw found("struct_size is sizeof(stg_function), \(needed)", "it is \(size)", function)
            }
            if function.pointee.address == nil { throw found("an address", "it is NULL", function) }
            if function.pointee.reserved != 0 { throw found("reserved is 0", "\(function.pointee.reserved)", function) }
        }
    },
    Check(
        "function-name", .functions, level: 1,
        proves: "Every function's name is [a-z0-9-]+, and no two of one hook share it.",
        clause: "stg_function.name: what a bundle says; [a-z0-9-]+"
    ) { context throws(CheckStop) in
        var seen: Set<String> = []
        for function in try functions(context) {
            guard let name = text(function.pointee.name), NameRules.isShortName(name) else {
                throw found("a name of [a-z0-9-]+", quoted(function.pointee.name), function)
            }
            if !seen.insert(name + " " + (text(function.pointee.hook) ?? "?")).inserted {
                throw found("names that differ", "\"\(name)\" is there twice", function)
            }
        }
    },
    Check(
        "function-signature", .functions, level: 1,
        proves: "Every function is for a hook of 1.0 and declares that hook's signature.",
        clause: "The host refuses a hook that it does not know, and a signature that is not that hook's"
    ) { context throws(CheckStop) in
        for function in try functions(context) {
            guard let hook = text(function.pointee.hook), let signature = hooks[hook] else {
                throw found(
                    "one of \(hooks.keys.sorted().joined(separator: ", "))", quoted(function.pointee.hook), function)
            }
            if text(function.pointee.signature) != signature {
                throw found("the signature \(signature)", quoted(function.pointee.signature), function)
            }
        }
    },
    Check(
        "function-bounds", .functions, level: 5, proves: "No function reads past the end of its arguments.",
        clause: "Text: pointer and length, never NUL-terminated"
    ) { context throws(CheckStop) in
        try eachCall(context) { function, input in _ = CalledFunction.call(function, input, atEnd: true) }
    },
    Check(
        "function-writes", .functions, level: 5, proves: "No function writes to its arguments.",
        clause: "What a call passes in is … read-only"
    ) { context throws(CheckStop) in
        try eachCall(context) { function, input in _ = CalledFunction.call(function, input, readOnly: true) }
    },
    Check(
        "function-pure", .functions, level: 4,
        proves: "The same arguments give the same result, whatever came between.",
        clause: "Known hooks, all [any], pure and quick"
    ) { context throws(CheckStop) in
        var first: [String] = []
        // What a stack holds that nobody wrote is no argument either.
        kit_stack_pattern(StackPattern.all[0])
        defer { kit_stack_pattern(-1) }
        try eachCall(context) { function, input in first.append(CalledFunction.call(function, input).shown) }
        var place = 0
        kit_stack_pattern(StackPattern.all[1])
        try eachCall(context) { function, input throws(CheckStop) in
            let again = CalledFunction.call(function, input).shown
            if again != first[place] {
                throw found(
                    "the same result as before", "first \(first[place]), then \(again), for \(input.shown)", function)
            }
            place += 1
        }
    },
    Check(
        "function-same-place", .functions, level: 5,
        proves: "Other arguments in the same place, and of the same size, give a result of their own.",
        clause: "Known hooks, all [any], pure and quick"
    ) { context throws(CheckStop) in
        try judgePlaces(context)
    },
    Check(
        "function-threads", .functions, level: 6,
        proves: "Called on four threads at once, a function gives what it gives on one.",
        clause: "Known hooks, all [any]: any thread, at any time, many at once"
    ) { context throws(CheckStop) in
        for function in try functions(context) {
            guard let hook = text(function.pointee.hook), hooks[hook] == text(function.pointee.signature),
                let input = FunctionCrowd.stray(function, FunctionInput.ordinary(hook))
            else { continue }
            throw found("the same result as on one thread", "another for \(input.shown) beside other calls", function)
        }
    },
    Check(
        "function-status", .functions, level: 4,
        proves: "An extractor returns STG_OK with an answer, or STG_NOT_FOUND.",
        clause: "extract_answer: STG_OK, or STG_NOT_FOUND"
    ) { context throws(CheckStop) in
        try eachCall(context, of: "stratagem.extract_answer/1") { function, input throws(CheckStop) in
            guard case .answer(let status, let answer) = CalledFunction.call(function, input) else { return }
            if status != STG_OK && status != STG_NOT_FOUND {
                throw found("STG_OK or STG_NOT_FOUND", "\(statusName(status)) for \(input.shown)", function)
            }
            if status == STG_OK, answer == nil {
                throw found("an answer that can be read", "STG_OK and none, for \(input.shown)", function)
            }
            if let answer, String(validating: answer, as: UTF8.self) == nil,
                String(validating: input.first, as: UTF8.self) != nil
            {
                throw found("an answer of UTF-8 from a text of UTF-8", "\(quoted(answer)) for \(input.shown)", function)
            }
        }
    },
    Check(
        "function-answer-kept", .functions, level: 5,
        proves: "The text that an extractor points to outlives the next call.",
        clause: "extract_answer: *answer points into text or to memory that lives for ever"
    ) { context throws(CheckStop) in
        try judgeKept(context)
    },
    Check(
        "function-equivalence", .functions, level: 4,
        proves: "Equality of answers is an equivalence: every answer equals itself, and order does not matter.",
        clause: "answers_equal: An equivalence"
    ) { context throws(CheckStop) in
        try judgeEquivalence(context)
    },
    Check(
        "function-canonical", .functions, level: 4,
        proves:
            "A canonical form is its own canonical form, has the size that it reports, is written only into the buffer, and agrees with the equality of the same name.",
        clause:
            "canonical_answer: The form of a form is itself; two answers that have forms are equal exactly if their forms are the same bytes"
    ) { context throws(CheckStop) in
        try judgeCanonical(context)
    },
    Check(
        "function-range", .functions, level: 4, proves: "Aggregators and verifiers return a value in [0, 1].",
        clause: "aggregate_steps: one value in [0, 1]; verify: a program's verdict in [0, 1]"
    ) { context throws(CheckStop) in
        try eachCall(context) { function, input throws(CheckStop) in
            guard case .value(let value) = CalledFunction.call(function, input), !(0...1).contains(value) else {
                return
            }
            throw found("a value in [0, 1]", "\(value) for \(input.shown)", function)
        }
    },
    Check(
        "function-hostile", .functions, level: 6,
        proves: "Empty texts, NULs, bytes that are not UTF-8 and a megabyte do no harm and take no time.",
        clause: "Known hooks, all [any], pure and quick"
    ) { context throws(CheckStop) in
        for function in try functions(context) where hooks[text(function.pointee.hook) ?? ""] != nil {
            for input in FunctionInput.hostile {
                let start = monotonicSeconds()
                _ = CalledFunction.call(function, input)
                let seconds = monotonicSeconds() - start
                if seconds > 2 {
                    throw found("a result within 2 s", "\(milliseconds(seconds)) ms for \(input.shown)", function)
                }
            }
        }
    },
]

let hooks = [
    "stratagem.extract_answer/1": "i32(ptr,u64,ptr)", "stratagem.answers_equal/1": "i32(ptr,u64,ptr,u64)",
    "stratagem.aggregate_steps/1": "f64(ptr,u64)", "stratagem.verify/1": "f64(ptr,u64,ptr,u64)",
    "stratagem.canonical_answer/1": "i32(ptr,u64,ptr,u64,ptr)",
]

private func functions(_ context: CheckContext) throws(CheckStop) -> [UnsafePointer<stg_function>] {
    let functions = try context.view().functions
    if functions.isEmpty { throw .skip("it offers no functions") }
    return functions
}

private func found(_ expected: String, _ happened: String, _ function: UnsafePointer<stg_function>) -> CheckStop {
    .finding(CheckFinding(expected: expected, happened: happened, subject: text(function.pointee.name)))
}

/// Every function that can be called, over the inputs of its hook.
private func eachCall(
    _ context: CheckContext, of wanted: String? = nil,
    _ body: (UnsafePointer<stg_function>, FunctionInput) throws(CheckStop) -> Void
) throws(CheckStop) {
    var called = false
    for function in try functions(context) {
        guard let hook = text(function.pointee.hook), hooks[hook] == text(function.pointee.signature),
            function.pointee.address != nil,
            wanted == nil || wanted == hook
        else { continue }
        called = true
        FaultReport.begin(text(function.pointee.name) ?? "?")
        for input in FunctionInput.ordinary(hook) { try body(function, input) }
    }
    if !called { throw .skip("no function of that hook can be called") }
}

private func judgeKept(_ context: CheckContext) throws(CheckStop) {
    let hook = "stratagem.extract_answer/1"
    for function in try functions(context) where text(function.pointee.hook) == hook && function.pointee.address != nil
    {
        var kept: [(FunctionInput, stg_str, [UInt8])] = []
        for input in FunctionInput.ordinary(hook) + FunctionInput.ofManyLengths {
            let (status, answer) = CalledFunction.extract(function, CalledFunction.immortal(input.first))
            if status == STG_OK, let copied = bytes(answer) { kept.append((input, answer, copied)) }
        }
        for (input, answer, copied) in kept where bytes(answer) ?? [] != copied {
            throw found(
                "the answer as it was found", "after other calls, that of \(input.shown) reads differently", function)
        }
    }
}

/// A host reads one text after the other into the same memory.
private func judgePlaces(_ context: CheckContext) throws(CheckStop) {
    let place = CalledFunction.Place()
    try eachCall(context) { function, input throws(CheckStop) in
        let others = input.ofTheSameSize
        // Where nothing was before.
        let expected = others.map { CalledFunction.call(function, $0).shown }
        for (other, wanted) in zip(others, expected) {
            let result = CalledFunction.call(function, other, in: place).shown
            if result != wanted {
                throw found(
                    "\(wanted) for \(other.shown), as where it stands elsewhere",
                    "\(result) where other texts of its size stood before", function)
            }
        }
    }
}

private func judgeEquivalence(_ context: CheckContext) throws(CheckStop) {
    let answers = FunctionInput.answers
    var called = false
    for function in try functions(context)
    where text(function.pointee.hook) == "stratagem.answers_equal/1" && function.pointee.address != nil {
        called = true
        func equal(_ a: [UInt8], _ b: [UInt8]) -> Int32 {
            if case .equal(let result) = CalledFunction.call(function, FunctionInput(first: a, second: b)) {
                result
            } else {
                0
            }
        }
        for a in answers {
            if equal(a, a) != 1 {
                throw found("1 for an answer and itself", "\(equal(a, a)) for \(quoted(a))", function)
            }
            for b in answers {
                let (there, back) = (equal(a, b), equal(b, a))
                if there != back || !(0...1).contains(there) {
                    throw found(
                        "0 or 1, in either order", "\(there) and \(back) for \(quoted(a)) and \(quoted(b))", function)
                }
                for c in answers where there == 1 && equal(b, c) == 1 && equal(a, c) != 1 {
                    throw found(
                        "what equals the same is equal",
                        "\(quoted(a)) = \(quoted(b)) = \(quoted(c)), yet not \(quoted(a)) = \(quoted(c))", function)
                }
            }
        }
    }
    if !called { throw .skip("no function of that hook can be called") }
}

private func judgeCanonical(_ context: CheckContext) throws(CheckStop) {
    let (hook, equalHook) = ("stratagem.canonical_answer/1", "stratagem.answers_equal/1")
    func form(_ function: UnsafePointer<stg_function>, _ answer: [UInt8]) -> [UInt8]? {
        if case .answer(STG_OK, let form) = CalledFunction.call(function, FunctionInput(first: answer)) {
            form
        } else {
            nil
        }
    }
    try eachCall(context, of: hook) { function, input throws(CheckStop) in
        guard case .answer(let status, let own) = CalledFunction.call(function, input) else { return }
        if status != STG_OK && status != STG_NOT_FOUND {
            throw found("STG_OK or STG_NOT_FOUND", "\(statusName(status)) for \(input.shown)", function)
        }
        guard status == STG_OK else { return }
        guard let own, String(validating: own, as: UTF8.self) != nil else {
            throw found(
                "a form of UTF-8, 1 to \(STG_CANONICAL_MAX) bytes", "STG_OK and none, for \(input.shown)", function)
        }
        let again = form(function, own)
        if again != own {
            throw found(
                "the form of a form is itself", "that of \(quoted(own)) is \(again.map { quoted($0) } ?? "none")",
                function)
        }
        let little = CalledFunction.canonicalInTooLittle(function, input, needed: own.count)
        if little.status != STG_OK || little.bytes.contains(where: { $0 != CalledFunction.untouched }) {
            throw found(
                "STG_OK and an untouched buffer where the form does not fit",
                "\(statusName(little.status)), \(quoted(little.bytes)) for \(input.shown)", function)
        }
        let name = text(function.pointee.name)
        for equality in try functions(context)
        where text(equality.pointee.hook) == equalHook && text(equality.pointee.name) == name {
            for other in FunctionInput.answers {
                guard let second = form(function, other),
                    case .equal(let isEqual) = CalledFunction.call(
                        equality, FunctionInput(first: input.first, second: other))
                else { continue }
                if (isEqual == 1) != (own == second) {
                    throw found(
                        "equal answers have one form, others do not",
                        "\(input.shown) and \(quoted(other)): answers_equal says \(isEqual), forms \(quoted(own)) and \(quoted(second))",
                        function)
                }
            }
        }
    }
}
