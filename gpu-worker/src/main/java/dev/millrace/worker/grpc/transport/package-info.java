/// How this worker's gRPC servers and channels are set up.
@NullMarked
package dev.millrace.worker.grpc.transport;

import org.jspecify.annotations.NullMarked;
