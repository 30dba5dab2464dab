/// The way to the tokenizer-service; the only package that knows gRPC.
@NullMarked
package dev.millrace.gateway.generation;

import org.jspecify.annotations.NullMarked;
