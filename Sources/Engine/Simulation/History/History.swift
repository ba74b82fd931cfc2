package import CoreTypes
import ZooKeeperWire

/// All that the clients of a simulation did and saw, and what the replicas say they executed. It only grows.
///
/// About 300 bytes an operation. Steps must be given in rising order.
package struct History: Sendable {
    package var paths = PathTable()
    /// By rising invocation.
    package private(set) var operations: [Operation] = []
    /// Of all operations; `Operation.actions` says whose are whose.
    package private(set) var actions: [Action] = []
    /// One for each action; meaningless while the operation is not answered.
    package private(set) var results: [ActionResult] = []
    /// By rising step.
    package private(set) var deliveries: [WatchDelivery] = []
    package private(set) var ends: [SessionEnd] = []
    package private(set) var executions: [Execution] = []
    /// The last step noted.
    package private(set) var lastStep = Step(rawValue: 0)

    package init() {}

    /// A client sends a request.
    ///
    /// - Returns: its place in `operations`.
    package mutating func invoke(
        _ actions: [Action], client: UInt32, session: SessionID, replica: ReplicaID, isMulti: Bool = false,
        isSynced: Bool = false, at step: Step
    ) -> Int {
        advance(to: step)
        invariant(isMulti || actions.count == 1, "\(actions.count) actions in one request that is no multi")
        invariant(!actions.isEmpty, "an operation with no action")
        let first = self.actions.count
        self.actions.append(contentsOf: actions)
        results.append(contentsOf: repeatElement(ActionResult(), count: actions.count))
        operations.append(
            Operation(
                client: client, session: session, replica: replica, invoked: step, isMulti: isMulti,
                isSynced: isSynced, isWrite: actions.contains { $0.kind.isWrite }, actions: first..<self.actions.count))
        return operations.count - 1
    }

    /// The answer of an operation that was executed.
    package mutating func answer(_ index: Int, zxid: Zxid, _ results: [ActionResult], at step: Step) {
        invariant(results.count == operations[index].actions.count, "an answer with \(results.count) results")
        end(index, .answered, at: step)
        operations[index].zxid = zxid
        for (action, result) in zip(operations[index].actions, results) { self.results[action] = result }
    }

    /// The answer of an operation that was not executed.
    package mutating func refuse(_ index: Int, at step: Step) { end(index, .refused, at: step) }

    package mutating func note(_ delivery: WatchDelivery) {
        advance(to: delivery.step)
        deliveries.append(delivery)
    }

    package mutating func note(_ end: SessionEnd) { ends.append(end) }

    package mutating func note(_ execution: Execution) { executions.append(execution) }

    /// It was executed, and changed nothing: one of its actions failed.
    func hasFailed(_ operation: Operation) -> Bool {
        operation.outcome == .answered && operation.actions.contains { results[$0].error != .ok }
    }

    private mutating func end(_ index: Int, _ outcome: Operation.Outcome, at step: Step) {
        advance(to: step)
        invariant(operations[index].outcome == .unknown, "operation \(index) is answered twice")
        operations[index].outcome = outcome
        operations[index].responded = step
    }

    private mutating func advance(to step: Step) {
        invariant(step > lastStep && step < .never, "step \(step.rawValue) after step \(lastStep.rawValue)")
        lastStep = step
    }
}
