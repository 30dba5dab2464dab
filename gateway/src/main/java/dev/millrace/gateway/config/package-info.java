/// Settings and wiring.
@NullMarked
package dev.millrace.gateway.config;

import org.jspecify.annotations.NullMarked;
