package import CoreTypes

/// How bad a simulated network is. Chances are in parts of a million, for each frame.
package struct NetworkOptions: Hashable, Sendable {
    /// Microseconds that every frame takes at least.
    package var delayMicrosecondsMin: UInt64 = 50
    /// What may come on top, drawn evenly.
    package var delayMicrosecondsSpread: UInt64 = 200
    package var lossChance: UInt64 = 0
    package var duplicationChance: UInt64 = 0
    /// The frame takes a time of its own, up to ten times as long, and does not keep its place.
    package var reorderingChance: UInt64 = 0
    /// Frames that a link may have under way. A further one is lost.
    package var linkFrameCountMax = Limits.simulatedLinkFrameCountMax

    /// A good network.
    package init() {}

    /// A network drawn from a seed, on which each kind of fault may be missing altogether.
    package init(using generator: inout SplitMix64) {
        delayMicrosecondsMin = 10 + generator.next() % 500
        delayMicrosecondsSpread = generator.next() % 5_000
        lossChance = NetworkOptions.chance(50_000, &generator)
        duplicationChance = NetworkOptions.chance(50_000, &generator)
        reorderingChance = NetworkOptions.chance(100_000, &generator)
    }

    private static func chance(_ bound: UInt64, _ generator: inout SplitMix64) -> UInt64 {
        let (isThere, chance) = (generator.next() % 2 == 0, generator.next() % bound)
        return isThere ? chance : 0
    }
}
