/// A tokenizer-service that the gateway's tests can steer.
@NullMarked
package dev.millrace.gateway.fake;

import org.jspecify.annotations.NullMarked;
