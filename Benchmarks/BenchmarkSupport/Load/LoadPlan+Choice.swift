extension LoadPlan {
    /// True for gets and sets of random keys.
    var isUniform: Bool {
        if case .uniform = choice { return true }
        return false
    }

    /// A random 32-bit number below this asks for a get.
    var readThreshold: UInt32 {
        guard case .uniform(let share) = choice else { return 0 }
        return UInt32(min(max(share, 0), 1) * Double(UInt32.max))
    }

    /// The only operation of a choice that is not random.
    var passOperation: Operation {
        switch choice {
        case .uniform, .growing: .create
        case .pass(let operation), .sweep(let operation, _): operation
        }
    }

    /// How far apart the keys of one connection are.
    var keyStride: Int {
        if case .pass = choice { return connectionCount }
        return 1
    }

    /// True when each connection works in a directory of its own.
    var hasOwnDirectories: Bool {
        switch choice {
        case .uniform, .pass: false
        case .growing, .sweep: true
        }
    }
}
