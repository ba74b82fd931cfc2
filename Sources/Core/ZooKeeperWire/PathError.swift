/// Why bytes are not the path of a znode. Every reason is answered with BADARGUMENTS.
package struct PathError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Reason: Equatable, Sendable {
        case empty
        case notAbsolute
        case endsInSlash
        case emptyComponent
        case dotComponent
        case forbiddenCharacter
        case notUTF8
        case tooLong
        case tooDeep
    }

    package var reason: Reason

    /// Where in the path, in bytes.
    package var offset: Int

    @inlinable
    package init(_ reason: Reason, at offset: Int = 0) {
        self.reason = reason
        self.offset = offset
    }

    package var description: String {
        switch reason {
        case .empty: "the path is empty; the root is \"/\""
        case .notAbsolute: "the path does not begin with \"/\""
        case .endsInSlash: "the path ends in \"/\""
        case .emptyComponent: "the path has an empty component at byte \(offset)"
        case .dotComponent: "the path has a component \".\" or \"..\" at byte \(offset)"
        case .forbiddenCharacter: "the path has a character that is not allowed at byte \(offset)"
        case .notUTF8: "the path is not UTF-8 at byte \(offset)"
        case .tooLong: "the path is longer than the limit"
        case .tooDeep: "the path has more components than the limit"
        }
    }
}
