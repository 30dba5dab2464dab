package dev.millrace.tokenizer.placement;

import dev.millrace.proto.v1.StageOrder;
import io.grpc.Status;

/// The stream to a registered worker; used on the service loop only.
interface WorkerConnection {
    /// Sends an order; nothing happens once the stream has ended.
    void send(StageOrder order);

    /// Ends the stream.
    void close(Status status);
}
