import CoreTypes
import NIOCore
import PeerWire

/// From bytes to bodies and back, once the peer is known.
extension PeerConnection {
    /// Delivers every whole frame.
    ///
    /// - Returns: how many bytes were used up; all of them if the connection ended.
    func takeFrames(_ bytes: RawSpan) -> Int {
        guard let identity = facts?.identity, let delegate = transport.delegate else { return bytes.byteCount }
        var offset = 0
        while bytes.byteCount - offset >= FrameHeader.byteCount {
            let header = FrameHeader(bytes, at: offset)
            guard header.isPlausible else {
                end(.badLength(header.bodyByteCount))
                return bytes.byteCount
            }
            let start = offset + FrameHeader.byteCount
            guard bytes.byteCount - start >= header.bodyByteCount else { break }
            offset = start + header.bodyByteCount
            let body = bytes.extracting(start..<offset)
            guard FrameHeader.checksum(of: body, number: receivedFrames) == header.checksum else {
                end(.badChecksum)
                return bytes.byteCount
            }
            receivedFrames += 1
            transport.counters.receivedFrames += 1
            hasDelivered = true
            do throws(PeerWireError) {
                try delegate.peerReceived(body, from: identity)
            } catch {
                end(.badBody(error))
            }
            guard phase == .established else { return bytes.byteCount }
        }
        return offset
    }

    /// Adds a frame to what leaves with the next flush.
    ///
    /// - Returns: false if there was no room for it, and the connection is gone.
    func append(_ body: RawSpan) -> Bool {
        invariant(body.byteCount <= Limits.peerBodyByteCountMax, "a message of \(body.byteCount) bytes")
        let waiting = output.readableBytes + (isBlocked ? handedByteCount : 0)
        guard waiting + FrameHeader.byteCount + body.byteCount <= transport.options.queueByteCountMax else {
            end(.queueFull(byteCount: waiting))
            return false
        }
        output.writeFrame(body, number: sentFrames)
        sentFrames += 1
        return true
    }

    /// Output leaves because somebody waits for it.
    func noteFlush(at now: Int64) {
        flushInterval = now - flushedAt
        flushedAt = now
    }

    /// Whether output leaves in such quick succession that more of it is likely to come soon.
    func isBusy(at now: Int64) -> Bool {
        let most = Int64(transport.options.unhurriedMicroseconds) * 1_000
        return flushInterval < most && now - flushedAt < most
    }

    /// The channel has not yet written what it was given.
    private var isBlocked: Bool { context?.channel.isWritable == false }

    /// Gives the channel what is to be sent, in one piece, if it has written what it was given before; otherwise that
    /// happens as soon as it has. So at most two buffers hold what a peer does not read.
    func writeOutput() {
        guard phase != .ended, !isHeld, output.readableBytes > 0, let context, context.channel.isWritable else {
            return
        }
        var buffer = output
        handedByteCount = buffer.readableBytes
        transport.counters.sentByteCount += UInt64(handedByteCount)
        output = ByteBuffer()
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
        // What was written whole can be used again.
        if phase != .ended, !isBlocked, output.readableBytes == 0, buffer.capacity <= PeerConnection.keptByteCountMax {
            buffer.clear()
            output = buffer
        }
    }

    /// A larger buffer is given back once it was written.
    private static let keptByteCountMax = 1_048_576
}
