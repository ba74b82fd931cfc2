import Glibc

/// A POSIX thread that runs one closure to its end and must be joined.
final class WorkerThread {
    private final class Body {
        let run: () -> Void
        init(_ run: @escaping () -> Void) { self.run = run }
    }

    private var thread = pthread_t()

    init(_ run: @escaping () -> Void) throws {
        let body = Unmanaged.passRetained(Body(run))
        let code = pthread_create(&thread, nil, { WorkerThread.enter($0) }, body.toOpaque())
        guard code == 0 else {
            body.release()
            throw BenchmarkError.system("pthread_create", "", code: code)
        }
    }

    private static func enter(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        if let argument { Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
        return nil
    }

    /// Waits for the closure to return.
    func join() { pthread_join(thread, nil) }
}
