/// What to do about damage to what may have been acknowledged.
package enum RecoveryPolicy: Sendable, CaseIterable {
    /// No other replica has a copy: damage that was acknowledged for certain refuses to open, and a last group that is
    /// damaged after its header is cut and reported.
    case alone
    /// Other replicas have copies: damaged slots are reported as faulty, and nothing that could be repaired is cut.
    case cluster
}
