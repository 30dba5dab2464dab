@NullMarked
package dev.millrace.worker.grpc.pipeline;

import org.jspecify.annotations.NullMarked;
