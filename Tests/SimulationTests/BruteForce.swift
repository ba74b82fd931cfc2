import CoreTypes
import Simulation
import ZooKeeperWire

/// Tries every order, with a model of its own. For histories of a few operations.
struct BruteForce {
    private struct Node: Equatable {
        var version: Int32
        var content: UInt64
    }

    private let history: History
    private var operations: [Int]

    init(_ history: History) {
        self.history = history
        operations = history.operations.indices.filter {
            let operation = history.operations[$0]
            return operation.isWrite || (operation.isSynced && operation.outcome == .answered)
        }
    }

    var isLinearizable: Bool { search(operations, [:]) }

    private func search(_ left: [Int], _ state: [PathID: Node]) -> Bool {
        if left.allSatisfy({ history.operations[$0].outcome == .unknown }) { return true }
        let end = left.map { history.operations[$0].responded }.min() ?? .never
        for (place, index) in left.enumerated() where history.operations[index].invoked < end {
            guard let after = execute(index, state) else { continue }
            var rest = left
            rest.remove(at: place)
            if search(rest, after) { return true }
        }
        return false
    }

    /// The state that follows; nil if the operation's results do not.
    private func execute(_ index: Int, _ before: [PathID: Node]) -> [PathID: Node]? {
        let operation = history.operations[index]
        let isJudged = operation.outcome == .answered
        var state = before
        for place in operation.actions {
            let error = execute(history.actions[place], history.results[place], &state, isJudged: isJudged)
            guard let error else { return nil }
            if isJudged && error != history.results[place].error { return nil }
            if error != .ok { return before }
        }
        return state
    }

    /// The error of the action; nil if it succeeds and shows something else.
    private func execute(
        _ action: Action, _ result: ActionResult, _ state: inout [PathID: Node], isJudged: Bool
    ) -> ErrorCode? {
        guard let node = state[action.path] else {
            if action.kind != .create { return .noNode }
            state[action.path] = Node(version: 0, content: action.content)
            return .ok
        }
        if action.kind == .create { return .nodeExists }
        if action.version != -1 && action.version != node.version { return .badVersion }
        // What an action shows matters only where it is said to have succeeded, as every action of its operation is.
        switch action.kind {
        case .delete: state[action.path] = nil
        case .set:
            state[action.path] = Node(version: node.version + 1, content: action.content)
            if isJudged && result.error == .ok && result.mzxid != .zero && result.version != node.version + 1 {
                return nil
            }
        case .get:
            if result.error == .ok && (result.version, result.content) != (node.version, node.content) { return nil }
        case .exists: if result.error == .ok && result.version != node.version { return nil }
        case .create, .check, .children: break
        }
        return .ok
    }
}
