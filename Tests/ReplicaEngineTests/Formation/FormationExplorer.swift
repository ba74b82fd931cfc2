/// Goes through every state that a `FormationWorld` can reach, once.
struct FormationExplorer {
    /// States seen, and those of them in which nothing more happens without a fault.
    private(set) var stateCount = 0
    private(set) var restCount = 0
    /// The first flaw, and the actions that lead to it.
    private(set) var flaw: String?

    init(_ start: FormationWorld, stateCountMax: Int = 2_000_000) {
        var seen: Set<Fingerprint> = [start.fingerprint]
        var stack = [start]
        while let world = stack.popLast(), flaw == nil {
            stateCount += 1
            if stateCount > stateCountMax { flaw = "more than \(stateCountMax) states" }
            let actions = world.actions
            if actions.isEmpty {
                restCount += 1
                flaw = world.flawAtRest
            }
            for action in actions + world.faults {
                var next = world
                next.take(action)
                if !next.violation.isEmpty { flaw = next.violation }
                if seen.insert(next.fingerprint).inserted { stack.append(next) }
            }
        }
    }
}
