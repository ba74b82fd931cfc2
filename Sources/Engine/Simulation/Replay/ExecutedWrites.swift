import CoreTypes

/// Everything that took a zxid and that a history knows of, in the order of zxids.
struct ExecutedWrites: Sendable {
    enum Command: Sendable {
        /// Its place in `History.operations`.
        case operation(Int)
        /// Its place in `History.ends`.
        case end(Int)
    }

    struct Element: Sendable {
        var zxid: Zxid
        var command: Command
    }

    /// By rising zxid.
    private(set) var elements: [Element] = []
    /// By operation: `zero` for reads and for what was not executed.
    private(set) var zxids: [Zxid]

    /// - Throws: `zxidOnce`, `executedOnce`.
    init(_ history: History) throws(Violation) {
        zxids = Array(repeating: .zero, count: history.operations.count)
        for (index, operation) in history.operations.enumerated()
        where operation.isWrite && operation.outcome == .answered {
            if operation.zxid == .zero { throw Violation(.zxidOnce, "no zxid: \(history.describe(index))") }
            zxids[index] = operation.zxid
        }
        try take(history.executions, of: history)
        for (index, zxid) in zxids.enumerated() where zxid != .zero {
            elements.append(Element(zxid: zxid, command: .operation(index)))
        }
        for (index, end) in history.ends.enumerated() {
            elements.append(Element(zxid: end.zxid, command: .end(index)))
        }
        elements.sort { $0.zxid < $1.zxid }
        for index in elements.indices.dropFirst() where elements[index].zxid == elements[index - 1].zxid {
            let (first, second) = (elements[index - 1].command, elements[index].command)
            throw Violation(
                .zxidOnce,
                "zxid \(elements[index].zxid.rawValue) belongs to \(history.describe(first)) and to "
                    + history.describe(second))
        }
    }

    private mutating func take(_ executions: [Execution], of history: History) throws(Violation) {
        for execution in executions {
            let known = zxids[execution.operation]
            if history.operations[execution.operation].outcome == .refused {
                throw Violation(
                    .executedOnce,
                    "replica \(execution.replica.rawValue) executed, as zxid \(execution.zxid.rawValue), what was "
                        + "refused: \(history.describe(execution.operation))")
            }
            if known != .zero && known != execution.zxid {
                throw Violation(
                    .executedOnce,
                    "zxid \(known.rawValue), and at replica \(execution.replica.rawValue) zxid "
                        + "\(execution.zxid.rawValue): \(history.describe(execution.operation))")
            }
            zxids[execution.operation] = execution.zxid
        }
    }
}

extension History {
    func describe(_ command: ExecutedWrites.Command) -> String {
        switch command {
        case .operation(let index): describe(index)
        case .end(let index):
            "the \(ends[index].isExpiry ? "expiry" : "closing") of session \(ends[index].session.rawValue)"
        }
    }
}
