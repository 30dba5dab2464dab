/// The edges of the worker: gRPC services, stage links, registration. The only package beside config that sees gRPC and
/// proto types.
@NullMarked
package dev.millrace.worker.grpc;

import org.jspecify.annotations.NullMarked;
