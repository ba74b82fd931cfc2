import Testing

@testable import house

@Suite struct BanRuleTests {
    @Test(
        "each ban fires where it holds",
        arguments: [
            (storageFile, "let now = Date()", "clock"),
            (storageFile, "func write(_ bytes: Data)", "foundation"),
            (facadeFile, "DispatchQueue.main.async(work)", "dispatch"),
            (toolFile, "let die = Int.random(in: 1...6)", "random"),
            (toolFile, "let side = Bool.random()", "random"),
            (testFile, "let order = all.shuffled()", "random"),
            (testFile, "all.shuffle()", "random"),
            (testFile, "all.randomElement()", "random"),
            (coreFile, "var generator = SystemRandomNumberGenerator()", "random"),
            (coreFile, "var all = Set<Slot>()", "hashed-order"),
            (coreFile, "var all = Dictionary(grouping: nodes, by: name)", "hashed-order"),
            (coreFile, "var all: [Slot: Entry]", "hashed-order"),
            (coreFile, "var all: [Log.Slot: [Entry]]", "hashed-order"),
            (coreFile, "var all = make([:])", "hashed-order"),
            (networkFile, "Task { await run() }", "task"),
            (networkFile, "Task.detached { await run() }", "task"),
            (networkFile, "Task(priority: .low) { await run() }", "task"),
            (toolFile, "let x = try! open()", "force"),
            (toolFile, "let x = y as! Int", "force"),
            (toolFile, "let x = names.first!", "force"),
            (toolFile, "let x = names[0]!.count", "force"),
            (toolFile, "let x = make()!", "force"),
            (toolFile, "var x: Int!", "force"),
            (storageFile, "precondition(count > 0)", "invariant"),
            (facadeFile, "preconditionFailure()", "invariant"),
            (networkFile, "nonisolated(unsafe) var state = 0", "isolation"),
            (storageFile, "@preconcurrency import SystemPackage", "isolation"),
            (storageFile, "public struct Segment {}", "access"),
            (facadeFile, "public open class Store {}", "access"),
            (testFile, "sleep(1)", "sleep"),
            (testFile, "try await Task.sleep(for: .seconds(1))", "sleep"),
            ("Package.swift", "let all: [SwiftSetting] = [.unsafeFlags(flags)]", "flags"),
            ("Package.swift", "let flag = \"-O" + "unchecked\"", "flags"),
        ])
    func fires(path: String, text: String, rule: String) {
        #expect(rules(path, text) == [rule])
    }

    @Test(
        "none fires where it does not hold",
        arguments: [
            (toolFile, "let now = Date()\nlet bytes: Data = read()\nTask { await run() }"),
            (testFile, "let die = Int.random(in: 1...6, using: &generator)\nall.shuffle(using: &generator)"),
            (testFile, "#expect(all.contains { $0 != 1 })\nlet flag = !ready && !done(x) || a != b"),
            (toolFile, "let choice = Choice.random(readShare: 1)\nlet key = random()"),
            (coreFile, "let value = table[slot: Slot(1)]\nlet child = all[first: 2]\nswitch x { case .Data: break }"),
            (coreFile, "// Dictionary, Date(), try! and precondition( are words here\nlet text = \"Task { try! }\""),
            (storageFile, "package struct Segment {}\nlet x = open(name) as? Int"),
            (networkFile, "@preconcurrency import NIOCore"),
            (storageFile, "let all: [Slot: Entry] = [:]"),
            ("Sources/Network/ZooKeeperClient/Client.swift", "public struct Client {}"),
            (facadeFile, "public struct Store {}\nlet task = Task { await run() }"),
            (coreFile, "init!(name: String) {}"),
        ])
    func silent(path: String, text: String) {
        #expect(rules(path, text) == [])
    }

    @Test("a finding names the file, the line, and what to do instead")
    func form() {
        let findings = BanRule.check(SwiftSource(SourceFile(storageFile, "let a = 1\nlet now = Date()\n")))
        #expect(
            findings.map(\.description) == [
                "\(storageFile):2: clock: pass time in: a Tick, or the leader's WallClockTime"
            ])
    }
}
