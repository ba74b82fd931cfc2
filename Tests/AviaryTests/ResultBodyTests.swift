import CoreTypes
import Testing
import ZooKeeperWire

@testable import Aviary

@Suite("Bodies of results")
struct ResultBodyTests {
    @Test("bytes come back as they were, whether they fit inside or not", arguments: [0, 1, 68, 72, 73, 5_000])
    func roundTrip(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 1) }
        let body = ResultBody(copying: bytes.span.bytes)
        let copy = [UInt8](copying: body.bytes)
        #expect(copy == bytes)
    }
}
