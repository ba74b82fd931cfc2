import CoreTypes

/// Draws what clients do: few znodes, so that they meet, and every kind of operation.
struct Workload {
    private var generator: SplitMix64
    private let plan: WorldPlan
    /// Every number is written once.
    private var contentCount: UInt64 = 0

    private static let tops = ["/a", "/b", "/q"]

    init(seed: UInt64, plan: WorldPlan) {
        generator = SplitMix64(seed: seed)
        self.plan = plan
    }

    /// What a client does next.
    enum Choice {
        case write(isMulti: Bool)
        case read(isSynced: Bool)
        case close
        case move
        /// It stays away until its session is over.
        case vanish
        case nothing
    }

    mutating func choose() -> Choice {
        switch generator.next() % 400 {
        case 0..<130: .write(isMulti: false)
        case 130..<160: .write(isMulti: true)
        case 160..<300: .read(isSynced: false)
        case 300..<350: .read(isSynced: true)
        case 350: .close
        case 351..<359: .move
        case 359: .vanish
        default: .nothing
        }
    }

    mutating func place(among count: Int) -> Int { generator.index(count) }
    mutating func wait() -> UInt64 { generator.around(plan.clientMicroseconds) }
    mutating func padding() -> Int { generator.index(plan.paddingByteCountMax + 1) }
    mutating func password() -> SessionPasswordBits { (generator.next(), generator.next()) }
    typealias SessionPasswordBits = (high: UInt64, low: UInt64)

    /// A znode that somebody else may be at, too.
    private mutating func path(_ paths: inout PathTable, _ made: [PathID]) -> PathID {
        if let last = made.last, generator.oneIn(6) { return last }
        let top = Self.tops[generator.index(Self.tops.count)]
        switch generator.next() % 10 {
        case 0..<2: return paths.number(of: top)
        case 2: return paths.number(of: "\(top)/1/x")
        default: return paths.number(of: "\(top)/\(1 + generator.next() % 4)")
        }
    }

    private mutating func version() -> Int32 { generator.oneIn(4) ? Int32(generator.next() % 4) : -1 }

    private mutating func content() -> UInt64 {
        contentCount += 1
        return contentCount
    }

    /// A write.
    ///
    /// - Parameter made: znodes whose names the client learned.
    mutating func write(isMulti: Bool, _ paths: inout PathTable, _ made: [PathID]) -> [Action] {
        guard isMulti else { return [single(&paths, made, mayCheck: false)] }
        return (0..<(1 + generator.index(3))).map { _ in single(&paths, made, mayCheck: true) }
    }

    private mutating func single(_ paths: inout PathTable, _ made: [PathID], mayCheck: Bool) -> Action {
        let path = path(&paths, made)
        switch generator.next() % 100 {
        case 0..<32: return Action(.create, path, content: content(), isEphemeral: generator.oneIn(4))
        case 32..<42 where !mayCheck:
            let path = paths.number(of: "/q/n-")
            return Action(
                .create, path, content: content(), isEphemeral: generator.oneIn(3), isSequential: true)
        case 42..<60: return Action(.delete, path, version: version())
        case 60..<70 where mayCheck: return Action(.check, path, version: version())
        default: return Action(.set, path, version: version(), content: content())
        }
    }

    /// A read; one that is synced sets no watch.
    mutating func read(isSynced: Bool, _ paths: inout PathTable, _ made: [PathID]) -> Action {
        let path = path(&paths, made)
        let setsWatch = !isSynced && generator.oneIn(3)
        switch generator.next() % 4 {
        case 0: return Action(.exists, path, setsWatch: setsWatch)
        case 1: return Action(.children, paths.parent(of: path), setsWatch: setsWatch)
        default: return Action(.get, path, setsWatch: setsWatch)
        }
    }
}
