/// What is asked of a server, and in which shape: `set 16x8` is sets over 16 connections with 8 in flight each.
package struct Workload: Sendable, Equatable, CustomStringConvertible {
    package enum Kind: String, Sendable, CaseIterable {
        case set, get
        /// Nine gets to one set.
        case mixed
        case create
    }

    package var kind: Kind
    package var connectionCount: Int
    package var outstandingCount: Int

    package init(_ kind: Kind, _ connectionCount: Int, _ outstandingCount: Int) {
        self.kind = kind
        self.connectionCount = connectionCount
        self.outstandingCount = outstandingCount
    }

    /// Reads `set/16x8`, as `description` writes it.
    package init(parsing text: String) throws {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let shape = (parts.last ?? "").split(separator: "x")
        guard parts.count == 2, let kind = Kind(rawValue: String(parts[0])), shape.count == 2,
            let connections = Int(shape[0]), let outstanding = Int(shape[1]), 1...10_000 ~= connections,
            1...10_000 ~= outstanding
        else {
            let kinds = Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw BenchmarkError(
                "'\(text)' is not a workload: write KIND/CONNECTIONSxOUTSTANDING with a kind of \(kinds), for example"
                    + " set/16x8")
        }
        self.init(kind, connections, outstanding)
    }

    package var description: String { "\(kind.rawValue)/\(connectionCount)x\(outstandingCount)" }

    /// What is run when nothing is asked for: the rows of the design's table for one server.
    package static let canonical = [
        Workload(.set, 1, 1), Workload(.set, 16, 8), Workload(.set, 64, 32), Workload(.get, 16, 8),
        Workload(.mixed, 16, 8), Workload(.create, 16, 8),
    ]

    /// The generator's plan for it.
    func plan(addresses: [ServerAddress], keySpace: KeySpace) throws -> LoadPlan {
        let choice: LoadPlan.Choice =
            switch kind {
            case .set: .uniform(readShare: 0)
            case .get: .uniform(readShare: 1)
            case .mixed: .uniform(readShare: 0.9)
            case .create: .growing
            }
        let space =
            kind == .create
            ? try KeySpace(root: "bench-new", keyCount: KeySpace.keyCountMax, depth: max(3, keySpace.depth)) : keySpace
        var plan = LoadPlan(addresses: addresses, keySpace: space, choice: choice)
        plan.connectionCount = connectionCount
        plan.outstandingCount = outstandingCount
        return plan
    }
}
