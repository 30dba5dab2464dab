/// What the gateway counts, and what it tells Prometheus about the pipelines.
@NullMarked
package dev.millrace.gateway.metrics;

import org.jspecify.annotations.NullMarked;
