import CoreTypes

/// What a replica's clocks show now, for code that asks a clock instead of being told.
// The world sets it before it calls the engine, and the engine asks within that call, all on one thread.
final class ClockFace: @unchecked Sendable {
    var tick = Tick(rawValue: 0)
    var wall = WallClockTime(rawValue: 0)
}
