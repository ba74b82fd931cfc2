import CoreTypes
import Testing
import ZooKeeperWire

@testable import ZnodeTree

@Suite("Proposals of any bytes")
struct ProposalFuzzTests {
    /// Proposals with some of their bytes changed, cut off or doubled.
    private func damaged(_ proposal: [UInt8], using random: inout SplitMix64) -> [UInt8] {
        var bytes = proposal
        for _ in 0..<Int.random(in: 0...3, using: &random) where bytes.count > 16 {
            let index = Int.random(in: 4..<bytes.count, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes[index] = UInt8(random.next() & 0xFF)
            case 1: bytes[index] ^= 1 << UInt8(random.next() & 7)
            case 2: bytes[index] = 0xFF
            case 3: bytes.removeSubrange(index..<min(index + 3, bytes.count))
            default: bytes.insert(contentsOf: bytes[index..<min(index + 5, bytes.count)], at: index)
            }
        }
        if Int.random(in: 0..<20, using: &random) == 0 { bytes.removeLast(bytes.count / 2) }
        return bytes
    }

    @Test(
        "no proposal makes apply trap, nor prefetch, and two trees agree on whatever it does", arguments: [31, 32, 33])
    func fuzz(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let source = try ModelComparison(seed: seed)
        for _ in 0..<400 { try source.step() }
        let trees = [try ZnodeTree(base: ModelZnodeBase()), try ZnodeTree(base: ModelZnodeBase())]
        let outputs = [ApplyOutput(), ApplyOutput()]
        var executed = 0
        for proposal in source.proposals {
            let bytes = damaged(proposal, using: &random)
            let next = trees[0].prefetch(bytes.span.bytes, count: 2).next
            trees[0].prefetch(bytes.span.bytes, from: next)
            // Wherever one is told to begin.
            trees[0].prefetch(bytes.span.bytes, from: Int.random(in: 0...bytes.count + 9, using: &random))
            for (tree, output) in zip(trees, outputs) {
                output.removeAll()
                try tree.apply(slot: tree.appliedSlot.next, proposal: bytes.span.bytes, into: output)
            }
            executed += outputs[0].executedCount
            let bodies = outputs.map { output in ZnodeTreeTestBytes.of(output.bytes) }
            guard bodies[0] == bodies[1] else {
                Issue.record("seed \(seed): different results")
                return
            }
        }
        #expect(trees[0].digest() == trees[1].digest() && trees[0].lastZxid == trees[1].lastZxid, "seed \(seed)")
        #expect(executed > 50, "seed \(seed): the damage left nothing to execute")
    }

    @Test("no body of any operation makes apply trap", arguments: [41, 42])
    func bodies(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let driver = try TreeDriver()
        try driver.open()
        let operations: [OpCode] = [
            .create, .create2, .createTTL, .createContainer, .delete, .setData, .setACL, .multi, .check, .sync,
        ]
        for _ in 0..<2_000 {
            let operation = operations[Int.random(in: 0..<operations.count, using: &random)]
            let result = try driver.run(operation) { body in
                let command = ModelCommand.random(using: &random)
                let bytes = damaged([UInt8](repeating: 0, count: 4) + ZnodeTreeTestBytes.of(command), using: &random)
                body.append(Array(bytes.dropFirst(4)).span.bytes)
            }
            guard result?.outcome == .executed else {
                Issue.record("seed \(seed): \(operation) has no result")
                return
            }
        }
    }

    @Test("a proposal that is no proposal is applied as nothing")
    func empty() throws {
        let tree = try ZnodeTree(base: ModelZnodeBase())
        let before = tree.digest()
        let output = ApplyOutput()
        for count in 0..<20 {
            let zeros = [UInt8](repeating: 0xEE, count: count)
            try tree.apply(slot: tree.appliedSlot.next, proposal: zeros.span.bytes, into: output)
        }
        #expect(tree.digest() == before && tree.lastZxid == .zero && output.results.isEmpty)
        #expect(tree.appliedSlot == Slot(rawValue: 20))
    }
}

enum ZnodeTreeTestBytes {
    static func of(_ command: ModelCommand) -> [UInt8] { bytes(command.encode) }

    static func of(_ builder: ByteBuilder) -> [UInt8] { [UInt8](copying: builder.bytes) }
}
