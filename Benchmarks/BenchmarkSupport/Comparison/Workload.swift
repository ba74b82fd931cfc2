/// What is asked of a server, and in which shape: `set/16x8` is sets over 16 connections with 8 in flight each,
/// `set/16x8/1024` the same with values of 1024 bytes.
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
    /// The size of a value; nil for the size that the run gives to all workloads.
    package var valueByteCount: Int?

    package init(_ kind: Kind, _ connectionCount: Int, _ outstandingCount: Int, valueByteCount: Int? = nil) {
        self.kind = kind
        self.connectionCount = connectionCount
        self.outstandingCount = outstandingCount
        self.valueByteCount = valueByteCount
    }

    /// Reads `set/16x8` and `set/16x8/1024`, as `description` writes it.
    package init(parsing text: String) throws {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let shape = (parts.dropFirst().first ?? "").split(separator: "x")
        let size = parts.count == 3 ? Int(parts[2]) : nil
        guard 2...3 ~= parts.count, parts.count == 2 || 8...1_000_000 ~= size ?? 0,
            let kind = Kind(rawValue: String(parts[0])), shape.count == 2,
            let connections = Int(shape[0]), let outstanding = Int(shape[1]), 1...10_000 ~= connections,
            1...10_000 ~= outstanding
        else {
            let kinds = Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw BenchmarkError(
                "'\(text)' is not a workload: write KIND/CONNECTIONSxOUTSTANDING, or the same with /BYTES of a value (8"
                    + " to 1,000,000) behind it, with a kind of \(kinds), for example set/16x8 or set/16x8/1024")
        }
        self.init(kind, connections, outstanding, valueByteCount: size)
    }

    package var description: String {
        "\(kind.rawValue)/\(connectionCount)x\(outstandingCount)\(valueByteCount.map { "/\($0)" } ?? "")"
    }

    /// What is run when nothing is asked for: the rows of the design's table for one server.
    package static let canonical = [
        Workload(.set, 1, 1), Workload(.set, 16, 8), Workload(.set, 64, 32), Workload(.get, 16, 8),
        Workload(.mixed, 16, 8), Workload(.create, 16, 8),
    ]

    /// What is run on a cluster when nothing is asked for: small and large sets, gets and both, in three shapes.
    package static let canonicalOfCluster = [(1, 1), (16, 8), (64, 32)].flatMap { connections, outstanding in
        [
            Workload(.set, connections, outstanding), Workload(.set, connections, outstanding, valueByteCount: 1024),
            Workload(.get, connections, outstanding), Workload(.mixed, connections, outstanding),
        ]
    }

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
