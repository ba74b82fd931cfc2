/// Holds a directory for one opener; released when told so, or with the last reference, or with the process.
package protocol DirectoryLock: AnyObject, Sendable {
    func release()
}
