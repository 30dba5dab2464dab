/// What stage 0 offers to tokenizer-services: arrival batches in, one report a step out.
@NullMarked
package dev.millrace.worker.grpc.pipeline;

import org.jspecify.annotations.NullMarked;
