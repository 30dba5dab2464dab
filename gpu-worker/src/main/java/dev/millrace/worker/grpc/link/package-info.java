/// Streams between the stages of a pipeline: frames that go straight from and to off-heap memory, the hello that both
/// ends check, the dialling and the accepting end.
@NullMarked
package dev.millrace.worker.grpc.link;

import org.jspecify.annotations.NullMarked;
