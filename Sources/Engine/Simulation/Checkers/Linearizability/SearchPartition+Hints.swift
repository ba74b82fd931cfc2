import CoreTypes
import ZooKeeperWire

extension SearchPartition {
    /// Whether the order of the hints is a linearization. That it is one is checked in full; that it is none proves
    /// nothing.
    var isExplainedByHints: Bool {
        var order = operations.indices.filter { operations[$0].hint < .max || !operations[$0].isOptional }
        order.sort { first, second in
            let (left, right) = (operations[first], operations[second])
            if left.hint != right.hint { return left.hint < right.hint }
            return left.isWrite != right.isWrite ? left.isWrite : first < second
        }
        var state = SearchState(znodeCount: paths.count)
        var lastInvoked = Step(rawValue: 0)
        for index in order {
            let operation = operations[index]
            // Somebody before it in this order began when it had been answered.
            if operation.responded < lastInvoked { return false }
            let actions = self.actions[operation.actions]
            if operation.isOptional {
                // What fails, or is left out, changes nothing.
                if !state.mayExecute(actions) { continue }
            } else if !state.executes(actions) {
                return false
            }
            lastInvoked = max(lastInvoked, operation.invoked)
        }
        return true
    }

    /// The part of the partition that is about one znode. Where the whole has a linearization, this has one.
    func projected(on znode: Int) -> SearchPartition {
        var part = SearchPartition()
        part.paths = [paths[znode]]
        for operation in operations {
            let own = actions[operation.actions].filter { $0.znode == znode }
            let failing = actions[operation.actions].last { $0.error != .ok }
            guard !own.isEmpty else { continue }
            // Why a multi failed can be judged only where it failed.
            if !operation.isOptional, let failing, failing.znode != znode { continue }
            var projected = operation
            let first = part.actions.count
            for action in own {
                var moved = action
                moved.znode = 0
                part.actions.append(moved)
            }
            projected.actions = first..<part.actions.count
            part.operations.append(projected)
        }
        return part
    }
}
