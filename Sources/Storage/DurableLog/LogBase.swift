package import CoreTypes

/// A snapshot that was installed: everything up to its slot comes from there and not from the log.
package struct LogBase: Hashable, Sendable {
    package var slot: Slot
    /// What the layer above wants to know of it: its name, digest, zxid.
    package var description: [UInt8]

    package init(slot: Slot, description: [UInt8]) {
        self.slot = slot
        self.description = description
    }
}
