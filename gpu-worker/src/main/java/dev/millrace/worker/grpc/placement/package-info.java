/// The worker's stream to the tokenizer-service: who this worker is, what it is ordered to hold, how its stage is.
@NullMarked
package dev.millrace.worker.grpc.placement;

import org.jspecify.annotations.NullMarked;
