import Testing

@testable import house

@Suite struct SendableRuleTests {
    @Test(
        "unchecked without a reason above is a finding",
        arguments: [
            "final class Log: @unchecked Sendable {}",
            "/// Holds the log.\nfinal class Log: @unchecked Sendable {}",
            "// Guarded by its lock.\nlet a = 1\n\nfinal class Log: @unchecked Sendable {}",
        ])
    func fires(text: String) {
        #expect(rules(storageFile, text) == ["sendable"])
    }

    @Test(
        "a comment above that names the lock or the thread is enough",
        arguments: [
            "/// Guarded by its lock.\nfinal class Log: @unchecked Sendable {}",
            "/// The log.\n///\n/// Confined to the writer's thread.\n@safe\npackage final class Log: @unchecked Sendable {}",
            "// Immutable once frozen.\nextension Log:\n    @unchecked Sendable\n{}",
            "final class Log: Sendable {}",
        ])
    func silent(text: String) {
        #expect(rules(storageFile, text) == [])
    }
}
