/// Whether the process lives and whether it can serve.
@NullMarked
package dev.millrace.gateway.health;

import org.jspecify.annotations.NullMarked;
