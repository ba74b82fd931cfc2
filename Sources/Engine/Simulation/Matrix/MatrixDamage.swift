import PosixIO
import SystemPackage

/// Something that is wrong with one disk of a history.
struct MatrixDamage: CustomStringConvertible {
    enum Kind {
        /// Bits of one byte are flipped.
        case flip(offset: UInt64, mask: UInt8)
        /// Other bytes stand there.
        case overwrite(offset: UInt64, bytes: [UInt8])
        /// The disk does not give these bytes.
        case unreadable(Range<UInt64>)
        /// The file is not there.
        case missing
        /// The file has no bytes.
        case emptied
    }

    /// The replica, from 0.
    var place: Int
    var path: FilePath
    var kind: Kind
    /// What was aimed at.
    var target: String

    /// The bytes of the file that are not what they were.
    var touched: Range<UInt64> {
        switch kind {
        case .flip(let offset, _): offset..<(offset + 1)
        case .overwrite(let offset, let bytes): offset..<(offset + UInt64(bytes.count))
        case .unreadable(let range): range
        case .missing, .emptied: 0..<UInt64.max
        }
    }

    var description: String {
        let what =
            switch kind {
            case .flip(let offset, let mask): "bits \(mask) of byte \(offset) flipped"
            case .overwrite(let offset, let bytes): "\(bytes.count) bytes from \(offset) overwritten"
            case .unreadable(let range): "bytes \(range.lowerBound) to \(range.upperBound - 1) unreadable"
            case .missing: "missing"
            case .emptied: "emptied"
            }
        return "replica \(place + 1), \(target), \(path): \(what)"
    }

    /// Damages the disk of a replica whose process is dead.
    static func apply(_ damages: [MatrixDamage], to replica: MatrixReplica) {
        var image = replica.disk.image
        var faults: [FaultInjection] = []
        for damage in damages {
            switch damage.kind {
            case .flip(let offset, let mask): image.damage(damage.path, at: offset, flipping: mask)
            case .overwrite(let offset, let bytes): image.overwrite(damage.path, at: offset, with: bytes)
            case .unreadable(let range):
                faults.append(
                    FaultInjection(
                        .read, errno: .ioError, isPersistent: true, pathPart: damage.path.string, offsets: range))
            case .missing: image.lose(damage.path)
            case .emptied: image.empty(damage.path)
            }
        }
        replica.disk = MemoryFileSystem(image: image)
        replica.disk.inject(faults)
    }
}
