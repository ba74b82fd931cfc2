/// A run of tokens that must not stand in certain code, and what to write in its place.
struct Ban {
    var rule: String
    /// The texts of consecutive tokens.
    var texts: [String]
    var advice: String
    var applies: @Sendable (Zone) -> Bool
    /// Looked at when the texts match; the index is that of the first of them.
    var condition: @Sendable (SwiftSource, Int) -> Bool

    init(
        _ rule: String, _ texts: [String], _ advice: String,
        in applies: @escaping @Sendable (Zone) -> Bool = { _ in true },
        when condition: @escaping @Sendable (SwiftSource, Int) -> Bool = { _, _ in true }
    ) {
        self.rule = rule
        self.texts = texts
        self.advice = advice
        self.applies = applies
        self.condition = condition
    }
}

extension Ban {
    private static let inside: @Sendable (Zone) -> Bool = { $0.isInside }
    private static let core: @Sendable (Zone) -> Bool = { $0.layer == .core }
    private static let tests: @Sendable (Zone) -> Bool = { $0.layer == .test }
    private static let library: @Sendable (Zone) -> Bool = { $0.isInside || $0.layer == .facade }
    private static let outsideNetwork: @Sendable (Zone) -> Bool = { $0.layer != .network }
    private static let outsideFacade: @Sendable (Zone) -> Bool = { $0.isInside && $0.module != "ZooKeeperClient" }

    /// No argument label `using` in the parentheses that open at the last matched token.
    private static func lacksGenerator(_ distance: Int) -> @Sendable (SwiftSource, Int) -> Bool {
        { source, index in
            let open = index + distance
            let end = source.indexAfterClosing(open)
            return !source.tokens[open..<end].contains { $0.text == "using" }
        }
    }

    /// A type or a value is meant, not a member of something, a label or a declaration.
    private static let standsAlone: @Sendable (SwiftSource, Int) -> Bool = { source, index in
        let before = source.token(index - 1).text
        return before != "." && before != "func" && before != "case" && source.token(index + 1).text != ":"
    }

    static let all: [Ban] = [
        Ban("clock", ["Date", "("], "pass time in: a Tick, or the leader's WallClockTime", in: inside),
        Ban("foundation", ["Data"], "use RawSpan, ByteBuilder or [UInt8]", in: inside, when: standsAlone),
        Ban("dispatch", ["DispatchQueue"], "use the driver's thread, or DedicatedThread of PosixIO", in: library),
        Ban("random", ["random", "(", "in", ":"], "pass a generator: random(in:using:)", when: lacksGenerator(1)),
        Ban("random", ["Bool", ".", "random", "("], "pass a generator: random(using:)", when: lacksGenerator(3)),
        Ban("random", ["shuffled", "("], "pass a generator: shuffled(using:)", when: lacksGenerator(1)),
        Ban("random", ["shuffle", "("], "pass a generator: shuffle(using:)", when: lacksGenerator(1)),
        Ban("random", ["randomElement", "("], "pass a generator: randomElement(using:)", when: lacksGenerator(1)),
        Ban("random", ["SystemRandomNumberGenerator"], "randomness is an input of the core", in: core),
        Ban("hashed-order", ["Dictionary"], "use a sorted array or a table of your own", in: core, when: standsAlone),
        Ban("hashed-order", ["Set"], "use a sorted array or a table of your own", in: core, when: standsAlone),
        Ban("task", ["Task", "{"], "async is for the facade and the tools; use the driver's thread", in: inside),
        Ban("task", ["Task", "("], "async is for the facade and the tools; use the driver's thread", in: inside),
        Ban("task", ["Task", "."], "async is for the facade and the tools; use the driver's thread", in: inside),
        Ban("force", ["try", "!"], "handle the error, or let it through with try"),
        Ban("force", ["as", "!"], "use as? and say what to do otherwise"),
        Ban(
            "invariant", ["precondition", "("], "use invariant(_:_:): precondition is silent in optimised builds",
            in: library),
        Ban(
            "invariant", ["preconditionFailure", "("], "use invariant(false, ...), which says what broke", in: library),
        Ban("isolation", ["nonisolated", "(", "unsafe", ")"], "give the state an owner, a Mutex or an Atomic"),
        Ban("isolation", ["@", "preconcurrency"], "wait for the library, or wrap it in Network", in: outsideNetwork),
        Ban("access", ["public"], "use package: public is for the facade and the client library", in: outsideFacade),
        Ban("access", ["open", "class"], "make the class final"),
        Ban("sleep", ["sleep", "("], "wait for the event itself; a test that sleeps is a bug", in: tests),
        Ban("sleep", ["usleep", "("], "wait for the event itself; a test that sleeps is a bug", in: tests),
        Ban("sleep", ["nanosleep", "("], "wait for the event itself; a test that sleeps is a bug", in: tests),
        Ban("flags", ["unsafeFlags"], "use the named build settings: unsafe flags hide what is compiled"),
    ]
}
