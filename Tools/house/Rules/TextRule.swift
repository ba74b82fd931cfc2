/// What must not stand in any text of the repository, comments and documents included.
enum TextRule {
    private struct Pattern {
        var rule: String
        var text: [UInt8]
        var advice: String
        var startsWord = false

        init(_ rule: String, _ text: String, _ advice: String, startsWord: Bool = false) {
            self.rule = rule
            self.text = [UInt8](text.utf8)
            self.advice = advice
            self.startsWord = startsWord
        }
    }

    private static let later = "do it now, or file it where work is tracked"
    private static let machine = "name it relative to the checkout, or take it from the environment"

    /// Spelled apart, so that this file does not find itself.
    private static let patterns = [
        Pattern("later", "TO" + "DO", later, startsWord: true),
        Pattern("later", "FIX" + "ME", later, startsWord: true),
        Pattern("later", "XX" + "X", later, startsWord: true),
        Pattern("machine-path", "/wo" + "rk/", machine, startsWord: true),
        Pattern("machine-path", "/ho" + "me/", machine, startsWord: true),
        Pattern("machine-path", "/ro" + "ot/", machine, startsWord: true),
        Pattern("machine-path", "/Us" + "ers/", machine, startsWord: true),
        Pattern("machine-path", "/opt/sw" + "ift", machine, startsWord: true),
    ]

    static func check(_ file: SourceFile) -> [Finding] {
        file.bytes.withUnsafeBufferPointer { bytes in
            var findings: [Finding] = []
            var line = 1
            for index in bytes.indices {
                let byte = bytes[index]
                if byte == UInt8(ascii: "\n") { line += 1 }
                guard
                    byte == UInt8(ascii: "/") || byte == UInt8(ascii: "T") || byte == UInt8(ascii: "F")
                        || byte == UInt8(ascii: "X")
                else { continue }
                for pattern in patterns where matches(pattern, bytes, index) {
                    findings.append(Finding(path: file.path, line: line, rule: pattern.rule, advice: pattern.advice))
                }
            }
            return findings
        }
    }

    private static func matches(_ pattern: Pattern, _ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) -> Bool {
        guard index + pattern.text.count <= bytes.count, bytes[index] == pattern.text[0] else { return false }
        for distance in 1..<pattern.text.count where bytes[index + distance] != pattern.text[distance] { return false }
        let after = index + pattern.text.count
        if isWord(pattern.text[0]) && after < bytes.count && isWord(bytes[after]) { return false }
        return !(pattern.startsWord && index > 0 && isWord(bytes[index - 1]))
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "}"): true
        default: false
        }
    }
}
