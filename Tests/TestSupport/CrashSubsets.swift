internal import CoreTypes
package import PosixIO

/// The crashes that are tried for one moment of a disk.
///
/// Up to eight unsynced changes: every subset. Above: every prefix, every single loss, and seeded subsets. And every
/// block alone torn in a few ways, with everything before it kept.
package func crashes(of image: DiskImage, seed: UInt64, seededCount: Int = 12) -> [DiskImage] {
    let changes = image.unsyncedChanges
    let count = changes.count
    var states: [DiskImage] = []
    if count <= 8 {
        for subset in 0..<(1 << count) { states.append(image.crashed { subset & (1 << $0) != 0 ? .kept : .lost }) }
    } else {
        for length in 0...count { states.append(image.crashed { $0 < length ? .kept : .lost }) }
        for lost in 0..<count { states.append(image.crashed { $0 == lost ? .lost : .kept }) }
        var random = SplitMix64(seed: seed)
        for _ in 0..<seededCount {
            let kept = (0..<count).map { _ in random.next() & 1 == 0 }
            states.append(image.crashed { kept[$0] ? .kept : .lost })
        }
    }
    for torn in changes.indices.prefix(8) {
        guard case .block = changes[torn].kind else { continue }
        for sectors in [0x01, 0x0F, 0xFE, 0x80] as [UInt8] {
            states.append(image.crashed { $0 < torn ? .kept : $0 == torn ? .torn(sectors: sectors) : .lost })
        }
    }
    return states
}
